"""Compaction in the real process: foreign clients write and read, and the process is killed in the middle of it."""

from __future__ import annotations

import io
import random
import time

from ..broker import Broker
from ..clients.confluent import Confluent
from ..clients.kafka_python import KafkaPython
from ..clients.kcat import FORMAT, read_record, run
from ..record import Record
from ..suite import Suite, each, limit

KEYS = 50
VALUE = 600


class Compaction(Suite):
    """A broker of its own for every test, which looks often for something to compact."""

    part = "compaction"

    @classmethod
    def setUpClass(cls) -> None:
        """There is no shared broker here."""

    def start(self, **configs: object) -> None:
        self.broker = Broker(log_cleaner_backoff_ms=200, log_retention_check_interval_ms=1_000, **configs)
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.client = Confluent(self.broker.bootstrap)
        self.chance = random.Random(5)
        self.latest: dict[bytes, bytes | None] = {}

    def topic(self, **configs: object) -> str:
        topic = self.unique()
        wanted = {"cleanup.policy": "compact", "segment.bytes": "1048576", "min.cleanable.dirty.ratio": "0.01",
                  "file.delete.delay.ms": "1000"}
        wanted |= {key.replace("_", "."): str(value) for key, value in configs.items()}
        self.client.create_topic(topic, 1, wanted)
        return topic

    def write(self, topic: str, count: int, codec: str = "none", tombstones: float = 0) -> None:
        """Writes records of a few keys, acknowledged, and remembers the last of each."""
        records = []
        for _ in range(count):
            value = None if self.chance.random() < tombstones else self.chance.randbytes(VALUE)
            records.append(Record(value, b"key-%d" % self.chance.randrange(KEYS)))
        self.client.produce(topic, records, codec=codec)
        self.latest |= {record.key: record.value for record in records}

    def read(self, topic: str) -> list[Record]:
        """All records there are, up to the end."""
        printed = run("-b", self.broker.bootstrap, "-C", "-q", "-t", topic, "-p", "0", "-o", "beginning", "-e",
                      "-f", FORMAT)
        stream = io.BytesIO(printed)
        return list(iter(lambda: read_record(stream), None))

    def check(self, topic: str) -> list[Record]:
        """The last value of every key is there, and offsets are in order."""
        records = self.read(topic)
        offsets = [record.offset for record in records]
        self.assertEqual(offsets, sorted(set(offsets)))
        # kcat prints a key that was deleted as long as its tombstone is there.
        there = {record.key: record.value for record in records}
        for key, value in self.latest.items():
            if value is not None or key in there:
                self.assertEqual(there.get(key), value, key)
        return records

    def compacted(self, topic: str, most: int) -> list[Record]:
        """What there is once it is no more than so many records."""
        self.eventually(lambda: len(self.read(topic)) <= most, f"no more than {most} records are left", 60)
        return self.check(topic)

    @limit(180)
    @each("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
    def test_the_last_value_of_each_key_stays(self, codec):
        self.start()
        topic = self.topic()
        for _ in range(4):
            self.write(topic, 2_000, codec)
        # Of the active segment, which holds a megabyte, all is there.
        records = self.compacted(topic, KEYS + 2_000)
        other = KafkaPython(self.broker.bootstrap).consume(topic, len(records))
        self.assertEqual([(r.offset, r.key, r.value) for r in other], [(r.offset, r.key, r.value) for r in records])
        self.assertEqual(self.client.offsets(topic), (0, 8_000))

    @limit(180)
    def test_tombstones_go_and_their_keys_stay_away(self):
        self.start()
        topic = self.topic(delete_retention_ms=500)
        for _ in range(3):
            self.write(topic, 3_000, tombstones=0.5)
        for key in range(KEYS):
            self.client.produce(topic, [Record(None, b"key-%d" % key)])
            self.latest[b"key-%d" % key] = None

        def gone() -> bool:
            # A log is compacted again when there is something new in it.
            self.client.produce(topic, [Record(self.chance.randbytes(VALUE), b"other") for _ in range(2_000)])
            return all(record.key == b"other" for record in self.read(topic))

        self.eventually(gone, "all keys are gone", 90)

    @limit(240)
    def test_kill_9_while_it_compacts_loses_no_key(self):
        # So slow that a round takes seconds: a segment holds a megabyte, and it rests after less than half of that.
        self.start(log_cleaner_io_max_bytes_per_second=400_000)
        topic = self.topic()
        cut_short = 0
        for turn in range(4):
            self.write(topic, 2_000)
            if turn % 2 == 0:
                self.eventually(lambda: ".cleaned" in self.endings(topic), "a segment is being written anew", 30)
            else:
                time.sleep(0.5 + self.chance.random() * 1.5)
            self.broker.kill()
            cut_short += ".cleaned" in self.endings(topic)
            self.broker.start()
            self.client = Confluent(self.broker.bootstrap)
            self.check(topic)
        self.assertGreater(cut_short, 0, "no kill came in the middle of a round")
        self.compacted(topic, KEYS + 2_000)
        self.assertNotIn(".swap", self.endings(topic))

    def endings(self, topic: str) -> set[str]:
        """The endings of the names of the files of a topic's partition."""
        return {path.suffix for path in self.broker.data.glob(f"{topic}-0/*")}


SUITES = [Compaction]
