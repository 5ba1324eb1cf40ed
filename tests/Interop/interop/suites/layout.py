"""The files on disk are Apache Kafka's, read here by a decoder that shares no code with the broker."""

from __future__ import annotations

import base64
import json
import re

from ..batches import (read_checkpoint, read_offset_index, read_producer_snapshot, read_properties, read_segment,
                       read_time_index)
from ..broker import Broker
from ..clients.confluent import Confluent
from ..record import START, Record, noise, samples
from ..suite import Suite


class Layout(Suite):
    """A broker that wrote several segments and stopped cleanly; the tests look at what it left."""

    part = "layout"

    @classmethod
    def setUpClass(cls) -> None:
        cls.broker = Broker(num_partitions=1)
        cls.addClassCleanup(cls.broker.close)
        cls.broker.start()
        client = Confluent(cls.broker.bootstrap)
        client.create_topic("edges", 2)
        cls.sent = samples(client.can)
        for codec in client.codecs:
            client.produce("edges", cls.sent, codec=codec, partition=1)
        client.create_topic("rolled", 1, {"segment.bytes": "1048576", "index.interval.bytes": "4096"})
        for i in range(40):
            client.produce("rolled", [Record(noise(i, 90_000), timestamp=START + i)], idempotent=True)
        client.create_topic("deleted", 1)
        client.delete_topic("deleted")
        client.create_topic("changed", 1, {"retention.ms": "86400000"})
        client.create_partitions("changed", 2)
        cls.broker.stop()
        cls.data = cls.broker.data

    def segments(self, folder: str) -> list[str]:
        return sorted(path.stem for path in (self.data / folder).glob("*.log"))

    def test_the_log_directory_holds_kafkas_files(self):
        names = {path.name for path in self.data.iterdir()}
        expected = {"meta.properties", ".lock", ".kafka_cleanshutdown", "recovery-point-offset-checkpoint",
                    "replication-offset-checkpoint", "bootstrap.checkpoint", "__cluster_metadata-0", "edges-0", "edges-1",
                    "rolled-0", "changed-0", "changed-1"}
        self.assertEqual(expected - names, set())
        # A deleted partition waits for its end under a name of its own; checkpoints without entries may be left out.
        others = {re.sub(r"^deleted-0\.[0-9a-f]{32}-delete$", "deleted", name) for name in names - expected}
        self.assertLessEqual(others, {"deleted", "log-start-offset-checkpoint"})

    def test_meta_properties(self):
        meta = read_properties(self.data / "meta.properties")
        self.assertEqual(meta["version"], "1")
        self.assertRegex(meta["cluster.id"], r"^[A-Za-z0-9_-]{22}$")
        self.assertRegex(meta["directory.id"], r"^[A-Za-z0-9_][A-Za-z0-9_-]{21}$")
        self.assertRegex(meta["node.id"], r"^\d+$")

    def test_the_clean_shutdown_file(self):
        clean = json.loads((self.data / ".kafka_cleanshutdown").read_text())
        self.assertEqual(clean["version"], 0)
        self.assertIsInstance(clean["brokerEpoch"], int)

    def test_partition_metadata(self):
        text = (self.data / "edges-0/partition.metadata").read_text()
        self.assertRegex(text, r"\Aversion: 0\ntopic_id: [A-Za-z0-9_][A-Za-z0-9_-]{21}\n?\Z")
        self.assertEqual(text, (self.data / "edges-1/partition.metadata").read_text())

    def test_checkpoints(self):
        for name in ("recovery-point-offset-checkpoint", "replication-offset-checkpoint"):
            entries = read_checkpoint(self.data / name)
            self.assertIn(["rolled", "0", "40"], entries)
            self.assertIn(["edges", "1", str(5 * len(self.sent))], entries)
        self.assertEqual(read_checkpoint(self.data / "rolled-0/leader-epoch-checkpoint"), [["0", "0"]])

    def test_batches_hold_what_was_sent(self):
        batches = read_segment(self.data / "edges-1" / f"{0:020}.log")
        records = [record for batch in batches for record in batch.records]
        self.assertEqual(records, self.sent * 5)
        self.assertEqual([record.offset for record in records], list(range(len(records))))
        self.assertEqual({batch.attributes & 7 for batch in batches}, {0, 1, 2, 3, 4})
        self.assertEqual({batch.leader_epoch for batch in batches}, {0})

    def test_segments_are_rolled_and_named_by_their_first_offset(self):
        names = self.segments("rolled-0")
        self.assertGreater(len(names), 2)
        for name in names:
            self.assertRegex(name, r"^\d{20}$")
            path = self.data / "rolled-0" / f"{name}.log"
            self.assertLessEqual(path.stat().st_size, 1_048_576)
            self.assertEqual(read_segment(path)[0].base_offset, int(name))
        last = [read_segment(self.data / "rolled-0" / f"{name}.log")[-1].last_offset for name in names]
        self.assertEqual([int(name) for name in names[1:]] + [40], [offset + 1 for offset in last])

    def test_offset_indexes_point_at_batches(self):
        entries = 0
        for name in self.segments("rolled-0"):
            batches = {batch.position: batch for batch in read_segment(self.data / "rolled-0" / f"{name}.log")}
            path = self.data / "rolled-0" / f"{name}.index"
            self.assertEqual(path.stat().st_size % 8, 0)
            for relative, position in read_offset_index(path):
                self.assertEqual(batches[position].last_offset, int(name) + relative)
                entries += 1
        self.assertGreater(entries, 20, "an entry every index.interval.bytes")

    def test_time_indexes_hold_growing_maxima(self):
        for name in self.segments("rolled-0"):
            batches = read_segment(self.data / "rolled-0" / f"{name}.log")
            entries = read_time_index(self.data / "rolled-0" / f"{name}.timeindex")
            self.assertEqual(entries, sorted(entries))
            self.assertEqual(entries[-1], (batches[-1].max_timestamp, batches[-1].last_offset - int(name)),
                             "a closed segment ends with its largest timestamp")

    def test_producer_snapshots(self):
        names = self.segments("rolled-0")
        snapshots = sorted(path.stem for path in (self.data / "rolled-0").glob("*.snapshot"))
        self.assertEqual(snapshots, [*names[1:], f"{40:020}"])
        entries = read_producer_snapshot(self.data / "rolled-0" / f"{40:020}.snapshot")
        # Each produce call above was a producer of its own with one batch.
        self.assertEqual(sorted(entry[3] for entry in entries), list(range(40)))
        self.assertEqual({(entry[1], entry[2], entry[4], entry[7]) for entry in entries}, {(0, 0, 0, -1)})

    def test_the_metadata_log_is_krafts(self):
        types: dict[int, int] = {}
        control = 0
        for name in self.segments("__cluster_metadata-0"):
            for batch in read_segment(self.data / "__cluster_metadata-0" / f"{name}.log"):
                for record in batch.records:
                    if batch.is_control:
                        control += 1
                        continue
                    self.assertIsNone(record.key)
                    self.assertEqual(record.value[0], 1, "the frame version")
                    types[record.value[1]] = types.get(record.value[1], 0) + 1
        self.assertGreater(control, 0, "each leader epoch begins with a LeaderChangeMessage")
        # TopicRecord, PartitionRecord, ConfigRecord, RemoveTopicRecord; edges 2, rolled 1, deleted 1, changed 2 partitions.
        self.assertGreaterEqual(types[2], 4)
        self.assertGreaterEqual(types[3], 6)
        self.assertGreaterEqual(types[4], 3)
        self.assertEqual(types[9], 1)

    def test_the_topic_id_on_disk_is_the_one_in_the_metadata_log(self):
        line = (self.data / "edges-0/partition.metadata").read_text().splitlines()[1]
        topic_id = base64.urlsafe_b64decode(line.removeprefix("topic_id: ") + "==")
        log = b"".join((self.data / "__cluster_metadata-0" / f"{name}.log").read_bytes()
                       for name in self.segments("__cluster_metadata-0"))
        self.assertIn(b"\x01\x02\x00\x06edges" + topic_id, log)

    def test_quorum_state(self):
        path = self.data / "__cluster_metadata-0/quorum-state"
        if path.exists():
            self.assertIn("leaderEpoch", json.loads(path.read_text()))


SUITES = [Layout]
