"""Three brokers, each a process of its own, whose metadata an Apache ZooKeeper keeps (`zookeeper.connect`)."""

from __future__ import annotations

import json
import subprocess

import confluent_kafka.admin as ckadmin
from confluent_kafka import KafkaError, KafkaException

from ..broker import Broker
from ..clients.confluent import Confluent
from ..ensemble import ZooKeeper, member
from ..load import Load
from ..suite import Suite, limit


class Ensemble(Suite):
    """One ensemble and one cluster for all tests; each leaves it with three brokers that are in sync."""

    part = "ensemble"
    brokers: dict[int, Broker]

    @classmethod
    def setUpClass(cls) -> None:
        cls.keeper = ZooKeeper()
        cls.addClassCleanup(cls.keeper.close)
        cls.keeper.start()
        cls.connect = f"{cls.keeper.address}/kafka/one"
        cls.brokers = {node: member(node, cls.connect) for node in (1, 2, 3)}
        for broker in cls.brokers.values():
            cls.addClassCleanup(broker.close)
            broker.spawn()
        for broker in cls.brokers.values():
            broker.wait_ready()
        cls.bootstrap = ",".join(broker.bootstrap for broker in cls.brokers.values())
        cls.admin = ckadmin.AdminClient({"bootstrap.servers": cls.bootstrap, "reconnect.backoff.max.ms": 200})

    def setUp(self) -> None:
        self.client = Confluent(self.bootstrap)
        self.eventually(lambda: len(self.admin.list_topics(timeout=30).brokers) == 3, "all brokers are let in", 60)

    def topic(self, partitions: int = 3) -> str:
        """A topic with a replica on every broker."""
        name = self.unique()
        self.eventually(lambda: self.creates(name, partitions), "there is a controller that makes the topic", 60)
        self.eventually(lambda: self.in_sync(name) == [3] * partitions, "every broker knows the topic", 60)
        return name

    def creates(self, name: str, partitions: int) -> bool:
        """Makes a topic; false while there is no controller, which librdkafka leaves to its users."""
        try:
            self.admin.create_topics([ckadmin.NewTopic(name, partitions, 3)])[name].result(30)
            return True
        except KafkaException as fault:
            if fault.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return True
            self.assertIn(fault.args[0].code(), (KafkaError.NOT_CONTROLLER, KafkaError._TIMED_OUT), str(fault))
            return False

    def in_sync(self, topic: str) -> list[int]:
        """How many replicas of each partition are in sync."""
        return [len(p.isrs) for p in self.admin.list_topics(topic, timeout=30).topics[topic].partitions.values()]

    def controller(self) -> int:
        """The broker that is the controller, as the ensemble shows it; 0 while there is none."""
        shown = self.keeper.cli("get", "/kafka/one/controller").splitlines()
        return json.loads(shown[-1])["brokerid"] if shown and shown[-1].startswith("{") else 0

    def shown(self, path: str) -> dict:
        """A node of the ensemble that holds JSON, by ZooKeeper's own command line."""
        return json.loads(self.keeper.cli("get", f"/kafka/one{path}").splitlines()[-1])

    def kcat(self, *arguments: str, put: bytes = b"") -> bytes:
        """What kcat prints."""
        return subprocess.run(["kcat", "-b", self.bootstrap, *arguments], input=put, timeout=60, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    @limit(180)
    def test_what_kcat_writes_to_three_brokers_it_reads_and_zookeeper_shows_them(self):
        topic = self.topic()
        wanted = [b"%d" % i for i in range(300)]
        self.kcat("-P", "-t", topic, "-X", "acks=all", put=b"\n".join(wanted))
        read = self.kcat("-C", "-t", topic, "-e", "-q").split()
        self.assertEqual(sorted(read), sorted(wanted))
        self.assertEqual(self.keeper.cli("ls", "/kafka/one/brokers/ids"), "[1, 2, 3]")
        self.eventually(lambda: f"{topic}" in self.keeper.cli("ls", "/kafka/one/brokers/topics"), "it is shown")
        self.assertEqual(sorted(self.shown(f"/brokers/topics/{topic}/partitions/0/state")["isr"]), [1, 2, 3])
        self.assertEqual(self.shown("/brokers/ids/2")["port"], self.brokers[2].port)
        self.assertEqual(self.shown("/cluster/id")["id"], self.admin.list_topics(timeout=30).cluster_id)

    @limit(300)
    def test_the_controllers_process_is_killed_under_load_and_nothing_acknowledged_is_lost(self):
        topic = self.topic()
        with Load(self.bootstrap, topic, 3) as load:
            for _ in range(2):
                before = len(load.acked)
                self.eventually(lambda b=before: len(load.acked) > b + 300, "300 more acknowledged records", 60)
                victim = self.eventually(self.controller, "there is a controller", 30)
                self.brokers[victim].kill()
                self.eventually(lambda v=victim: self.controller() not in (0, v), "another is the controller", 60)
                before = len(load.acked)
                self.eventually(lambda b=before: len(load.acked) > b + 300, "300 more without it", 60)
                self.brokers[victim].start()
                self.eventually(lambda: self.in_sync(topic) == [3] * 3, "all are in sync again", 90)
            self.assertEqual(load.finish(60), 0)
        self.assertEqual(load.refused, [])
        for partition in range(3):
            end = self.client.offsets(topic, partition)[1]
            found = {r.offset: r.value for r in self.client.consume(topic, end, partition=partition)}
            wanted = {offset: value for (p, offset), value in load.acked.items() if p == partition}
            self.assertEqual({o: found.get(o) for o in wanted}, wanted, "each is where it was said to be")
            self.assertEqual(len(set(found.values())), len(found), "and nowhere else")

    @limit(180)
    def test_while_zookeeper_is_dead_records_flow_and_when_it_is_back_topics_are_made(self):
        topic = self.topic()
        self.keeper.kill()
        self.addCleanup(lambda: self.keeper.process or self.keeper.start())
        for round_ in range(3):
            wanted = [b"%d-%d" % (round_, i) for i in range(100)]
            self.kcat("-P", "-t", topic, "-X", "acks=all", put=b"\n".join(wanted))
        self.assertEqual(len(self.kcat("-C", "-t", topic, "-e", "-q").split()), 300)
        self.assertTrue(all(broker.runs() for broker in self.brokers.values()))
        self.keeper.start()
        self.eventually(self.controller, "a broker is the controller again", 60)
        self.topic()

    @limit(240)
    def test_every_broker_restarts_in_order_and_says_that_it_was_asked_to(self):
        for broker in self.brokers.values():
            self.assertEqual(broker.stop(), 0)
            self.assertTrue((broker.data / ".kafka_cleanshutdown").exists())
            broker.start()
            self.assertFalse((broker.data / ".kafka_cleanshutdown").exists())
            self.eventually(lambda: len(self.admin.list_topics(timeout=30).brokers) == 3, "it is let in again", 60)

    @limit(120)
    def test_a_broker_without_an_ensemble_waits_says_so_and_gives_up(self):
        alone = member(9, "127.0.0.1:1", zookeeper_connection_timeout_ms=1_500)
        self.addCleanup(alone.close)
        alone.spawn()
        self.assertEqual(alone.process.wait(60), 1)
        self.assertIn("No ZooKeeper at 127.0.0.1:1 so far; it is waited for", alone.log.read_text())
        self.assertIn("barnabas: no ZooKeeper at 127.0.0.1:1 within 1.5 s", alone.log.read_text())

    @limit(180)
    def test_a_broker_with_the_data_of_another_cluster_is_refused(self):
        strange = Broker(node_id=9)
        self.addCleanup(strange.close)
        strange.start().stop()
        strange.configs["zookeeper.connect"] = self.connect
        strange.spawn()
        self.assertEqual(strange.process.wait(60), 1)
        self.assertIn("INCONSISTENT_CLUSTER_ID", strange.tail_of_log())


SUITES = [Ensemble]
