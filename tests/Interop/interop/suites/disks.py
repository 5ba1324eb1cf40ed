"""Real files on real file systems that fail, fill up and lose power; and a process that is killed fifty times."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from ..batches import batch
from ..broker import Broker
from ..clients.confluent import Confluent
from ..faults import Volume, failing
from ..load import Load
from ..record import Record
from ..suite import Suite, each, limit
from ..wire import CREATE_TOPICS, PRODUCE, Connection, Writer, produce_body, read_produced

STORAGE_ERROR = 56
NOTHING = -1

# What fails, in which file of the partition, and whether its directory stays online. A number is the call of a thread
# from which on, or at which alone, it fails.
FAULTS = {
    "sync": ("fdatasync:error=EIO:when=1+", "log", False),
    "sync once, later": ("fdatasync:error=EIO:when=4", "log", False),
    "sync, full": ("fdatasync:error=ENOSPC:when=2+", "log", False),
    "write": ("pwrite64:error=EIO:when=1+", "log", False),
    "write once, later": ("pwrite64:error=EIO:when=5", "log", False),
    "write, full": ("pwrite64:error=ENOSPC:when=1+", "log", True),
    "write once, full": ("pwrite64:error=ENOSPC:when=3", "log", True),
    "full, no way back": ("pwrite64:error=ENOSPC:when=2+ ftruncate:error=EIO", "log", False),
    "cut of an index": ("ftruncate:error=EIO", "index", False),
    "sync of an index": ("fdatasync:error=EIO", "index", False),
    "rename": ("rename:error=EIO", "checkpoint", False),
}


class Ledger:
    """Numbered records to one partition, one request each, and what became of them."""

    def __init__(self, broker: Broker, topic: str, partition: int) -> None:
        self.broker, self.topic, self.partition = broker, topic, partition
        self.acked: dict[int, bytes] = {}
        self.errors: list[int] = []
        self.sent = 0

    def write(self, size: int = 10) -> int:
        """Sends the next record; its error code, or NOTHING when no answer came."""
        value = b"%d/" % self.sent + b"x" * size
        self.sent += 1
        try:
            with Connection(self.broker.bootstrap) as connection:
                data = batch([Record(value, timestamp=1)])
                answer = connection.ask(PRODUCE, 3, produce_body(self.topic, data, partition=self.partition))
                error, offset = read_produced(answer)
        except OSError:
            error, offset = NOTHING, -1
        if error == 0:
            self.acked[offset] = value
        else:
            self.errors.append(error)
        return error

    def write_until_refused(self, most: int, size: int = 10) -> int:
        """Writes until something goes wrong: the error code, 0 when nothing does."""
        for _ in range(most):
            if error := self.write(size):
                return error
        return 0

    def lost(self) -> dict[int, bytes]:
        """What was acknowledged and is not there, or is something else."""
        client = Confluent(self.broker.bootstrap)
        start, end = client.offsets(self.topic, self.partition)
        records = client.consume(self.topic, end - start, start=start, partition=self.partition) if end > start else []
        assert len(records) == end - start, f"only {len(records)} of {end - start} records came in time"
        there = {record.offset: record.value for record in records}
        return {offset: value[:20] for offset, value in self.acked.items() if there.get(offset) != value}


class Disks(Suite):
    """Every test has a broker of its own."""

    part = "disks"

    @classmethod
    def setUpClass(cls) -> None:
        """There is no shared broker here."""

    def start(self, *directories: Path, **configs: object) -> Confluent:
        """A broker on these log directories, the first of which has the metadata; on one of its own without any."""
        if directories:
            configs["log_dirs"] = ",".join(map(str, directories))
        self.broker = Broker(**configs)
        self.addCleanup(self.broker.close)
        self.broker.start()
        return Confluent(self.broker.bootstrap)

    def start_on_two(self, **configs: object) -> tuple[Ledger, Ledger, Path]:
        """A broker on two directories and a topic with a partition on each: first the one beside the metadata. The last
        is the other one's directory."""
        home = self.directory()
        first, second = home / "first", home / "second"
        self.start(first, second, **configs)
        return *self.ledgers(second), second

    def ledgers(self, second: Path) -> tuple[Ledger, Ledger]:
        topic = self.unique()
        Confluent(self.broker.bootstrap).create_topic(topic, 2, {"segment.bytes": "1048576"})
        [there] = second.glob(f"{topic}-*")
        index = int(there.name[-1])
        return Ledger(self.broker, topic, 1 - index), Ledger(self.broker, topic, index)

    def directory(self) -> Path:
        """A directory of the test's own."""
        return Path(self.enterContext(tempfile.TemporaryDirectory(prefix="barnabas-", ignore_cleanup_errors=True)))

    # System calls that fail

    @limit(300)
    @each("fault", FAULTS)
    def test_what_fails_is_not_acknowledged(self, fault):
        """Two directories of which one fails: it answers KAFKA_STORAGE_ERROR or recovers, the other serves on."""
        calls, where, stays_online = FAULTS[fault]
        healthy, doomed, second = self.start_on_two(
            log_initial_task_delay_ms=300, log_flush_offset_checkpoint_interval_ms=300, log_retention_ms=-1)
        for ledger in (healthy, doomed):
            self.assertEqual(ledger.write_until_refused(3), 0)
        size = 300_000 if where == "index" else 10
        with failing(self.broker.process.pid, *calls.split(), paths=self.files(doomed, second, where)):
            error = self.write_into_the_fault(doomed, size, where)
            self.assertEqual(error, STORAGE_ERROR)
            self.assertEqual(healthy.write(), 0, "the other directory serves on")
            if not stays_online:
                self.assertEqual(doomed.write(), STORAGE_ERROR, "it is not tried again")
        self.assertEqual(doomed.write(), 0 if stays_online else STORAGE_ERROR)
        self.assertEqual(healthy.write(), 0)
        self.assertTrue(self.broker.runs())
        self.broker.kill()
        self.broker.start()
        for ledger in (healthy, doomed):
            self.assertEqual(ledger.lost(), {})
            self.assertEqual(ledger.write(), 0, "after the restart it serves")
            self.assertEqual(ledger.lost(), {})

    def write_into_the_fault(self, doomed: Ledger, size: int, where: str) -> int:
        """Writes until the fault shows. A checkpoint fails by the clock, the others by what is written."""
        deadline = time.monotonic() + 20
        while (error := doomed.write(size)) == 0 and time.monotonic() < deadline:
            time.sleep(0.05 if where == "checkpoint" else 0)
        return error

    def files(self, doomed: Ledger, second: Path, where: str) -> list[Path]:
        """The files that a fault is for."""
        home = second / f"{doomed.topic}-{doomed.partition}"
        if where == "checkpoint":
            return [second / "recovery-point-offset-checkpoint", second / "recovery-point-offset-checkpoint.tmp"]
        return list(home.glob("*.log" if where == "log" else "*index"))

    @each("call", ["fdatasync", "pwrite64"])
    def test_metadata_that_cannot_be_remembered_stops_the_node(self, call):
        """Nothing that only this process knows is promised to anybody."""
        client = self.start()
        before, after = self.unique(), self.unique()
        client.create_topic(before)
        log = next((self.broker.data / "__cluster_metadata-0").glob("*.log"))
        with failing(self.broker.process.pid, f"{call}:error=EIO", paths=[log]):
            with self.assertRaises(Exception):
                client.create_topic(after)
            self.eventually(lambda: not self.broker.runs(), "the node has stopped", 30)
        self.assertNotEqual(self.broker.process.returncode, 0)
        self.broker.process = None
        self.broker.start()
        self.assertIn(before, client.topics())

    # Directories that fail as a whole

    @limit(300)
    def test_of_two_directories_one_dies(self):
        """A file system that is gone from one moment to the next, under load on both.

        What was acknowledged before that moment is there: ext4 lets a sync succeed that was under way in it, and the
        records are gone all the same.
        """
        volume = Volume(64)
        self.addCleanup(volume.close)
        client = self.start(self.directory() / "first", volume.path)
        healthy, doomed = self.ledgers(volume.path)
        with Load(self.broker.bootstrap, healthy.topic, 2) as load:
            self.eventually(lambda: len(load.acked) > 500, "the load runs", 30)
            synced = dict(load.acked)
            volume.cut_power()
            self.eventually(lambda: doomed.write() == STORAGE_ERROR, "the directory is offline")
            so_far = self.acked(load, healthy.partition)
            self.eventually(lambda: self.acked(load, healthy.partition) > so_far + 200, "the other serves on", 30)
            load.stop()
        self.assertEqual([healthy.write() for _ in range(10)], [0] * 10)
        self.assertEqual(client.topics()[healthy.topic], 2)
        self.broker.kill()
        volume.power_on()
        self.broker.start()
        for ledger, acked in ((healthy, load.acked), (doomed, synced)):
            ledger.acked |= {offset: value for (partition, offset), value in acked.items()
                             if partition == ledger.partition}
            self.assertEqual(ledger.lost(), {})
            self.assertEqual(ledger.write(), 0)
        self.broker.stop()

    @staticmethod
    def acked(load: Load, partition: int) -> int:
        return sum(1 for at in list(load.acked) if at[0] == partition)

    # A disk that is full

    @limit(300)
    def test_a_full_disk_takes_writes_again_when_there_is_room(self):
        """64 MB, filled by somebody else, then freed: no restart is needed, and nothing is offline."""
        volume = Volume(64)
        self.addCleanup(volume.close)
        client = self.start(self.directory() / "first", volume.path, replica_high_watermark_checkpoint_interval_ms=100)
        healthy, full = self.ledgers(volume.path)
        for _ in range(3):
            self.assertEqual(full.write_until_refused(10, 50_000), 0)
            ballast = volume.fill()
            # What blocks were reserved for still fits.
            self.assertEqual(full.write_until_refused(200, 50_000), STORAGE_ERROR)
            self.assertEqual(healthy.write(), 0)
            self.assertEqual(full.lost(), {}, "a full disk can be read")
            ballast.unlink()
            self.eventually(lambda: full.write(50_000) == 0, "there is room again")
        self.assertEqual(set(full.errors), {STORAGE_ERROR})
        self.broker.kill()
        self.broker.start()
        self.assertEqual((healthy.lost(), full.lost()), ({}, {}))
        self.assertEqual(client.topics()[full.topic], 2)
        self.broker.stop()

    @limit(300)
    def test_a_full_disk_of_records_and_metadata(self):
        """All of the node on 64 MB that its own clients fill: it may stop, and loses nothing."""
        volume = Volume(64)
        self.addCleanup(volume.close)
        ballast = volume.fill(leaving=32)
        client = self.start(volume.path)
        topic = self.unique()
        client.create_topic(topic, 1, {"segment.bytes": "1048576"})
        ledger = Ledger(self.broker, topic, 0)
        self.assertIn(ledger.write_until_refused(200, 500_000), {STORAGE_ERROR, NOTHING})
        self.assertGreater(len(ledger.acked), 20)
        try:
            with Connection(self.broker.bootstrap) as connection:
                body = Writer().put("i", 1).string(self.unique()).put("ihii", 1, 1, 0, 0).put("i?", 5_000, False).bytes
                connection.ask(CREATE_TOPICS, 2, body)
        except OSError:
            pass  # It may be refused, and even be the end of the node.
        if self.broker.runs():
            self.broker.kill()
        self.broker.process = None
        ballast.unlink()
        self.broker.start()
        self.assertEqual(ledger.lost(), {})
        self.assertEqual(ledger.write(500_000), 0)
        self.broker.stop()

    # A process that dies, and a machine that does

    @limit(600)
    def test_fifty_kills_in_a_row(self):
        """kill -9 under load, again and again: one idempotent producer rides over all of it, each record once."""
        client = self.start()
        topic = self.unique()
        client.create_topic(topic, 3, {"segment.bytes": "1048576"})
        slowest = 0.0
        with Load(self.broker.bootstrap, topic, 3) as load:
            for kill in range(50):
                so_far = len(load.acked)
                self.eventually(lambda so_far=so_far: len(load.acked) > so_far + 100, f"acks before kill {kill}", 30)
                self.broker.kill()
                started = time.monotonic()
                self.broker.start()
                slowest = max(slowest, time.monotonic() - started)
            self.assertEqual(load.finish(60), 0)
        self.note(f"{len(load.acked)} acknowledged records over 50 kills; the slowest start took {slowest:.1f} s")
        self.check_each_record_once(client, topic, load)

    @limit(300)
    def test_power_cuts(self):
        """The disk keeps what was synced and nothing else; what was acknowledged is there all the same."""
        volume = Volume(256)
        self.addCleanup(volume.close)
        client = self.start(volume.path, replica_high_watermark_checkpoint_interval_ms=500)
        topic = self.unique()
        client.create_topic(topic, 3, {"segment.bytes": "1048576"})
        with Load(self.broker.bootstrap, topic, 3) as load:
            for cut in range(10):
                so_far = len(load.acked)
                self.eventually(lambda so_far=so_far: len(load.acked) > so_far + 200, f"acks before cut {cut}", 30)
                self.broker.freeze()
                volume.cut_power()
                self.broker.kill()
                volume.power_on()
                self.broker.start()
            self.assertEqual(load.finish(60), 0)
        self.note(f"{len(load.acked)} acknowledged records over 10 power cuts")
        self.check_each_record_once(client, topic, load)
        self.broker.stop()

    def check_each_record_once(self, client: Confluent, topic: str, load: Load) -> None:
        """Every record that was sent is there, once, in order, where its acknowledgement said."""
        self.assertEqual(load.refused, [])
        for partition in range(3):
            end = client.offsets(topic, partition)[1]
            records = client.consume(topic, end, partition=partition)
            self.assertEqual([r.value for r in records], [b"value-%d" % i for i in range(partition, load.sent, 3)])
            acked = {at[1]: value for at, value in load.acked.items() if at[0] == partition}
            self.assertEqual(acked, {record.offset: record.value for record in records})


SUITES = [Disks]
