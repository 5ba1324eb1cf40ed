"""Client quotas as librdkafka meets them: told to pause, held back, and nothing lost (KIP-13, KIP-219)."""

from __future__ import annotations

import confluent_kafka as ck

from ..clients.barnabas import Barnabas
from ..clients.confluent import Confluent
from ..suite import Suite, limit

RATE = 20_000
BEYOND = 300  # records of 1000 bytes: more than eleven windows of a second may save up


class Quotas(Suite):
    """What a client has been told is what its throttle callback heard; who has no quota is told nothing."""

    part = "quotas"

    def setUp(self) -> None:
        self.cli = Barnabas(self.broker.bootstrap)
        self.topic = self.unique()
        Confluent(self.broker.bootstrap).create_topic(self.topic)
        self.told: list[float] = []

    def hold(self, client: str, quota: str) -> None:
        """Gives a client id a quota for as long as the test takes."""
        self.cli.run("quota", "set", "--client-id", client, f"{quota}={RATE}")
        self.addCleanup(self.cli.run, "quota", "unset", "--client-id", client, quota)

    def client(self, client: str, **more: object) -> dict[str, object]:
        return {"bootstrap.servers": self.broker.bootstrap, "client.id": client,
                "throttle_cb": lambda event: self.told.append(event.throttle_time), **more}

    def produce(self, client: str) -> int:
        """Sends more than the quota allows; returns how many records were acknowledged."""
        acked = []
        producer = ck.Producer(self.client(client, **{"batch.size": 20_000, "linger.ms": 50}))
        for _ in range(BEYOND):
            producer.produce(self.topic, b"x" * 1000, on_delivery=lambda error, _: acked.append(error is None))
        producer.flush(60)
        producer.poll(0.5)
        return sum(acked)

    def consume(self, client: str) -> int:
        """Reads the topic from its beginning; returns how many records there were."""
        consumer = ck.Consumer(self.client(
            client, **{"group.id": "nobody", "enable.auto.commit": False, "max.partition.fetch.bytes": 50_000}))
        try:
            consumer.assign([ck.TopicPartition(self.topic, 0, 0)])
            count = 0
            while count < BEYOND:
                message = consumer.poll(60)
                self.assertIsNotNone(message, f"{count} of {BEYOND} records came")
                self.assertIsNone(message.error())
                count += 1
            consumer.poll(0.5)
            return count
        finally:
            consumer.close()

    @limit(120)
    def test_a_producer_beyond_its_quota_is_told_to_pause_and_loses_nothing(self):
        self.hold("greedy", "producer_byte_rate")
        self.assertEqual((BEYOND, []), (self.produce("modest"), self.told), "who has no quota is not held back")
        self.assertEqual(BEYOND, self.produce("greedy"))
        self.assertGreater(max(self.told, default=0), 0, "the answer told of the pause")
        self.assertEqual((0, 2 * BEYOND), Confluent(self.broker.bootstrap).offsets(self.topic))

    @limit(120)
    def test_a_consumer_beyond_its_quota_is_told_to_pause_and_gets_everything(self):
        self.produce("modest")
        self.hold("hungry", "consumer_byte_rate")
        self.assertEqual((BEYOND, []), (self.consume("modest"), self.told), "who has no quota is not held back")
        self.assertEqual(BEYOND, self.consume("hungry"))
        self.assertGreater(max(self.told, default=0), 0, "the answer told of the pause")


SUITES = [Quotas]
