"""kafka-python told to speak as it would to old brokers: it then never asks for versions."""

from __future__ import annotations

from ..clients.kafka_python import KafkaPython
from ..record import Record, samples, without_timestamps
from ..suite import Suite, each

# What a client may believe of us. From 1.0 on it speaks versions that Apache Kafka 4 still serves.
TOO_OLD = [(0, 10, 1), (0, 11)]
BELIEFS = [(1, 0), (2, 0), (2, 5)]


class OldClients(Suite):
    """A pinned version skips the probing that other suites go through."""

    part = "old_clients"

    @each("belief", BELIEFS)
    def test_produces_and_consumes(self, belief):
        client = KafkaPython(self.broker.bootstrap, belief)
        self.addCleanup(client.close)
        topic = self.unique()
        client.create_topic(topic, 2)
        sent = samples(client.can)
        for codec in ("none", "gzip", "snappy", "lz4"):
            client.produce(topic, sent, codec=codec, partition=1)
        read = client.consume(topic, 4 * len(sent), partition=1)
        self.assertEqual(read, sent * 4)
        self.assertEqual(client.topics()[topic], 2)

    @each("belief", TOO_OLD)
    def test_too_old_to_fetch_but_sees_topics_and_offsets(self, belief):
        """Fetch before version 4 is gone since Kafka 4.0; metadata and offsets still come."""
        client = KafkaPython(self.broker.bootstrap, belief)
        self.addCleanup(client.close)
        topic = self.unique()
        KafkaPython(self.broker.bootstrap).create_topic(topic, 3)
        self.assertEqual(client.topics()[topic], 3)
        self.assertEqual(client.offsets(topic), (0, 0))

    def test_the_probe_finds_a_version(self):
        """Without a pinned version it sends ApiVersions v0 and Metadata v0 and takes a guess."""
        client = KafkaPython(self.broker.bootstrap)
        self.addCleanup(client.close)
        self.assertGreaterEqual(client.admin.config["api_version"], (2, 4))
        topic = self.unique()
        client.create_topic(topic)
        client.produce(topic, [Record(b"x")])
        self.assertEqual(without_timestamps(client.consume(topic, 1)), [Record(b"x")])


SUITES = [OldClients]
