"""python3-confluent-kafka: the Python binding of librdkafka."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import confluent_kafka as ck
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

from ..client import EARLIEST, LATEST, At, Client, Refused
from ..errors import name_of
from ..member import COMMIT_MS, HEARTBEAT_MS, SESSION_MS, Say, python_member
from ..record import Record

LIMIT = 30

T = TypeVar("T")


def refused(error: ck.KafkaError) -> Refused:
    """The broker's error by Kafka's name."""
    return Refused(name_of(error.code()), error.str())


def answer(futures: dict):
    """What an admin call answers for its only resource."""
    [future] = futures.values()
    try:
        return future.result(LIMIT)
    except ck.KafkaException as problem:
        raise refused(problem.args[0]) from None


def ask_again(ask: Callable[[], T], code: int) -> T:
    """The answer to what is asked again as long as it fails with that code, until the time is over."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            return ask()
        except ck.KafkaException as failed:
            if failed.args[0].code() != code or time.monotonic() > deadline:
                raise


def metadata(admin: AdminClient, *topic: str) -> ck.admin.ClusterMetadata:
    """What a broker says. librdkafka asks one that dies meanwhile again and again until a call's time is over."""
    return ask_again(lambda: admin.list_topics(*topic, timeout=3), ck.KafkaError._TIMED_OUT)


def record_of(message: ck.Message) -> Record:
    """A received message in our terms."""
    _, timestamp = message.timestamp()
    return Record(message.value(), message.key(), tuple(message.headers() or ()), timestamp,
                  message.partition(), message.offset())


def take_part(bootstrap: str, group: str, topic: str, say: Say, is_over: Callable[[], bool]) -> None:
    """Reads as a member of a group until it is over (interop/member.py)."""
    consumer = ck.Consumer({
        "bootstrap.servers": bootstrap, "group.id": group, "session.timeout.ms": SESSION_MS,
        "heartbeat.interval.ms": HEARTBEAT_MS, "auto.commit.interval.ms": COMMIT_MS, "auto.offset.reset": "earliest",
        "enable.auto.offset.store": False, "reconnect.backoff.max.ms": 500,
    })
    consumer.subscribe([topic], on_assign=lambda _, given: say(partitions=[p.partition for p in given]),
                       on_revoke=lambda *_: say(partitions=[]))
    while not is_over():
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            say(value=message.value().decode())
            consumer.store_offsets(message)
    consumer.close()


class _Tail:
    """A consumer that has met the end of the partition."""

    def __init__(self, consumer: ck.Consumer) -> None:
        self.consumer = consumer

    def take(self, count: int) -> list[Record]:
        return Confluent.read(self.consumer, count)


class Confluent(Client):
    """The consumer names a group, as librdkafka demands, and never uses it: partitions are assigned by hand."""

    name = "confluent"
    can = frozenset({"hand over", "let go", "reconnect",
                     "cluster", "topics", "admin", "partitions", "configs", "alter configs", "binary",
                     "empty values", "null values", "empty keys", "headers", "repeated headers",
                     "empty header values", "empty header names", "null header values", "timestamps",
                     "offset by time", "murmur2", "idempotent", "auto create"})
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        self.admin = AdminClient({"bootstrap.servers": bootstrap})

    def cluster(self):
        metadata = self.admin.list_topics(timeout=LIMIT)
        return metadata.controller_id, sorted(metadata.brokers)

    def topics(self):
        return {name: len(topic.partitions) for name, topic in self.admin.list_topics(timeout=LIMIT).topics.items()}

    def create_topic(self, topic, partitions=1, configs=None):
        answer(self.admin.create_topics([NewTopic(topic, partitions, 1, config=configs or {})]))

    def delete_topic(self, topic):
        answer(self.admin.delete_topics([topic]))

    def create_partitions(self, topic, total):
        answer(self.admin.create_partitions([NewPartitions(topic, total)]))

    def configs(self, topic):
        entries = answer(self.admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]))
        return {name: entry.value for name, entry in entries.items()}

    def alter_config(self, topic, key, value):
        answer(self.admin.alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, {key: value})]))

    def produce(self, topic, records, *, partition=0, codec="none", acks=-1, idempotent=False):
        problems = []

        def delivered(error, _):
            if error is not None:
                problems.append(error)

        producer = ck.Producer({
            "bootstrap.servers": self.bootstrap, "compression.type": codec, "acks": acks, "linger.ms": 20,
            "enable.idempotence": idempotent, "partitioner": "murmur2_random", "message.max.bytes": 2_000_000,
        })
        for record in records:
            options = {} if partition is None else {"partition": partition}
            if record.timestamp is not None:
                options["timestamp"] = record.timestamp
            producer.produce(topic, record.value, record.key, headers=list(record.headers), on_delivery=delivered,
                             **options)
            producer.poll(0)
        assert producer.flush(LIMIT) == 0, "not everything was delivered in time"
        if problems:
            raise refused(problems[0])

    def consume(self, topic, count, *, partition=0, start=EARLIEST):
        with self._consumer() as consumer:
            consumer.assign([ck.TopicPartition(topic, partition, self._offset(consumer, topic, partition, start))])
            return self.read(consumer, count)

    @contextmanager
    def tail(self, topic: str, partition: int = 0) -> Iterator[_Tail]:
        with self._consumer() as consumer:
            consumer.assign([ck.TopicPartition(topic, partition, ck.OFFSET_END)])
            deadline = time.monotonic() + LIMIT
            while True:
                message = consumer.poll(1)
                if message is not None and message.error() is not None:
                    assert message.error().code() == ck.KafkaError._PARTITION_EOF, message.error()
                    break
                assert time.monotonic() < deadline, "the end of the partition was not met"
            yield _Tail(consumer)

    def join(self, group, topic):
        return python_member(self.name, self.bootstrap, group, topic)

    def offsets(self, topic, partition=0):
        def ask():
            with self._consumer() as consumer:
                return consumer.get_watermark_offsets(ck.TopicPartition(topic, partition), timeout=LIMIT)

        # The leader may have moved since it asked who leads.
        return ask_again(ask, ck.KafkaError.NOT_LEADER_FOR_PARTITION)

    def offset_at(self, topic, ms, partition=0):
        with self._consumer() as consumer:
            [found] = consumer.offsets_for_times([ck.TopicPartition(topic, partition, ms)], timeout=LIMIT)
            return None if found.offset < 0 else found.offset

    @staticmethod
    def read(consumer: ck.Consumer, count: int) -> list[Record]:
        """The next records; fewer when they do not come in time."""
        records: list[Record] = []
        deadline = time.monotonic() + LIMIT
        while len(records) < count and time.monotonic() < deadline:
            message = consumer.poll(1)
            if message is None:
                continue
            if message.error() is None:
                records.append(record_of(message))
            elif message.error().code() == ck.KafkaError._PARTITION_EOF:
                continue
            else:
                raise refused(message.error())
        return records

    def _offset(self, consumer, topic, partition, start):
        if isinstance(start, At):
            [found] = consumer.offsets_for_times([ck.TopicPartition(topic, partition, start.ms)], timeout=LIMIT)
            return found.offset
        return {EARLIEST: ck.OFFSET_BEGINNING, LATEST: ck.OFFSET_END}.get(start, start)

    @contextmanager
    def _consumer(self) -> Iterator[ck.Consumer]:
        consumer = ck.Consumer({"bootstrap.servers": self.bootstrap, "group.id": "unused", "enable.auto.commit": False,
                                "auto.offset.reset": "error", "enable.partition.eof": True})
        try:
            yield consumer
        finally:
            consumer.close()
