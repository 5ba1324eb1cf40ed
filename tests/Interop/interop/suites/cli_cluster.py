"""A cluster of four brokers and the command line: moves, their throttle, and reading from the nearest replica."""

from __future__ import annotations

import json
import os
import time

import confluent_kafka as ck
import confluent_kafka.admin

from ..clients.barnabas import Output, barnabas
from ..clients.confluent import metadata
from ..cluster import Cluster
from ..suite import Suite, limit

OK, USAGE, NOT_FOUND, UNHEALTHY = 0, 2, 6, 9
SELECTOR = "org.apache.kafka.common.replica.RackAwareReplicaSelector"
THROTTLED = ("leader.replication.throttled", "follower.replication.throttled")


class CliCluster(Suite):
    """One cluster for all tests; each broker has a rack of its own, r1 to r4."""

    part = "cli_cluster"
    cluster: Cluster

    @classmethod
    def setUpClass(cls) -> None:
        cls.cluster = Cluster(4, replica_selector_class=SELECTOR, offsets_topic_num_partitions=3).start()
        cls.addClassCleanup(cls.cluster.close)
        cls.admin = ck.admin.AdminClient({"bootstrap.servers": cls.cluster.bootstrap})

    def setUp(self) -> None:
        self.eventually(lambda: len(metadata(self.admin).brokers) == 4, "all brokers are let in", 60)

    def run_cli(self, *arguments: str, stdin: bytes = b"") -> Output:
        return barnabas(*arguments, "-b", self.cluster.bootstrap, stdin=stdin)

    def good(self, *arguments: str, stdin: bytes = b"") -> Output:
        done = self.run_cli(*arguments, stdin=stdin)
        self.assertEqual(done.code, OK, done.err)
        return done

    def topic(self, *replicas: list[int]) -> str:
        """A topic whose partitions are on these brokers, which all know it."""
        name = self.unique()
        new = ck.admin.NewTopic(name, len(replicas), replica_assignment=list(replicas))
        self.admin.create_topics([new])[name].result(30)
        wanted = {i: sorted(held) for i, held in enumerate(replicas)}
        self.eventually(lambda: self.in_sync(name) == wanted, "every replica is in sync", 60)
        return name

    def in_sync(self, topic: str) -> dict[int, list[int]]:
        known = metadata(self.admin, topic).topics[topic].partitions
        return {i: sorted(partition.isrs) for i, partition in known.items()}

    def fill(self, topic: str, count: int, size: int, partition: int = 0) -> None:
        """Writes records of random bytes, each acknowledged by all."""
        producer = ck.Producer({"bootstrap.servers": self.cluster.bootstrap, "acks": "all"})
        for _ in range(count):
            producer.produce(topic, os.urandom(size), partition=partition)
        self.assertEqual(producer.flush(60), 0)

    def moving(self) -> list[dict]:
        return json.loads(self.good("reassign", "status", "-o", "json").out)

    def throttles(self, kind: str, name: str) -> dict[str, str]:
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
            self.assertEqual(set(self.throttles("broker", broker).values()), {"40000"})
        self.assertEqual(self.throttles("topic", topic),
                         {"leader.replication.throttled.replicas": "0:1",
                          "follower.replication.throttled.replicas": "0:2,0:3"})
        [moving] = self.moving()
        self.assertEqual((moving["topic"], moving["adding"], moving["removing"]), (topic, [2, 3], [1]))

        self.good("reassign", "start", "-", "--throttle", "100MB", stdin=plan)
        self.eventually(lambda: self.in_sync(topic) == {0: [2, 3]}, "the move is over", 60)
        self.eventually(lambda: self.moving() == [], "nothing moves", 60)
        for broker in ("1", "2", "3"):
            self.assertEqual(self.throttles("broker", broker), {})
        self.assertEqual(self.throttles("topic", topic), {})

    @limit(120)
    def test_a_cancelled_move_goes_back_and_takes_its_throttle_away(self):
        topic = self.topic([1])
        self.fill(topic, 30, 100_000)
        plan = json.dumps({"version": 1, "partitions": [{"topic": topic, "partition": 0, "replicas": [3]}]}).encode()
        self.good("reassign", "start", "-", "--throttle", "20kB", stdin=plan)
        self.good("reassign", "cancel", topic)
        self.eventually(lambda: self.in_sync(topic) == {0: [1]}, "the first broker holds it alone", 30)
        self.assertEqual(self.throttles("broker", "3"), {})
        self.assertEqual(self.throttles("topic", topic), {})

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

    def holders(self) -> dict[int, int]:
        """How many replicas each broker holds."""
        return {row["broker"]: row["replicas"] for row in self.good("cluster", "brokers", "-o", "json").json}

    def health(self) -> dict[str, str]:
        """What each check found."""
        return {row["check"]: row["verdict"] for row in self.run_cli("cluster", "health", "-o", "json").json}

    def lag(self, topic: str) -> list[int | None]:
        """How far each replica of the first partition is behind."""
        return self.good("topic", "describe", topic, "-o", "json").json[0]["partitions"][0]["lag"]

    @limit(240)
    def test_a_broker_is_emptied_and_filled_again(self):
        topic = self.topic([4, 1], [2, 4], [1, 2], [4, 3])
        self.fill(topic, 20, 10_000)
        planned = json.loads(self.good("cluster", "decommission", "4", "--dry-run", "-o", "json").out)
        mine = {row["partition"]: row["planned"] for row in planned if row["topic"] == topic}
        self.assertEqual(set(mine), {0, 1, 3}, "only what the broker holds is moved")
        self.assertEqual((mine[0][0], mine[1][0], mine[3][0]), (1, 2, 3), "the other replicas stay")
        self.good("cluster", "decommission", "4", "--throttle", "100MB")
        self.assertEqual(self.holders()[4], 0)
        self.assertEqual(self.throttles("broker", "1"), {})
        self.assertEqual(json.loads(self.good("cluster", "decommission", "4", "-o", "json").out),
                         [{"broker": 4, "status": "empty"}], "there is nothing left to do")

        self.assertNotEqual(json.loads(self.good("cluster", "rebalance", "--dry-run", "-o", "json").out), [])
        self.assertEqual(self.holders()[4], 0, "a dry run moves nothing")
        self.good("cluster", "rebalance")
        held = self.holders().values()
        self.assertLessEqual(max(held) - min(held), 1)
        self.assertEqual(json.loads(self.good("cluster", "rebalance", "--dry-run", "-o", "json").out), [])

    @limit(240)
    def test_a_broker_that_is_dead_is_seen_emptied_and_forgotten(self):
        topic = self.topic([1, 4])
        self.eventually(lambda: self.lag(topic) == [0, 0], "nobody is behind", 30)
        self.assertEqual(self.health()["brokers"], "ok")
        self.cluster.kill(4)
        self.eventually(lambda: [b["broker"] for b in self.good("cluster", "brokers", "-o", "json").json
                                 if b["fenced"]] == [4], "the broker is fenced", 60)
        self.assertEqual(self.lag(topic), [0, None])
        self.assertEqual(self.health()["brokers"], "fail")
        self.assertEqual(self.run_cli("cluster", "health").code, UNHEALTHY)
        self.good("cluster", "decommission", "4", "--unregister")
        self.assertEqual(sorted(self.holders()), [1, 2, 3])
        self.assertEqual(len(self.in_sync(topic)[0]), 2)
        self.cluster.revive(4)

    def test_what_cannot_be_decommissioned_is_refused(self):
        wide = self.topic([1, 2, 3, 4])
        self.addCleanup(lambda: self.admin.delete_topics([wide])[wide].result(30))
        self.assertEqual(self.run_cli("cluster", "decommission", "77").code, NOT_FOUND)
        refused = self.run_cli("cluster", "decommission", "1")
        self.assertEqual(refused.code, USAGE)
        self.assertIn("3 brokers in service are left", refused.err)


SUITES = [CliCluster]
