"""The offline commands over the files of a broker that ran: dump, verify, stat, index."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ..broker import Broker
from ..clients.barnabas import Output, barnabas
from ..clients.confluent import Confluent
from ..record import START, Record, noise
from ..suite import Suite

OK, USAGE, NOT_FOUND, CONFLICT, UNHEALTHY = 0, 2, 6, 7, 9


class CliLog(Suite):
    """One topic in several segments, one with a codec; the broker has stopped, and each test spoils a copy."""

    part = "cli_log"

    @classmethod
    def setUpClass(cls) -> None:
        cls.broker = Broker()
        cls.addClassCleanup(cls.broker.close)
        cls.broker.start()
        client = Confluent(cls.broker.bootstrap)
        client.create_topic("rolled", 1, {"segment.bytes": "1048576"})
        for i in range(30):
            client.produce("rolled", [Record(noise(i, 90_000), timestamp=START + i)], idempotent=True)
        client.create_topic("packed")
        # librdkafka sends a batch as it is when compression does not make it smaller.
        client.produce("packed", [Record(b"value-1 " * 50, b"key-1", timestamp=START)], codec="gzip")
        barnabas(
            "consume", "packed", "-g", "readers", "--commit", "-n", "1", "-o", "earliest", "-b", cls.broker.bootstrap)
        cls.broker.stop()

    def copy(self, folder: str) -> Path:
        """The folder of a partition, to be spoiled."""
        home = self.broker.home / self.unique("copy")
        home.mkdir()
        return Path(shutil.copytree(self.broker.data / folder, home / folder))

    def good(self, *arguments: object) -> str:
        done = self.run_cli(*arguments)
        self.assertEqual(done.code, OK, done.err)
        return done.out

    @staticmethod
    def run_cli(*arguments: object) -> Output:
        return barnabas("log", *map(str, arguments))

    # dump

    def test_dump_prints_batches_and_records(self):
        path = self.broker.data / "packed-0" / f"{0:020}.log"
        out = self.good("dump", path, "-r")
        self.assertIn("gzip", out)
        self.assertIn("value-1", out)
        self.assertEqual(self.run_cli("dump", f"{path}x").code, NOT_FOUND)

    def test_dump_has_forms_for_programs(self):
        path = self.broker.data / "packed-0" / f"{0:020}.log"
        batch, record = json.loads(self.good("dump", path, "-r", "-o", "json"))
        self.assertEqual((batch["kind"], batch["codec"], batch["count"]), ("batch", "gzip", 1))
        self.assertEqual((record["kind"], record["offset"], record["key"]), ("record", 0, "'key-1'"))
        lines = self.good("dump", path, "-r", "-o", "jsonl").splitlines()
        self.assertEqual([json.loads(line) for line in lines], [batch, record])

    def test_dump_finds_damage(self):
        path = self.copy("rolled-0") / f"{0:020}.log"
        data = bytearray(path.read_bytes())
        data[5_000] ^= 1
        path.write_bytes(data)
        done = self.run_cli("dump", path)
        self.assertEqual(done.code, UNHEALTHY)
        self.assertIn("checksum", done.out)

    def test_dump_reads_the_metadata_log(self):
        out = self.good("dump", self.broker.data / "__cluster_metadata-0", "-r")
        self.assertIn("TopicRecord", out)
        self.assertIn("rolled", out)

    def test_dump_reads_what_groups_have_committed(self):
        out = "".join(self.good("dump", folder, "-r") for folder in self.broker.data.glob("__consumer_offsets-*"))
        self.assertIn('OffsetCommitKey {"Group":"readers","Topic":"packed","Partition":0}', out)
        self.assertIn('OffsetCommitValue {"Offset":1,', out)
        self.assertIn("tombstone", out, "who left has a record that says so")
        self.assertNotIn("not readable", out)

    # verify

    def test_verify_finds_nothing_wrong_with_what_a_broker_wrote(self):
        rows = json.loads(self.good("verify", self.broker.data, "-o", "json"))
        self.assertEqual({row["partition"]: row["records"] for row in rows if row["partition"][0] != "_"},
                         {"packed-0": 1, "rolled-0": 30})
        self.assertEqual({row["status"] for row in rows}, {"ok"})

    def damage(self, folder: Path) -> list[tuple[str, int, str]]:
        """What `log verify` finds."""
        done = self.run_cli("verify", folder, "-o", "json")
        self.assertEqual(done.code, UNHEALTHY)
        return [(row["file"], row["position"], row["damage"]) for row in done.json]

    def test_verify_finds_a_flipped_bit_in_each_kind_of_file(self):
        for kind, at in ((".log", 200), (".index", 3), (".timeindex", 5), (".snapshot", 20)):
            with self.subTest(kind=kind):
                folder = self.copy("rolled-0")
                path = sorted(path for path in folder.glob(f"*{kind}") if path.stat().st_size)[0]
                data = bytearray(path.read_bytes())
                data[at] ^= 1
                path.write_bytes(data)
                [(name, _, _)] = self.damage(folder)
                self.assertEqual(name, path.name)

    def test_verify_finds_a_torn_tail_and_a_lost_index(self):
        folder = self.copy("rolled-0")
        segments = sorted(folder.glob("*.log"))
        with segments[-1].open("r+b") as log:
            log.truncate(segments[-1].stat().st_size - 7)
        segments[0].with_suffix(".index").unlink()
        found = {name: how for name, _, how in self.damage(folder)}
        self.assertEqual(found[segments[0].with_suffix(".index").name], "the file is missing")
        self.assertRegex(found[segments[-1].name], r"a batch of \d+ bytes where \d+ are left")

    def test_verify_finds_a_segment_under_a_wrong_name(self):
        folder = self.copy("packed-0")
        (folder / f"{0:020}.log").rename(folder / f"{5:020}.log")
        self.assertIn("begins before offset 5", {name: how for name, _, how in self.damage(folder)}[f"{5:020}.log"])

    def test_verify_wants_a_data_directory(self):
        self.assertEqual(self.run_cli("verify", self.broker.home / "nowhere").code, NOT_FOUND)
        self.assertEqual(self.run_cli("verify", self.broker.home).code, NOT_FOUND)

    # stat

    def test_stat_counts(self):
        rows = {row["partition"]: row for row in json.loads(self.good("stat", self.broker.data, "-o", "json"))}
        rolled, packed = rows["rolled-0"], rows["packed-0"]
        segments = sorted((self.broker.data / "rolled-0").glob("*.log"))
        self.assertEqual((rolled["segments"], rolled["bytes"]),
                         (len(segments), sum(path.stat().st_size for path in segments)))
        self.assertEqual((rolled["start"], rolled["end"], rolled["records"], rolled["codecs"]), (0, 30, 30, "none"))
        self.assertEqual((packed["codecs"], packed["oldest"]), ("gzip", "2023-11-14T22:13:20.000Z"))

    # index

    def test_index_is_rebuilt_to_what_the_broker_wrote(self):
        folder = self.copy("rolled-0")
        for segment in sorted(folder.glob("*.log")):
            with self.subTest(segment=segment.name):
                [row] = json.loads(self.good("index", segment, "-o", "json"))
                self.assertEqual(row["status"], "ok")
                written = {kind: segment.with_suffix(kind).read_bytes() for kind in (".index", ".timeindex")}
                for kind in written:
                    segment.with_suffix(kind).unlink()
                self.assertEqual(self.run_cli("index", segment).code, UNHEALTHY)
                self.good("index", "--rebuild", segment)
                self.assertEqual({kind: segment.with_suffix(kind).read_bytes() for kind in written}, written)

    def test_index_is_not_rebuilt_under_a_running_broker(self):
        with Broker() as running:
            Confluent(running.bootstrap).create_topic("t")
            segment = running.data / "t-0" / f"{0:020}.log"
            done = self.run_cli("index", "--rebuild", segment)
            self.assertEqual(done.code, CONFLICT)
            self.assertIn("stop it first", done.err)

    def test_index_wants_a_segment(self):
        self.assertEqual(self.run_cli("index", self.broker.data / "rolled-0" / "partition.metadata").code, USAGE)


SUITES = [CliLog]
