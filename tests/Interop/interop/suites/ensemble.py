"""Three brokers, each a process of its own, whose metadata an Apache ZooKeeper keeps (`zookeeper.connect`)."""

from __future__ import annotations

import json
import subprocess
import time

import confluent_kafka.admin as ckadmin
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from ..broker import BINARY, Broker, environment
from ..clients.confluent import Confluent, metadata
from ..clients.node import KafkaJs, kafkajs_sender
from ..ensemble import ZooKeeper, member
from ..kcat_pair import KcatPair
from ..load import Load
from ..member import Member
from ..record import Record
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
        self.eventually(lambda: len(metadata(self.admin).brokers) == 3, "all brokers are let in", 60)

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
        return [len(p.isrs) for p in metadata(self.admin, topic).topics[topic].partitions.values()]

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
        self.assertEqual(self.shown("/cluster/id")["id"], metadata(self.admin).cluster_id)

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

    @limit(480)
    def test_kcat_and_kafkajs_write_and_read_on_whichever_broker_is_killed(self):
        topic = self.topic()
        kafkajs = KafkaJs(self.bootstrap)
        self.addCleanup(kafkajs.close)
        reader = kafkajs.join(self.unique("group"), topic)
        self.addCleanup(reader.kill)
        self.eventually(lambda: reader.partitions == {0, 1, 2}, "kafkajs has all partitions", 60)
        sender = kafkajs_sender(self.bootstrap, topic, 3)
        self.addCleanup(sender.kill)
        sent: list[str] = []
        for node, broker in self.brokers.items():
            kcat = KcatPair(self.bootstrap, topic, f"kcat-{node}")
            self.addCleanup(kcat.close)
            self.goes_on(sender, reader, kcat, f"before {node} is lost")
            broker.kill()
            self.goes_on(sender, reader, kcat, f"while {node} is lost")
            broker.start()
            self.eventually(lambda: self.in_sync(topic) == [3] * 3, "all are in sync again", 90)
            self.assertEqual(kcat.finish(), 0)
            sent += kcat.written
        sender.leave()
        wanted = sorted([*sender.records, *sent])
        self.eventually(lambda: len(kcat.read) >= len(wanted), "kcat reads all of it", 60)
        self.assertEqual(sorted(kcat.read), wanted, "each once")
        self.eventually(lambda: set(wanted) <= set(reader.records), "kafkajs reads all of it", 60)
        self.assertEqual(set(reader.records), set(wanted), "and nothing else")

    def goes_on(self, sender: Member, reader: Member, kcat: KcatPair, when: str) -> None:
        """Both clients write, and both read what either has written by now."""
        told, said = len(sender.records) + 20, len(kcat.written) + 20
        self.eventually(lambda: len(sender.records) > told and len(kcat.written) > said, f"both write {when}", 60)
        wanted = {*sender.records, *kcat.written}
        self.eventually(lambda: wanted <= set(kcat.read), f"kcat reads {when}", 60)
        self.eventually(lambda: wanted <= set(reader.records), f"kafkajs reads {when}", 60)

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
            self.eventually(lambda: len(metadata(self.admin).brokers) == 3, "it is let in again", 60)

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

    @limit(240)
    def test_a_node_that_was_alone_is_moved_and_everything_is_there(self):
        node = Broker(node_id=1, group_initial_rebalance_delay_ms=100, offsets_topic_replication_factor=1,
                      offsets_topic_num_partitions=3, transaction_state_log_replication_factor=1,
                      transaction_state_log_min_isr=1)
        self.addCleanup(node.close)
        node.start()
        before = self.live(node)
        target = f"{self.keeper.address}/moved"
        move = ["cluster", "move", "--config", str(node.home / "server.properties"), "--to-zookeeper", target]
        refused = self.barnabas(*move)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("in use by another process", refused.stderr)
        self.assertEqual(node.stop(), 0)
        # kill -9 at some moment of the move, and again: it is made anew.
        for wait in (0.3, 0.6):
            broken = subprocess.Popen([str(BINARY), *move], env=environment(), stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL)
            time.sleep(wait)
            broken.kill()
            broken.wait()
        moved = self.barnabas(*move, "-o", "json")
        self.assertEqual(moved.returncode, 0, moved.stderr)
        self.assertIn(json.loads(moved.stdout)[0]["status"], ("moved", "was there already"))
        self.assertIn(f"zookeeper.connect={target}", moved.stderr)
        node.spawn()
        self.assertEqual(node.process.wait(60), 1, "it does not go on without the ensemble")
        self.assertIn(f"set zookeeper.connect={target}", node.tail_of_log())
        node.process = None
        node.configs |= {"zookeeper.connect": target, "broker.session.timeout.ms": "6000"}
        node.start()
        self.assertEqual(self.look(node), before)
        other = member(2, target)
        self.addCleanup(other.close)
        other.start()
        admin = ckadmin.AdminClient({"bootstrap.servers": node.bootstrap})
        self.eventually(lambda: len(metadata(admin).brokers) == 2, "another joins it", 60)

    def live(self, node: Broker) -> dict:
        """A topic with a config, records, and positions of a group; what is seen of them."""
        admin = ckadmin.AdminClient({"bootstrap.servers": node.bootstrap})
        orders = ckadmin.NewTopic("orders", 2, 1, config={"retention.ms": "12345678"})
        admin.create_topics([orders])["orders"].result(30)
        client = Confluent(node.bootstrap)
        for partition in (0, 1):
            client.produce("orders", [Record(b"%d" % i) for i in range(50)], partition=partition)
        consumer = Consumer({"bootstrap.servers": node.bootstrap, "group.id": "billing"})
        consumer.commit(offsets=[TopicPartition("orders", 0, 17)], asynchronous=False)
        consumer.close()
        return self.look(node)

    def look(self, node: Broker) -> dict:
        """What clients see of a node."""
        admin = ckadmin.AdminClient({"bootstrap.servers": node.bootstrap})
        client = Confluent(node.bootstrap)
        topics = metadata(admin)
        resource = ckadmin.ConfigResource(ckadmin.ConfigResource.Type.TOPIC, "orders")
        consumer = Consumer({"bootstrap.servers": node.bootstrap, "group.id": "billing"})
        [position] = consumer.committed([TopicPartition("orders", 0)], timeout=60)
        consumer.close()
        return {
            "cluster": topics.cluster_id, "topics": sorted(topics.topics),
            "retention": admin.describe_configs([resource])[resource].result(30)["retention.ms"].value,
            "records": [r.value for p in (0, 1) for r in client.consume("orders", 50, partition=p)],
            "position": position.offset,
        }

    @staticmethod
    def barnabas(*arguments: str) -> subprocess.CompletedProcess:
        """The command line, to its end."""
        return subprocess.run([str(BINARY), *arguments], env=environment(), capture_output=True, text=True, timeout=120,
                              check=False)


