"""What every client must be able to do, to the extent that it can: one suite a client from one list of tests."""

from __future__ import annotations

from ..client import EARLIEST, LATEST, At, Client
from ..clients.barnabas import Barnabas
from ..clients.confluent import Confluent
from ..clients.kafka_python import KafkaPython
from ..clients.kcat import Kcat
from ..clients.node import KafkaJs, Platformatic
from ..murmur2 import partition_of
from ..record import BIG, START, Record, noise, samples, without_timestamps
from ..suite import Suite, each, limit, needs

CLIENTS: tuple[type[Client], ...] = (Kcat, Confluent, KafkaPython, KafkaJs, Platformatic, Barnabas)


class Contract(Suite, abstract=True):
    """The list. `maker` is the client under test."""

    maker: type[Client]
    client: Client

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.client = cls.maker(cls.broker.bootstrap)
        cls.addClassCleanup(cls.client.close)

    def topic(self, partitions: int = 1, **configs: object) -> str:
        """A new topic, made by the client itself or by one that has an admin client."""
        topic = self.unique()
        texts = {key.replace("_", "."): str(value) for key, value in configs.items()}
        maker = self.client if "admin" in self.client.can else Confluent(self.broker.bootstrap)
        maker.create_topic(topic, partitions, texts)
        # A created topic is in everybody's metadata: one node answers from one state.
        return topic

    def assert_same(self, read: list[Record], sent: list[Record], timestamps: bool = True) -> None:
        """The records that were read are those that were sent, as far as the client shows them."""
        expected = [self.client.shows(record) for record in sent]
        if not (timestamps and "timestamps" in self.client.can):
            read, expected = without_timestamps(read), without_timestamps(expected)
        self.assertEqual([record.offset for record in read], list(range(len(read))), "offsets have no gaps")
        self.assertEqual(read, expected)

    # Cluster and topics

    @needs("cluster")
    def test_sees_one_broker_that_is_the_controller(self):
        controller, brokers = self.client.cluster()
        self.assertEqual(brokers, [controller])

    @needs("admin", "topics")
    def test_creates_a_topic_and_lists_it(self):
        topic = self.topic(partitions=3)
        self.assertEqual(self.client.topics()[topic], 3)

    @needs("admin")
    def test_cannot_create_a_topic_twice(self):
        topic = self.topic()
        with self.refused("TOPIC_ALREADY_EXISTS"):
            self.client.create_topic(topic)

    @needs("admin")
    @each("name", ["two words", "a/b", "x" * 250])
    def test_cannot_create_a_topic_with_a_bad_name(self, name):
        with self.refused("INVALID_TOPIC_EXCEPTION"):
            self.client.create_topic(name)

    @needs("admin", "topics")
    def test_deletes_a_topic(self):
        topic = self.topic()
        self.client.delete_topic(topic)
        self.eventually(lambda: topic not in self.client.topics(), "the topic is gone")

    @needs("admin")
    def test_cannot_delete_a_topic_that_is_not_there(self):
        with self.refused("UNKNOWN_TOPIC_OR_PARTITION"):
            self.client.delete_topic(self.unique("missing"))

    @needs("admin")
    def test_a_topic_made_again_is_empty(self):
        topic = self.topic()
        self.client.produce(topic, [Record(b"old")])
        self.client.delete_topic(topic)
        self.client.create_topic(topic)
        self.assertEqual(self.client.offsets(topic), (0, 0))
        self.client.produce(topic, [Record(b"new")])
        self.assertEqual([record.value for record in self.client.consume(topic, 1)], [b"new"])

    @needs("partitions")
    def test_adds_partitions(self):
        topic = self.topic(partitions=2)
        self.client.create_partitions(topic, 5)
        self.eventually(lambda: self.client.topics()[topic] == 5, "five partitions")
        self.client.produce(topic, [Record(b"x")], partition=4)
        self.assertEqual(len(self.client.consume(topic, 1, partition=4)), 1)

    @needs("partitions")
    def test_cannot_take_partitions_away(self):
        topic = self.topic(partitions=2)
        with self.refused("INVALID_PARTITIONS"):
            self.client.create_partitions(topic, 1)

    # Configs

    @needs("configs")
    def test_describes_configs(self):
        topic = self.topic(retention_ms=7_200_000)
        configs = self.client.configs(topic)
        self.assertEqual(configs["retention.ms"], "7200000")
        self.assertEqual(configs["cleanup.policy"], "delete")
        self.assertIn("max.message.bytes", configs)

    @needs("configs", "alter configs")
    def test_alters_configs(self):
        topic = self.topic()
        self.client.alter_config(topic, "retention.ms", "3600000")
        self.eventually(lambda: self.client.configs(topic)["retention.ms"] == "3600000", "the value is set")

    @needs("alter configs")
    @each("key", ["retention.ms", "no.such.config"])
    def test_cannot_set_a_bad_config(self, key):
        topic = self.topic()
        with self.refused("INVALID_CONFIG"):
            self.client.alter_config(topic, key, "soon")

    @needs("configs", "alter configs", "incremental configs")
    def test_altering_one_config_leaves_the_others(self):
        topic = self.topic(retention_ms=7_200_000)
        self.client.alter_config(topic, "max.message.bytes", "50000")
        configs = self.client.configs(topic)
        self.assertEqual((configs["retention.ms"], configs["max.message.bytes"]), ("7200000", "50000"))

    # Produce and consume

    @each("codec", lambda cls: cls.maker.codecs)
    def test_reads_back_what_it_wrote(self, codec):
        topic = self.topic()
        sent = samples(self.client.can)
        self.client.produce(topic, sent, codec=codec)
        self.assert_same(self.client.consume(topic, len(sent)), sent)

    @each("codec", lambda cls: cls.maker.codecs)
    def test_writes_and_reads_values_of_900_kB(self, codec):
        topic = self.topic()
        sent = [Record(noise(seed, BIG)) for seed in range(3)]
        for record in sent:
            # Some clients put all that one call sends into one batch, and that would be too large.
            self.client.produce(topic, [record], codec=codec)
        self.assert_same(self.client.consume(topic, len(sent)), sent, timestamps=False)

    @each("acks", [0, 1, -1])
    def test_writes_with_acks(self, acks):
        topic = self.topic()
        self.client.produce(topic, [Record(b"one"), Record(b"two")], acks=acks)
        self.assertEqual([record.value for record in self.client.consume(topic, 2)], [b"one", b"two"])

    @needs("idempotent")
    @each("codec", lambda cls: cls.maker.codecs)
    def test_writes_idempotently(self, codec):
        topic = self.topic()
        sent = [Record(b"%d" % i) for i in range(500)]
        self.client.produce(topic, sent, idempotent=True, codec=codec)
        self.client.produce(topic, sent, idempotent=True, codec=codec)
        self.assertEqual([record.value for record in self.client.consume(topic, 1_000)],
                         [record.value for record in sent + sent])

    @limit(120)
    def test_keeps_the_order_of_10_000_records(self):
        topic = self.topic()
        sent = [Record(b"record %d" % i) for i in range(10_000)]
        self.client.produce(topic, sent)
        self.assert_same(self.client.consume(topic, len(sent)), sent, timestamps=False)

    def test_writes_to_the_partition_it_names(self):
        topic = self.topic(partitions=4)
        for partition in range(4):
            self.client.produce(topic, [Record(b"to %d" % partition)], partition=partition)
        for partition in range(4):
            [record] = self.client.consume(topic, 1, partition=partition)
            self.assertEqual((record.value, record.partition), (b"to %d" % partition, partition))

    @needs("murmur2")
    def test_chooses_the_partition_as_java_does(self):
        topic = self.topic(partitions=5)
        keys = [b"key-%d" % i for i in range(20)] + ["schlüssel".encode()]
        self.client.produce(topic, [Record(key, key) for key in keys], partition=None)
        for partition in range(5):
            expected = [key for key in keys if partition_of(key, 5) == partition]
            read = self.client.consume(topic, len(expected), partition=partition) if expected else []
            self.assertCountEqual([record.key for record in read], expected)

    @needs("auto create")
    def test_writing_creates_a_missing_topic(self):
        topic = self.unique("auto")
        self.client.produce(topic, [Record(b"first")], partition=None)
        self.assertEqual([record.value for record in self.client.consume(topic, 1)], [b"first"])

    def test_a_record_above_max_message_bytes_is_refused(self):
        topic = self.topic(max_message_bytes=10_000)
        with self.refused("MESSAGE_TOO_LARGE"):
            self.client.produce(topic, [Record(b"x" * 20_000)])
        self.client.produce(topic, [Record(b"x" * 9_000)])
        self.assertEqual(self.client.offsets(topic), (0, 1))

    @needs("timestamps")
    def test_a_topic_can_stamp_records_itself(self):
        topic = self.topic(message_timestamp_type="LogAppendTime")
        self.client.produce(topic, [Record(b"late", timestamp=START)])
        [record] = self.client.consume(topic, 1)
        if self.client.name != "platformatic":  # which shows the batch's first timestamp
            self.assertGreater(record.timestamp, START + 1_000_000)

    # Places to read from

    def numbered(self, count: int = 100) -> str:
        """A topic with records whose values are their offsets, in batches of ten, 10 ms apart if possible."""
        topic = self.topic()
        writer = Confluent(self.broker.bootstrap)
        for first in range(0, count, 10):
            writer.produce(topic, [Record(b"%d" % i, timestamp=START + 10 * i) for i in range(first, first + 10)],
                           codec="gzip" if first % 20 else "none")
        return topic

    @each("start", [EARLIEST, 0, 1, 9, 10, 55, 99])
    def test_reads_from_an_offset(self, start):
        topic = self.numbered()
        first = 0 if start == EARLIEST else start
        read = self.client.consume(topic, min(5, 100 - first), start=start)
        self.assertEqual([record.value for record in read], [b"%d" % i for i in range(first, min(first + 5, 100))])

    @needs("offset by time")
    @each("index", [0, 7, 10, 55, 99])
    def test_reads_from_a_timestamp(self, index):
        topic = self.numbered()
        [record] = self.client.consume(topic, 1, start=At(START + 10 * index - 5))
        self.assertEqual((record.value, record.timestamp), (b"%d" % index, START + 10 * index))

    def test_follows_the_end(self):
        topic = self.numbered(10)
        with self.client.tail(topic) as tail:
            for i in range(3):
                self.client.produce(topic, [Record(b"new %d" % i)])
                [record] = tail.take(1)
                self.assertEqual((record.value, record.offset), (b"new %d" % i, 10 + i))

    def test_lists_the_earliest_and_latest_offset(self):
        self.assertEqual(tuple(self.client.offsets(self.numbered())), (0, 100))
        self.assertEqual(tuple(self.client.offsets(self.topic())), (0, 0))

    @needs("delete records")
    def test_deletes_records_before_an_offset(self):
        topic = self.numbered()
        self.client.delete_records(topic, 40)
        self.assertEqual(tuple(self.client.offsets(topic)), (40, 100))
        self.assertEqual([record.offset for record in self.client.consume(topic, 3)], [40, 41, 42])

    @needs("delete records")
    def test_cannot_delete_records_that_are_not_there(self):
        topic = self.numbered()
        with self.refused("OFFSET_OUT_OF_RANGE"):
            self.client.delete_records(topic, 101)
        self.assertEqual(tuple(self.client.offsets(topic)), (0, 100))

    @needs("log dirs", "admin")
    def test_sees_the_size_of_logs(self):
        topic = self.topic(partitions=2)
        self.assertEqual(self.client.log_sizes(topic), {0: 0, 1: 0})
        self.client.produce(topic, [Record(noise(1, 5_000))], partition=1)
        sizes = self.client.log_sizes(topic)
        self.assertEqual(sizes[0], 0)
        self.assertGreater(sizes[1], 5_000)
        self.assertLess(sizes[1], 5_200)

    @needs("offset by time")
    def test_finds_offsets_by_time(self):
        topic = self.numbered()
        self.assertEqual(self.client.offset_at(topic, 0), 0)
        self.assertEqual(self.client.offset_at(topic, START), 0)
        self.assertEqual(self.client.offset_at(topic, START + 1), 1)
        self.assertEqual(self.client.offset_at(topic, START + 555), 56)
        self.assertEqual(self.client.offset_at(topic, START + 990), 99)
        # No record is that young: librdkafka and kafka-python say "none" or the end, as they please.
        self.assertIn(self.client.offset_at(topic, START + 991), (None, 100))


def unable(contract: type[Suite], maker: type[Client]) -> dict[str, None]:
    """The tests of a list that a client is not able to take, to be left out."""
    return {name: None for name, test in vars(contract).items()
            if name.startswith("test_") and not getattr(test, "needs", frozenset()) <= maker.can}


def suite_for(maker: type[Client]) -> type[Contract]:
    """The tests of the list that the client is able to take."""
    return type(f"{maker.__name__}Contract", (Contract,),
                {"part": maker.name, "maker": maker} | unable(Contract, maker))


SUITES = [suite_for(maker) for maker in CLIENTS]
