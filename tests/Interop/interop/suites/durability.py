"""What was acknowledged is there: after kill -9, after a clean stop, with a torn or damaged log, with a failing disk."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import time

from ..batches import batch, read_batches, read_checkpoint, read_producer_snapshot, read_segment
from ..broker import Broker
from ..clients.confluent import Confluent
from ..load import Load
from ..record import Record
from ..suite import Suite, each, limit
from ..wire import PRODUCE, Connection, produce_body, read_produced

CLEAN = ".kafka_cleanshutdown"


class Durability(Suite):
    """A broker of its own for every test."""

    part = "durability"
    configs = {"num_partitions": 1}

    @classmethod
    def setUpClass(cls) -> None:
        """There is no shared broker here."""

    def setUp(self) -> None:
        self.broker = Broker(**self.configs)
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.client = Confluent(self.broker.bootstrap)

    def everything(self, topic: str, partition: int) -> list[Record]:
        end = self.client.offsets(topic, partition)[1]
        return self.client.consume(topic, end, partition=partition) if end else []

    def topic(self, partitions: int = 1, **configs: object) -> str:
        topic = self.unique()
        self.client.create_topic(topic, partitions, {key.replace("_", "."): str(v) for key, v in configs.items()})
        return topic

    # kill -9

    @limit(180)
    @each("idempotent", [False, True])
    def test_kill_9_under_load_loses_no_acknowledged_record(self, idempotent):
        topic = self.topic(3, segment_bytes=1_048_576)
        acked: dict[tuple[int, int], bytes] = {}
        sent = 0
        chance = random.Random(9)
        for _ in range(4):
            with Load(self.broker.bootstrap, topic, 3, idempotent, first=sent) as load:
                self.eventually(lambda load=load: len(load.acked) > 500, "500 acknowledged records", 30)
                time.sleep(chance.random())
                self.broker.kill()
                load.stop()
            acked |= load.acked
            sent += load.sent
            self.broker.start()
            for partition in range(3):
                there = {(partition, record.offset): record.value for record in self.everything(topic, partition)}
                lost = {at: value for at, value in acked.items() if at[0] == partition and there.get(at) != value}
                self.assertEqual(lost, {}, f"of {len(acked)} acknowledged records")

    @limit(120)
    def test_an_idempotent_producer_rides_over_a_kill_without_doubles(self):
        topic = self.topic(2)
        with Load(self.broker.bootstrap, topic, 2) as load:
            for goal in (1_000, 2_000, 3_000):
                self.eventually(lambda goal=goal: len(load.acked) > goal, "the load goes on", 30)
                self.broker.kill()
                time.sleep(0.2)
                self.broker.start()
            self.assertEqual(load.finish(), 0)
        self.assertEqual(load.refused, [])
        for partition in range(2):
            values = [record.value for record in self.everything(topic, partition)]
            self.assertEqual(values, [b"value-%d" % i for i in range(partition, load.sent, 2)])

    def test_topics_configs_and_ids_survive_a_kill(self):
        topic = self.topic(3, retention_ms=7_200_000)
        kept = self.topic()
        gone = self.topic()
        self.client.alter_config(kept, "max.message.bytes", "77777")
        self.client.create_partitions(kept, 4)
        self.client.delete_topic(gone)
        metadata = self.broker.data / f"{topic}-0/partition.metadata"
        before = metadata.read_text()
        self.broker.kill()
        self.broker.start()
        topics = self.client.topics()
        self.assertEqual((topics[topic], topics[kept]), (3, 4))
        self.assertNotIn(gone, topics)
        self.assertEqual(self.client.configs(topic)["retention.ms"], "7200000")
        self.assertEqual(self.client.configs(kept)["max.message.bytes"], "77777")
        self.assertEqual(metadata.read_text(), before)
        self.assertEqual(list(self.broker.data.glob(f"{gone}-0")), [])

    # A clean stop

    def test_sigterm_stops_cleanly(self):
        topic = self.topic()
        self.client.produce(topic, [Record(b"%d" % i) for i in range(100)], idempotent=True)
        self.assertEqual(self.broker.stop(), 0)
        self.assertEqual(json.loads((self.broker.data / CLEAN).read_text())["version"], 0)
        self.assertIn([topic, "0", "100"], read_checkpoint(self.broker.data / "recovery-point-offset-checkpoint"))
        self.assertIn([topic, "0", "100"], read_checkpoint(self.broker.data / "replication-offset-checkpoint"))
        [entry] = read_producer_snapshot(self.broker.data / f"{topic}-0" / f"{100:020}.snapshot")
        self.assertEqual((entry[1], entry[2], entry[3]), (0, 99, 99))
        self.broker.start()
        self.assertFalse((self.broker.data / CLEAN).exists(), "it holds for one start only")
        self.assertEqual(len(self.everything(topic, 0)), 100)

    def test_a_clean_stop_is_quick_while_clients_are_connected(self):
        topic = self.topic()
        with self.client.tail(topic), Load(self.broker.bootstrap, topic, 1) as load:
            self.eventually(lambda: load.acked, "the load runs")
            started = time.monotonic()
            self.assertEqual(self.broker.stop(), 0)
            self.assertLess(time.monotonic() - started, 10)

    def test_a_kill_leaves_no_clean_file(self):
        self.broker.kill()
        self.assertFalse((self.broker.data / CLEAN).exists())
        self.broker.start()

    def test_a_second_process_on_the_same_data_is_refused(self):
        topic = self.topic()
        second = Broker(log_dirs=self.broker.data)
        self.addCleanup(second.close)
        second.spawn()
        self.assertNotEqual(second.process.wait(30), 0)
        second.process = None
        self.assertIn(str(self.broker.data), second.tail_of_log())
        self.client.produce(topic, [Record(b"the first one goes on")])

    # A torn or damaged log

    @each("tail", ["garbage", "zeros", "half a batch"])
    def test_a_torn_tail_is_cut(self, tail):
        topic = self.topic()
        sent = [Record(b"%d" % i) for i in range(50)]
        self.client.produce(topic, sent)
        self.broker.kill()
        log = self.broker.data / f"{topic}-0" / f"{0:020}.log"
        batches = read_segment_prefix(log)
        whole = log.read_bytes()[:sum(batch.size for batch in batches)]
        half = whole[: batches[0].size // 2]
        extra = {"garbage": random.Random(1).randbytes(777), "zeros": bytes(4_096), "half a batch": half}
        log.write_bytes(whole + extra[tail])
        self.broker.start()
        self.assertEqual([record.value for record in self.everything(topic, 0)], [record.value for record in sent])
        self.client.produce(topic, [Record(b"next")])
        [record] = self.client.consume(topic, 1, start=50)
        self.assertEqual((record.value, record.offset), (b"next", 50))

    @each("file", ["index", "timeindex", "snapshot", "leader-epoch-checkpoint"])
    def test_a_lost_side_file_is_made_anew(self, file):
        topic = self.topic()
        for i in range(20):
            self.client.produce(topic, [Record(b"x" * 1_000, timestamp=1_700_000_000_000 + i)] * 10)
        self.broker.kill()
        for path in (self.broker.data / f"{topic}-0").glob(f"*{file}"):
            path.unlink()
        self.broker.start()
        self.assertEqual(len(self.everything(topic, 0)), 200)
        self.assertEqual(self.client.offset_at(topic, 1_700_000_000_007), 70)

    def test_damage_is_reported_and_never_served(self):
        topic = self.topic()
        for i in range(10):
            self.client.produce(topic, [Record(b"value-%d" % i)])
        self.broker.kill()
        log = self.broker.data / f"{topic}-0" / f"{0:020}.log"
        damaged = read_segment(log)[4]
        data = bytearray(log.read_bytes())
        data[damaged.position + damaged.size - 3] ^= 0x40
        log.write_bytes(data)
        self.broker.spawn()
        try:
            self.broker.wait_ready(20)
        except AssertionError:
            pass  # To refuse the start is an answer, too.
        self.assertIn(f"{topic}-0", self.broker.tail_of_log(1_000))
        if self.broker.process.poll() is None:
            values = self.whatever_is_served(topic)
            self.assertEqual(values, [b"value-%d" % i for i in range(len(values))], "a prefix, without the damage")
            self.assertLessEqual(len(values), 4)

    def whatever_is_served(self, topic: str) -> list[bytes]:
        """All that a client gets out of a partition, if it gets anything."""
        try:
            done = subprocess.run(["kcat", "-b", self.broker.bootstrap, "-C", "-e", "-q", "-u", "-t", topic, "-X",
                                   "check.crcs=true"], capture_output=True, timeout=10, check=False)
            return done.stdout.split()
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b"").split()

    # A failing disk

    def test_a_failed_fsync_is_never_acknowledged(self):
        topic = self.topic()
        self.assertEqual(self.produce_raw(topic), 0)
        pid = str(self.broker.process.pid)
        strace = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-p", pid, "-e", "trace=fdatasync,fsync",
                                   "-e", "inject=fdatasync,fsync:error=EIO"], stderr=subprocess.PIPE)
        try:
            if strace.poll() is not None or not self.is_traced(pid):
                self.skipTest("this machine does not let strace attach")
            self.assertEqual(self.produce_raw(topic), 56, "KAFKA_STORAGE_ERROR")
        finally:
            strace.terminate()
            strace.wait()
            strace.stderr.close()
        self.assertNotEqual(self.produce_raw(topic), 0, "a disk that failed once is not trusted again")
        self.broker.kill()
        self.broker.start()
        self.assertEqual(self.produce_raw(topic), 0, "after a restart the log is checked and serves")

    def is_traced(self, pid: str) -> bool:
        """Whether strace has attached by now."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with open(f"/proc/{pid}/status", encoding="ascii") as status:
                if any(line.startswith("TracerPid:") and not line.endswith("\t0\n") for line in status):
                    time.sleep(0.5)
                    return True
            time.sleep(0.05)
        return False

    def produce_raw(self, topic: str) -> int:
        """The error code of one produce request that is sent once; -1 when the connection closes instead."""
        try:
            with Connection(self.broker.bootstrap) as connection:
                return read_produced(connection.ask(PRODUCE, 3, produce_body(topic, batch([Record(b"x", timestamp=1)]))))[0]
        except OSError:
            return -1


def read_segment_prefix(log):
    """The batches of a live segment, which may be preallocated."""
    data = log.read_bytes()
    at = 0
    while at + 12 <= len(data) and (length := struct.unpack_from(">i", data, at + 8)[0]):
        at += 12 + length
    return list(read_batches(data[:at]))


SUITES = [Durability]
