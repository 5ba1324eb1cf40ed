"""Transactions of librdkafka and kafkajs, and what readers of committed records see of them, also over restarts."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import defaultdict

import confluent_kafka as ck

from ..broker import Broker, environment
from ..clients.confluent import Confluent
from ..clients.node import KafkaJs
from ..copier import MARK
from ..suite import Suite, limit

LIMIT = 20


class Transactions(Suite):
    """A broker of its own for every test."""

    part = "transactions"
    configs = {"num_partitions": 1, "offsets_topic_num_partitions": 3, "transaction_state_log_num_partitions": 3}

    @classmethod
    def setUpClass(cls) -> None:
        """There is no shared broker here."""

    def setUp(self) -> None:
        self.broker = Broker(**self.configs)
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.client = Confluent(self.broker.bootstrap)

    def topic(self, partitions: int = 1) -> str:
        topic = self.unique()
        self.client.create_topic(topic, partitions)
        return topic

    def producer(self, name: str, timeout_ms: int = 10_000) -> ck.Producer:
        """A producer of that transactional id, ready to begin."""
        producer = ck.Producer({
            "bootstrap.servers": self.broker.bootstrap, "transactional.id": name, "linger.ms": 1,
            "transaction.timeout.ms": timeout_ms, "reconnect.backoff.max.ms": 200,
        })
        producer.init_transactions(LIMIT)
        return producer

    def values(self, topic: str, isolation: str = "read_committed", partition: int = 0) -> list[bytes]:
        """All that a reader gets before the end that it is told of."""
        consumer = ck.Consumer({
            "bootstrap.servers": self.broker.bootstrap, "group.id": "unused", "enable.auto.commit": False,
            "isolation.level": isolation, "enable.partition.eof": True,
        })
        try:
            consumer.assign([ck.TopicPartition(topic, partition, ck.OFFSET_BEGINNING)])
            values = []
            deadline = time.monotonic() + LIMIT
            while time.monotonic() < deadline:
                message = consumer.poll(1)
                if message is None:
                    continue
                if message.error() is None:
                    values.append(message.value())
                elif message.error().code() == ck.KafkaError._PARTITION_EOF:
                    return values
            raise AssertionError("the end was not met")
        finally:
            consumer.close()

    def position(self, group: str, topic: str) -> int:
        """Where a group stands by what is stable; -1001 for nowhere."""
        consumer = ck.Consumer({"bootstrap.servers": self.broker.bootstrap, "group.id": group})
        try:
            [found] = consumer.committed([ck.TopicPartition(topic, 0)], timeout=LIMIT)
            return found.offset
        finally:
            consumer.close()

    def test_what_is_committed_is_read_and_what_is_aborted_is_not(self):
        topic = self.topic()
        producer = self.producer("t")
        for verdict in ("commit", "abort", "commit", "abort"):
            producer.begin_transaction()
            for i in range(3):
                producer.produce(topic, f"{verdict} {i}")
            producer.flush(LIMIT)
            producer.commit_transaction(LIMIT) if verdict == "commit" else producer.abort_transaction(LIMIT)
        committed = [b"commit %d" % i for i in range(3)]
        aborted = [b"abort %d" % i for i in range(3)]
        self.assertEqual(self.values(topic), committed * 2)
        self.assertEqual(self.values(topic, "read_uncommitted"), (committed + aborted) * 2)

    def test_a_second_producer_of_the_name_ends_the_first(self):
        topic = self.topic()
        first = self.producer("t")
        first.begin_transaction()
        first.produce(topic, b"of the first")
        first.flush(LIMIT)
        second = self.producer("t")
        self.assertEqual(self.values(topic), [], "the open transaction was aborted")
        with self.assertRaises(ck.KafkaException) as caught:
            first.commit_transaction(LIMIT)
        self.assertTrue(caught.exception.args[0].fatal(), caught.exception)
        second.begin_transaction()
        second.produce(topic, b"of the second")
        second.commit_transaction(LIMIT)
        self.assertEqual(self.values(topic), [b"of the second"])

    def test_positions_move_with_the_transaction_alone(self):
        source, target = self.topic(), self.topic()
        consumer = ck.Consumer({
            "bootstrap.servers": self.broker.bootstrap, "group.id": "copy", "enable.auto.commit": False})
        self.addCleanup(consumer.close)
        producer = self.producer("t")
        for offset, verdict in ((5, "abort"), (7, "commit"), (9, "abort")):
            producer.begin_transaction()
            producer.produce(target, b"%d" % offset)
            producer.send_offsets_to_transaction(
                [ck.TopicPartition(source, 0, offset)], consumer.consumer_group_metadata(), LIMIT)
            producer.commit_transaction(LIMIT) if verdict == "commit" else producer.abort_transaction(LIMIT)
            self.assertEqual(self.position("copy", source), {5: -1001}.get(offset, 7))
        self.assertEqual(self.values(target), [b"7"])

    def test_a_transaction_goes_on_over_a_restart(self):
        topic = self.topic()
        producer = self.producer("t", 60_000)
        for end in (self.broker.stop, self.broker.kill):
            producer.begin_transaction()
            producer.produce(topic, b"before")
            producer.flush(LIMIT)
            end()
            self.broker.start()
            producer.produce(topic, b"after")
            producer.commit_transaction(LIMIT)
        self.assertEqual(self.values(topic), [b"before", b"after"] * 2)

    def test_a_transaction_that_takes_too_long_is_aborted(self):
        self.broker.stop()
        self.broker.configs["transaction.abort.timed.out.transaction.cleanup.interval.ms"] = "200"
        self.broker.start()
        topic = self.topic()
        producer = self.producer("t", 1_000)
        producer.begin_transaction()
        producer.produce(topic, b"late")
        producer.flush(LIMIT)
        plain = ck.Producer({"bootstrap.servers": self.broker.bootstrap})
        plain.produce(topic, b"plain")
        plain.flush(LIMIT)
        self.eventually(lambda: self.values(topic) == [b"plain"], "the transaction is aborted", 15)
        with self.assertRaises(ck.KafkaException):
            producer.commit_transaction(LIMIT)

    def test_kafkajs_commits_and_aborts_records_and_positions(self):
        topic = self.topic()
        client = KafkaJs(self.broker.bootstrap)
        self.addCleanup(client.close)
        client.transact(topic, "js", [("commit", 4), ("abort", 6), ("commit", 8)])
        self.assertEqual(self.values(topic), [b"4", b"8"])
        self.assertEqual(self.values(topic, "read_uncommitted"), [b"4", b"6", b"8"])
        self.assertEqual(self.position("js", topic), 8)

    @limit(150)
    def test_a_copy_is_exact_though_broker_and_copier_are_killed(self):
        source, target, total = self.topic(2), self.topic(2), 3_000
        chance = random.Random(5)
        seen: dict[int, list[bytes]] = defaultdict(list)
        over = threading.Event()
        copiers: list[subprocess.Popen] = []

        def keep_copying() -> None:
            """A copier that ends is followed by another."""
            while not over.is_set():
                if not copiers or copiers[-1].poll() is not None:
                    copiers.append(subprocess.Popen(
                        [sys.executable, "-m", "interop.copier", self.broker.bootstrap, source, target, "copy"],
                        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL))
                time.sleep(0.1)

        def read_along() -> None:
            """A reader that was there all the time."""
            reader = ck.Consumer({
                "bootstrap.servers": self.broker.bootstrap, "group.id": "along", "enable.auto.commit": False,
                "isolation.level": "read_committed", "reconnect.backoff.max.ms": 200})
            reader.assign([ck.TopicPartition(target, p, ck.OFFSET_BEGINNING) for p in range(2)])
            while not over.is_set():
                message = reader.poll(0.2)
                if message is not None and message.error() is None:
                    seen[message.partition()].append(message.value())
            reader.close()

        threads = [threading.Thread(target=work, daemon=True) for work in (keep_copying, read_along)]
        for thread in threads:
            thread.start()
        try:
            feeder = ck.Producer({"bootstrap.servers": self.broker.bootstrap, "enable.idempotence": True,
                                  "reconnect.backoff.max.ms": 200})
            for i in range(total):
                feeder.produce(source, b"%d" % i, partition=i % 2)
                if i % 750 == 400:
                    feeder.flush(LIMIT)
                    self.eventually(lambda i=i: len(seen[0]) + len(seen[1]) > i // 3, "the copy goes on", 40)
                    time.sleep(chance.random())
                    if i % 1_500 == 400:
                        self.broker.kill()
                        self.broker.start()
                    else:
                        copiers[-1].kill()
            self.assertEqual(feeder.flush(LIMIT), 0)
            self.eventually(lambda: len(seen[0]) + len(seen[1]) >= total, "all is copied", 60)
            time.sleep(1)
        finally:
            over.set()
            for thread in threads:
                thread.join()
            for copier in copiers:
                copier.kill()
                copier.wait()
        for partition in range(2):
            wanted = [MARK + b"%d" % i for i in range(partition, total, 2)]
            self.assertEqual(self.values(target, partition=partition), wanted)
            self.assertEqual(seen[partition], wanted, "what the reader that was there has seen")
        self.note(f"{total} records by {len(copiers)} copiers")


SUITES = [Transactions]