class Secured(Suite):
    """An ensemble that knows its users, and a broker that is one of them."""

    part = "ensemble"
    broker: Broker

    @classmethod
    def setUpClass(cls) -> None:
        cls.keeper = ZooKeeper("authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
                               users={"bob": "secret"})
        cls.addClassCleanup(cls.keeper.close)
        cls.keeper.start()
        module = "org.apache.zookeeper.server.auth.DigestLoginModule"
        cls.broker = member(1, f"{cls.keeper.address}/kafka", zookeeper_set_acl="true",
                            barnabas_zookeeper_sasl_jaas_config=f'{module} required username="bob" password="secret";')
        cls.addClassCleanup(cls.broker.close)
        cls.broker.start()

    @limit(120)
    def test_what_it_makes_is_its_own_and_others_read_what_is_shown(self):
        def acl(path: str) -> list[str]:
            return [line.strip() for line in self.keeper.cli("getAcl", path).splitlines() if line.startswith("'")]

        self.eventually(lambda: acl("/kafka/controller"), "the controller is shown", 60)
        for shown in ("/kafka", "/kafka/controller", "/kafka/brokers/ids/1", "/kafka/cluster/id"):
            self.assertEqual(acl(shown), ["'sasl,'bob", "'world,'anyone"], shown)
        self.assertIn("Insufficient permission", self.keeper.cli("get", "/kafka/barnabas/cluster"))
        self.assertIn("Insufficient permission", self.keeper.cli("set", "/kafka/controller", "me"))

    @limit(120)
    def test_who_does_not_know_the_password_is_refused_and_ends(self):
        wrong = member(2, f"{self.keeper.address}/kafka", barnabas_zookeeper_sasl_jaas_config=self.broker.configs[
            "barnabas.zookeeper.sasl.jaas.config"].replace("secret", "guessed"))
        self.addCleanup(wrong.close)
        wrong.spawn()
        self.assertEqual(wrong.process.wait(60), 1)
        self.assertIn("refuses: AuthFailed", wrong.tail_of_log())
        self.assertNotIn("guessed", wrong.tail_of_log())


SUITES = [Ensemble, Secured]
