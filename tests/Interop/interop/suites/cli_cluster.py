"""A cluster of three brokers and the command line: moves under a throttle, and reading from the nearest replica."""

from __future__ import annotations

import json
import os
import time

import confluent_kafka as ck
import confluent_kafka.admin

from ..clients.barnabas import Output, barnabas
from ..cluster import Cluster
from ..suite import Suite, limit

OK = 0
SELECTOR = "org.apache.kafka.common.replica.RackAwareReplicaSelector"
THROTTLED = ("leader.replication.throttled", "follower.replication.throttled")


class CliCluster(Suite):
    """One cluster for all tests; each broker has a rack of its own, r1 to r3."""

    part = "cli_cluster"
    cluster: Cluster

    @classmethod
    def setUpClass(cls) -> None:
        cls.cluster = Cluster(3, replica_selector_class=SELECTOR).start()
        cls.addClassCleanup(cls.cluster.close)
        cls.admin = ck.admin.AdminClient({"bootstrap.servers": cls.cluster.bootstrap})

    def setUp(self) -> None:
        self.eventually(lambda: len(self.admin.list_topics(timeout=10).brokers) == 3, "all brokers are let in", 60)

    def run_cli(self, *arguments: str, stdin: bytes = b"") -> Output:
        return barnabas(*arguments, "-b", self.cluster.bootstrap, stdin=stdin)

    def good(self, *arguments: str, stdin: bytes = b"") -> Output:
        done = self.run_cli(*arguments, stdin=stdin)
        self.assertEqual(done.code, OK, done.err)
        return done

    def topic(self, *replicas: list[int]) -> str:
        """A topic whose partitions are on these brokers, which all know it."""
        name = self.unique()
        self.admin.create_topics([ck.admin.NewTopic(name, replica_assignment=list(replicas))])[name].result(30)
        wanted = {i: sorted(held) for i, held in enumerate(replicas)}
        self.eventually(lambda: self.in_sync(name) == wanted, "every replica is in sync", 60)
        return name

    def in_sync(self, topic: str) -> dict[int, list[int]]:
        known = self.admin.list_topics(topic, timeout=10).topics[topic].partitions
        return {i: sorted(partition.isrs) for i, partition in known.items()}

    def fill(self, topic: str, count: int, size: int, partition: int = 0) -> None:
        """Writes records of random bytes, each acknowledged by all."""
        producer = ck.Producer({"bootstrap.servers": self.cluster.bootstrap, "acks": "all"})
        for _ in range(count):
            producer.produce(topic, os.urandom(size), partition=partition)
        self.assertEqual(producer.flush(60), 0)

    def moving(self) -> list[dict]:
        return json.loads(self.good("reassign", "status", "-o", "json").out)

    def throttles(self, kind: ck.admin.ResourceType, name: str) -> dict[str, str]:
        """The configs of throttles that are set on a broker or topic."""
        resource = ck.admin.ConfigResource(kind, name)
        told = self.admin.describe_configs([resource])[resource].result(30)
        return {key: entry.value for key, entry in told.items()
                if key.startswith(THROTTLED) and entry.source in (1, 2) and entry.value}

    @limit(180)
    def test_a_throttled_move_takes_its_time_and_leaves_nothing_behind(self):
        topic = self.topic([1])
        self.fill(topic, 30, 100_000)
        plan = json.dumps({"version": 1, "partitions": [{"topic": topic, "partition": 0, "replicas": [2, 3]}]}).encode()
        self.good("reassign", "start", "-", "--throttle", "40kB", stdin=plan)
        for broker in ("1", "2", "3"):
            self.assertEqual(set(self.throttles(ck.admin.ResourceType.BROKER, broker).values()), {"40000"})
        self.assertEqual(self.throttles(ck.admin.ResourceType.TOPIC, topic),
                         {"leader.replication.throttled.replicas": "0:1",
                          "follower.replication.throttled.replicas": "0:2,0:3"})
        [moving] = self.moving()
        self.assertEqual((moving["topic"], moving["adding"], moving["removing"]), (topic, [2, 3], [1]))

        self.good("reassign", "start", "-", "--throttle", "100MB", stdin=plan)
        self.eventually(lambda: self.in_sync(topic) == {0: [2, 3]}, "the move is over", 60)
        self.eventually(lambda: self.moving() == [], "nothing moves", 60)
        for broker in ("1", "2", "3"):
            self.assertEqual(self.throttles(ck.admin.ResourceType.BROKER, broker), {})
        self.assertEqual(self.throttles(ck.admin.ResourceType.TOPIC, topic), {})

    @limit(120)
    def test_a_cancelled_move_goes_back_and_takes_its_throttle_away(self):
        topic = self.topic([1])
        self.fill(topic, 30, 100_000)
        plan = json.dumps({"version": 1, "partitions": [{"topic": topic, "partition": 0, "replicas": [3]}]}).encode()
        self.good("reassign", "start", "-", "--throttle", "20kB", stdin=plan)
        self.good("reassign", "cancel", topic)
        self.eventually(lambda: self.in_sync(topic) == {0: [1]}, "the first broker holds it alone", 30)
        self.assertEqual(self.throttles(ck.admin.ResourceType.BROKER, "3"), {})
        self.assertEqual(self.throttles(ck.admin.ResourceType.TOPIC, topic), {})

    @limit(120)
    def test_librdkafka_and_our_own_client_read_from_the_replica_in_their_rack(self):
        topic = self.topic([1, 2, 3])
        self.fill(topic, 10, 100)
        heard: list[int] = []

        def hear(statistics: str) -> None:
            known = json.loads(statistics)["topics"].get(topic, {"partitions": {}})["partitions"].get("0")
            heard.append(known["broker"] if known else -1)

        consumer = ck.Consumer({"bootstrap.servers": self.cluster.bootstrap, "group.id": self.unique("g"),
                                "client.rack": "r3", "statistics.interval.ms": 100, "stats_cb": hear,
                                "auto.offset.reset": "earliest"})
        self.addCleanup(consumer.close)
        consumer.assign([ck.TopicPartition(topic, 0, 0)])
        read, deadline = [], time.monotonic() + 60
        while (len(read) < 10 or 3 not in heard) and time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is not None and message.error() is None:
                read.append(message.offset())
        self.assertEqual(read, list(range(10)))
        self.assertIn(3, heard, "librdkafka was sent to the broker in its rack")
        ours = self.good("consume", topic, "-e", "--from-beginning", "--output", "jsonl", "-X", "client.rack=r2")
        self.assertEqual(len(ours.out.splitlines()), 10)


SUITES = [CliCluster]
