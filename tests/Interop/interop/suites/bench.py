"""The benchmarks' loads against a broker: that they end, count right, and leave nothing behind; never how fast."""

from __future__ import annotations

import json

from ..clients.barnabas import Output, barnabas
from ..clients.confluent import Confluent
from ..suite import Suite

OK, FAILED, USAGE = 0, 1, 2


class Bench(Suite):
    """Short runs, bounded by bytes or by a second."""

    part = "bench"

    def run_bench(self, *arguments: str) -> Output:
        return barnabas("bench", *arguments, "-b", self.broker.bootstrap)

    def report(self, *arguments: str) -> dict:
        done = self.run_bench(*arguments, "-o", "json")
        self.assertEqual(done.code, OK, done.err)
        return done.json

    def end_of(self, topic: str) -> int:
        rows = barnabas("topic", "offsets", topic, "-o", "json", "-b", self.broker.bootstrap).json
        return sum(row["end"] for row in rows)

    def topic(self, partitions: int = 1) -> str:
        topic = self.unique()
        Confluent(self.broker.bootstrap).create_topic(topic, partitions)
        return topic

    def test_produce_sends_what_is_asked_for(self):
        topic = self.topic(3)
        report = self.report("produce", "-t", topic, "--bytes", "3MiB", "-c", "2", "--batch-size", "64KiB",
                             "--server-pid", str(self.broker.process.pid))
        figures = report["figures"]
        self.assertEqual(report["bench"], "produce")
        batches = 2 * (3 * 2**20 // report["settings"]["batchBytes"] // 2)
        self.assertEqual(self.end_of(topic), batches * report["settings"]["batchRecords"])
        self.assertGreater(figures["server processor"]["value"], 0)
        self.assertGreater(figures["ack p99"]["value"], 0)

    def test_produce_of_any_kind(self):
        for options in (["--acks", "all", "-z", "lz4"], ["--acks", "0"], ["--batch-records", "1", "--key-size", "9"]):
            with self.subTest(options=options):
                topic = self.topic()
                report = self.report("produce", "-t", topic, "--bytes", "200kB", *options)
                wanted = max(1, 200_000 // report["settings"]["batchBytes"]) * report["settings"]["batchRecords"]
                self.assertEqual(self.end_of(topic), wanted)

    def test_produce_at_a_rate_keeps_to_it(self):
        topic = self.topic()
        report = self.report("produce", "-t", topic, "--rate", "200", "--batch-records", "2", "--warm-up", "0s",
                             "--duration", "1s")
        self.assertEqual(self.end_of(topic), 200)
        self.assertEqual(report["settings"]["recordsPerSecond"], 200)

    def test_consume_once_reads_all_and_checks_it(self):
        topic = self.topic(2)
        self.report("produce", "-t", topic, "--bytes", "1MiB", "-z", "gzip")
        report = self.report("consume", "-t", topic, "--once", "--check", "--duration", "60s")
        figures = report["figures"]
        read = figures["records"]["value"] * figures["measured"]["value"]
        self.assertAlmostEqual(read / self.end_of(topic), 1, 3)

    def test_a_topic_of_its_own_is_gone_afterwards(self):
        topic = self.unique()
        self.report("consume", "-t", topic, "-p", "2", "--fill", "1MiB", "--bytes", "4MiB")
        listed = [row["topic"] for row in barnabas("topic", "list", "-o", "json", "-b", self.broker.bootstrap).json]
        self.assertNotIn(topic, listed)

    def test_end_to_end_sees_every_record(self):
        topic = self.topic()
        report = self.report("e2e", "-t", topic, "--rate", "300", "--warm-up", "0s", "--duration", "1s")
        self.assertEqual(self.end_of(topic), 300)
        self.assertGreaterEqual(report["figures"]["end-to-end max"]["value"],
                                report["figures"]["end-to-end p50"]["value"])

    def test_reports_are_kept_and_compared(self):
        one, other = (self.broker.home / name for name in ("one.json", "other.json"))
        for path in (one, other):
            self.report("produce", "-t", self.topic(), "--bytes", "100kB", "--json", str(path))
        self.assertEqual(json.loads(one.read_text())["bench"], "produce")
        rows = self.run_bench("compare", str(one), str(other), "-o", "json").json
        self.assertIn("throughput", [row["figure"] for row in rows])

    def test_many_connections_each_ask_in_turn(self):
        topic = self.topic()
        report = self.report("connections", "-t", topic, "-c", "50", "--rate", "2", "--warm-up", "0s",
                             "--duration", "1s", "--server-pid", str(self.broker.process.pid))
        self.assertEqual(self.end_of(topic), 100)
        self.assertIn("server memory a connection", report["figures"])

    def test_partitions_come_and_go(self):
        figures = self.report("partitions", "--partitions", "20", "--topics", "2")["figures"]
        self.assertEqual(set(figures), {"create", "list", "write to each", "delete"})

    def test_groups_of_both_protocols_live_their_life(self):
        for protocol in ("classic", "consumer"):
            with self.subTest(protocol=protocol):
                figures = self.report("groups", "--groups", "2", "--members", "3", "--protocol", protocol)["figures"]
                self.assertGreater(figures["heartbeats"]["value"], 0)
                self.assertGreater(figures["commits"]["value"], 0)

    def test_soak_draws_what_it_saw(self):
        picture = self.broker.home / "soak.svg"
        figures = self.report("soak", "-t", self.topic(), "--rate", "200", "--duration", "1s", "--svg", str(picture),
                              "--server-pid", str(self.broker.process.pid))["figures"]
        self.assertIn("server memory grown", figures)
        self.assertIn("<polyline", picture.read_text())

    def test_what_cannot_be_measured_is_said(self):
        self.assertEqual(self.run_bench("e2e", "--acks", "0").code, USAGE)
        self.assertEqual(self.run_bench("produce", "--server-pid", "999999999", "--bytes", "1kB").code, USAGE)
        topic = self.topic()
        self.assertIn("nothing", self.run_bench("consume", "-t", topic).err)
        too_large = self.run_bench("produce", "-t", topic, "--batch-size", "3MiB", "--bytes", "3MiB")
        self.assertEqual(too_large.code, FAILED)
        self.assertIn("MESSAGE_TOO_LARGE", too_large.err)


SUITES = [Bench]
