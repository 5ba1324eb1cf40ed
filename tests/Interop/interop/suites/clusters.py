"""Three brokers that are one cluster: nothing acknowledged is lost, and clients go on, whichever of them dies."""

from __future__ import annotations

import subprocess
import time

import confluent_kafka as ck
import confluent_kafka.admin

from ..client import Client
from ..clients.confluent import Confluent, metadata
from ..clients.kcat import Kcat
from ..clients.node import KafkaJs, Platformatic
from ..cluster import Cluster
from ..copier import MARK
from ..load import Load
from ..record import Record
from ..suite import Suite, each, limit


class Clusters(Suite):
    """One cluster for all tests; each leaves it with three brokers that are in sync."""

    part = "clusters"
    cluster: Cluster

    @classmethod
    def setUpClass(cls) -> None:
        cls.cluster = Cluster(3, replica_lag_time_max_ms=5_000, group_initial_rebalance_delay_ms=100).start()
        cls.addClassCleanup(cls.cluster.close)
        cls.admin = ck.admin.AdminClient({"bootstrap.servers": cls.cluster.bootstrap})

    def setUp(self) -> None:
        self.client = Confluent(self.cluster.bootstrap)
        for broker in sorted(self.cluster.dead):
            self.cluster.revive(broker)
        self.eventually(lambda: len(metadata(self.admin).brokers) == 3, "all brokers are let in", 60)

    def topic(self, partitions: int = 3) -> str:
        """A topic with a replica on every broker."""
        name = self.unique()
        self.admin.create_topics([ck.admin.NewTopic(name, partitions, 3)])[name].result(30)
        self.eventually(lambda: self.in_sync(name) == [3] * partitions, "every broker knows the topic", 30)
        return name

    def partitions(self, topic: str):
        return metadata(self.admin, topic).topics[topic].partitions

    def in_sync(self, topic: str) -> list[int]:
        """How many replicas of each partition are in sync."""
        return [len(partition.isrs) for partition in self.partitions(topic).values()]

    def leader(self, topic: str, partition: int = 0) -> int:
        return self.partitions(topic)[partition].leader

    def heal(self, topic: str, broker: int) -> None:
        """Brings a broker back, and waits until it is in sync again."""
        self.cluster.revive(broker)
        self.eventually(lambda: self.in_sync(topic) == [3] * len(self.partitions(topic)), "all are in sync again", 90)

    def values(self, topic: str, partitions: int) -> list[bytes]:
        read = []
        for partition in range(partitions):
            end = self.client.offsets(topic, partition)[1]
            read += [r.value for r in self.client.consume(topic, end, partition=partition)] if end else []
        return read

    @limit(180)
    @each("broker", [1, 2, 3])
    def test_kcat_and_kafkajs_go_on_when_a_broker_dies(self, broker):
        topic = self.topic()
        kafkajs = KafkaJs(self.cluster.bootstrap)
        self.addCleanup(kafkajs.close)
        reader = subprocess.Popen(["kcat", "-b", self.cluster.bootstrap, "-C", "-q", "-u", "-t", topic,
                                   "-o", "beginning", "-X", "reconnect.backoff.max.ms=200"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (reader.kill(), reader.wait(), reader.stdout.close()))
        writer = subprocess.Popen(["kcat", "-b", self.cluster.bootstrap, "-P", "-t", topic, "-X", "acks=all",
                                   "-X", "linger.ms=1", "-X", "enable.idempotence=true",
                                   "-X", "reconnect.backoff.max.ms=200"], stdin=subprocess.PIPE)
        self.addCleanup(lambda: (writer.kill(), writer.wait()))
        sent = []
        for i in range(60):
            sent.append(b"kcat-%d" % i)
            writer.stdin.write(sent[-1] + b"\n")
            writer.stdin.flush()
            if i == 20:
                self.cluster.kill(broker)
            if i % 10 == 0:
                sent.append(b"kafkajs-%d" % i)
                self.send(kafkajs, topic, i // 10 % 3, sent[-1])
            time.sleep(0.05)
        writer.stdin.close()
        self.assertEqual(writer.wait(60), 0)
        read = [reader.stdout.readline().rstrip() for _ in sent]
        self.assertEqual(sorted(read), sorted(sent), "kcat reads each record once")
        self.assertEqual(sorted(self.everything_by(kafkajs, topic)), sorted(sent), "and so does kafkajs")
        self.heal(topic, broker)

    def send(self, client: Client, topic: str, partition: int, value: bytes) -> None:
        """Sends a record; as often as it takes, for this client gives up before a dead broker is missed."""
        deadline = time.monotonic() + 20
        while True:
            try:
                client.produce(topic, [Record(value)], partition=partition)
                return
            except AssertionError as failed:
                if "ECONNREFUSED" not in str(failed) or time.monotonic() > deadline:
                    raise

    def everything_by(self, client: Client, topic: str) -> list[bytes]:
        return [record.value for partition in range(3)
                for record in client.consume(topic, self.client.offsets(topic, partition)[1], partition=partition)]

    @limit(180)
    def test_leaders_die_under_load_and_nothing_acknowledged_is_lost(self):
        topic = self.topic()
        with Load(self.cluster.bootstrap, topic, 3) as load:
            for _ in range(4):
                before = len(load.acked)
                self.eventually(lambda b=before: len(load.acked) > b + 300, "300 more acknowledged records", 60)
                victim = self.leader(topic)
                self.cluster.kill(victim)
                self.eventually(lambda v=victim: self.leader(topic) not in (v, -1), "another leads", 60)
                self.heal(topic, victim)
            self.assertEqual(load.finish(60), 0)
        self.assertEqual(load.refused, [])
        for partition in range(3):
            end = self.client.offsets(topic, partition)[1]
            found = {r.offset: r.value for r in self.client.consume(topic, end, partition=partition)}
            wanted = {offset: value for (p, offset), value in load.acked.items() if p == partition}
            self.assertEqual({o: found.get(o) for o in wanted}, wanted, "each is where it was said to be")
            self.assertEqual(len(set(found.values())), len(found), "and nowhere else")

    @limit(180)
    def test_brokers_restart_in_turn_under_load_and_no_client_notices(self):
        topic = self.topic()
        with Load(self.cluster.bootstrap, topic, 3) as load:
            for broker in self.cluster.ids:
                before = len(load.acked)
                self.eventually(lambda b=before: len(load.acked) > b + 300, "300 more acknowledged records", 60)
                self.cluster.stop(broker)
                self.assertNotIn(broker, [p.leader for p in self.partitions(topic).values()])
                self.heal(topic, broker)
            self.assertEqual(load.finish(60), 0)
        self.assertEqual(load.refused, [])
        read = self.values(topic, 3)
        self.assertEqual(sorted(read), sorted(load.acked.values()))

    @limit(180)
    @each("maker", [Confluent, Kcat, KafkaJs, Platformatic])
    def test_every_client_finds_what_the_others_wrote_on_any_broker(self, maker):
        topic = self.topic()
        for broker in self.cluster.ids:
            client = maker(self.cluster.address(broker))
            self.addCleanup(client.close)
            client.produce(topic, [Record(b"by %d" % broker)], partition=broker - 1)
        self.assertEqual(self.values(topic, 3), [b"by 1", b"by 2", b"by 3"])

    @limit(180)
    def test_a_group_goes_on_where_it_was_when_its_coordinator_dies(self):
        topic, group = self.topic(), self.unique("group")
        configs = {"bootstrap.servers": self.cluster.bootstrap, "group.id": group, "auto.offset.reset": "earliest",
                   "enable.auto.commit": False, "session.timeout.ms": 6_000, "reconnect.backoff.max.ms": 200}
        self.client.produce(topic, [Record(b"%d" % i) for i in range(30)], partition=0)
        consumer = ck.Consumer(configs)
        self.addCleanup(consumer.close)
        consumer.subscribe([topic])
        read = self.take(consumer, 20)
        consumer.commit(asynchronous=False)
        coordinator = metadata(self.admin, "__consumer_offsets").topics["__consumer_offsets"]
        number = abs(java_hash(group)) % len(coordinator.partitions)
        victim = coordinator.partitions[number].leader
        self.cluster.kill(victim)
        read += self.take(consumer, 10)
        self.assertEqual(read, [b"%d" % i for i in range(30)])
        self.eventually(lambda: self.commits(consumer, ck.TopicPartition(topic, 0, 30)), "another coordinates", 60)
        self.heal(topic, victim)
        again = ck.Consumer(configs)
        self.addCleanup(again.close)
        [place] = again.committed([ck.TopicPartition(topic, 0)], timeout=20)
        self.assertEqual(place.offset, 30)

    def take(self, consumer: ck.Consumer, count: int) -> list[bytes]:
        taken: list[bytes] = []
        deadline = time.monotonic() + 60
        while len(taken) < count and time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is not None and message.error() is None:
                taken.append(message.value())
        return taken

    def commits(self, consumer: ck.Consumer, place: ck.TopicPartition) -> bool:
        """Commits a place; whether that went through. A member has to be polled to get to its new coordinator."""
        consumer.poll(0.2)
        try:
            [told] = consumer.commit(offsets=[place], asynchronous=False)
            return told.error is None
        except ck.KafkaException:
            return False

    @limit(300)
    def test_what_is_copied_in_transactions_is_there_once_whoever_dies(self):
        source, target = self.topic(), self.topic()
        wanted = [b"%d" % i for i in range(600)]
        for partition in range(3):
            self.client.produce(source, [Record(v) for v in wanted[partition::3]], partition=partition)
        name = self.unique("copier")
        for victim in (1, 2, 3):
            copier = self.copier(source, target, name)
            before = self.copied(target)
            self.eventually(lambda b=before: self.copied(target) > b, "something is copied", 60)
            self.cluster.kill(victim)
            copier.kill()
            copier.wait()
            self.heal(target, victim)
        copier = self.copier(source, target, name)
        self.addCleanup(lambda: (copier.kill(), copier.wait()))
        copies = sorted(MARK + value for value in wanted)
        self.eventually(lambda: self.committed_values(target) == copies, "all of it, once", 90)

    def copier(self, source: str, target: str, name: str) -> subprocess.Popen:
        return subprocess.Popen(["/usr/bin/python3", "-m", "interop.copier", self.cluster.bootstrap, source, target,
                                 name], stderr=subprocess.DEVNULL)

    def copied(self, topic: str) -> int:
        return sum(self.client.offsets(topic, partition)[1] for partition in range(3))

    def committed_values(self, topic: str) -> list[bytes]:
        consumer = ck.Consumer({"bootstrap.servers": self.cluster.bootstrap, "group.id": self.unique("reader"),
                                "isolation.level": "read_committed", "enable.partition.eof": True,
                                "auto.offset.reset": "earliest"})
        consumer.assign([ck.TopicPartition(topic, partition, 0) for partition in range(3)])
        values, ends, deadline = [], set(), time.monotonic() + 20
        while len(ends) < 3 and time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is None:
                continue
            if message.error() is None:
                values.append(message.value())
            elif message.error().code() == ck.KafkaError._PARTITION_EOF:
                ends.add(message.partition())
        consumer.close()
        return sorted(values)


def java_hash(text: str) -> int:
    """String.hashCode of Java."""
    value = 0
    for char in text:
        value = (31 * value + ord(char)) & 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value


SUITES = [Clusters]
