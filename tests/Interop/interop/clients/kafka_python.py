"""python3-kafka (kafka-python 2.0.2): pure Python; probes the broker's version or is told one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.errors import KafkaError, KafkaTimeoutError

from ..client import EARLIEST, LATEST, At, Client, Refused
from ..errors import name_of
from ..member import COMMIT_MS, HEARTBEAT_MS, SESSION_MS, Say, python_member
from ..record import Record

LIMIT = 30


@contextmanager
def refusals() -> Iterator[None]:
    """Broker errors become Refused."""
    try:
        yield
    except KafkaTimeoutError as problem:
        # The producer waits for metadata of a topic that never comes and does not say why.
        raise Refused("UNKNOWN_TOPIC_OR_PARTITION" if "metadata" in str(problem) else "TIMEOUT", str(problem)) from None
    except KafkaError as problem:
        raise Refused(name_of(getattr(problem, "errno", -1)), str(problem)) from None


def check(code: int, message: object = "") -> None:
    """Raises for the code of an answer that the client hands over unchecked."""
    if code != 0:
        raise Refused(name_of(code), str(message))


class _Listener(ConsumerRebalanceListener):
    """Tells of the partitions that a member has."""

    def __init__(self, say: Say) -> None:
        self.say = say

    def on_partitions_revoked(self, revoked) -> None:
        self.say(partitions=[])

    def on_partitions_assigned(self, assigned) -> None:
        self.say(partitions=[partition.partition for partition in assigned])


def take_part(bootstrap: str, group: str, topic: str, say: Say, is_over: Callable[[], bool]) -> None:
    """Reads as a member of a group until it is over (interop/member.py)."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, session_timeout_ms=SESSION_MS, heartbeat_interval_ms=HEARTBEAT_MS,
        auto_commit_interval_ms=COMMIT_MS, auto_offset_reset="earliest", fetch_max_wait_ms=200,
        reconnect_backoff_max_ms=500)
    consumer.subscribe([topic], listener=_Listener(say))
    while not is_over():
        for records in consumer.poll(100).values():
            for record in records:
                say(value=record.value.decode())
    consumer.close()


class _Tail:
    """A consumer positioned at the end."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self.consumer = consumer

    def take(self, count: int) -> list[Record]:
        return KafkaPython.read(self.consumer, count)


class KafkaPython(Client):
    """Knows no idempotent producer; zstd only for brokers it takes for 2.1 or newer."""

    name = "kafka_python"
    can = frozenset({"hand over", "let go", "reconnect",
                     "cluster", "topics", "admin", "partitions", "configs", "alter configs", "binary",
                     "empty values", "null values", "empty keys", "headers", "repeated headers",
                     "empty header values", "empty header names", "timestamps", "offset by time", "murmur2",
                     "auto create"})
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")
    writes_xerial = True

    def __init__(self, bootstrap: str, api_version: tuple[int, ...] | None = None) -> None:
        super().__init__(bootstrap)
        self.common = {"bootstrap_servers": bootstrap, "api_version": api_version,
                       "api_version_auto_timeout_ms": 10_000}
        self._admin: KafkaAdminClient | None = None

    def close(self):
        if self._admin is not None:
            self._admin.close()

    @property
    def admin(self) -> KafkaAdminClient:
        """The admin client, connected when it is first used."""
        if self._admin is None:
            self._admin = KafkaAdminClient(**self.common)
        return self._admin

    def cluster(self):
        cluster = self.admin.describe_cluster()
        return cluster["controller_id"], sorted(broker["node_id"] for broker in cluster["brokers"])

    def topics(self):
        return {topic["topic"]: len(topic["partitions"]) for topic in self.admin.describe_topics()}

    def create_topic(self, topic, partitions=1, configs=None):
        with refusals():
            self.admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs or {})])

    def delete_topic(self, topic):
        with refusals():
            self.admin.delete_topics([topic])

    def create_partitions(self, topic, total):
        with refusals():
            self.admin.create_partitions({topic: NewPartitions(total)})

    def configs(self, topic):
        [response] = self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        [(code, message, _, _, entries)] = response.resources
        check(code, message)
        return {entry[0]: entry[1] for entry in entries}

    def alter_config(self, topic, key, value):
        response = self.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {key: value})])
        [(code, message, _, _)] = response.resources
        check(code, message)

    def produce(self, topic, records, *, partition=0, codec="none", acks=-1, idempotent=False):
        assert not idempotent, "this client has no idempotent producer"
        producer = KafkaProducer(**self.common, compression_type=None if codec == "none" else codec,
                                 acks="all" if acks == -1 else acks, linger_ms=20, max_request_size=2_000_000,
                                 max_block_ms=10_000)
        try:
            with refusals():
                futures = [producer.send(topic, record.value, record.key, list(record.headers), partition,
                                         record.timestamp) for record in records]
                producer.flush(LIMIT)
                for future in futures:
                    future.get(LIMIT)
        finally:
            producer.close(5)

    def consume(self, topic, count, *, partition=0, start=EARLIEST):
        with self._consumer() as consumer:
            here = TopicPartition(topic, partition)
            consumer.assign([here])
            if start == EARLIEST:
                consumer.seek_to_beginning(here)
            elif start == LATEST:
                consumer.seek_to_end(here)
            elif isinstance(start, At):
                consumer.seek(here, consumer.offsets_for_times({here: start.ms})[here].offset)
            else:
                consumer.seek(here, start)
            return self.read(consumer, count)

    @contextmanager
    def tail(self, topic: str, partition: int = 0) -> Iterator[_Tail]:
        with self._consumer() as consumer:
            here = TopicPartition(topic, partition)
            consumer.assign([here])
            consumer.seek_to_end(here)
            consumer.position(here)
            yield _Tail(consumer)

    def join(self, group, topic):
        return python_member(self.name, self.bootstrap, group, topic)

    def offsets(self, topic, partition=0):
        with self._consumer() as consumer:
            here = TopicPartition(topic, partition)
            return consumer.beginning_offsets([here])[here], consumer.end_offsets([here])[here]

    def offset_at(self, topic, ms, partition=0):
        with self._consumer() as consumer:
            here = TopicPartition(topic, partition)
            found = consumer.offsets_for_times({here: ms})[here]
            return None if found is None else found.offset

    @staticmethod
    def read(consumer: KafkaConsumer, count: int) -> list[Record]:
        """The next records; fewer when they do not come in time."""
        records: list[Record] = []
        deadline = time.monotonic() + LIMIT
        with refusals():
            while len(records) < count and time.monotonic() < deadline:
                for batch in consumer.poll(1_000).values():
                    records += [Record(r.value, r.key, tuple(r.headers), r.timestamp, r.partition, r.offset)
                                for r in batch]
        return records[:count]

    @contextmanager
    def _consumer(self) -> Iterator[KafkaConsumer]:
        consumer = KafkaConsumer(**self.common, group_id=None, auto_offset_reset="none", max_poll_records=100_000,
                                 fetch_max_wait_ms=200)
        try:
            yield consumer
        finally:
            consumer.close()
