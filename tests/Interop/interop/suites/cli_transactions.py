"""`barnabas transaction` and `produce --transactional-id` against a running node: what they print, end and refuse."""

from __future__ import annotations

import json
import signal
import subprocess

import confluent_kafka as ck

from ..broker import BINARY, environment
from ..clients.barnabas import Output, barnabas
from ..clients.confluent import Confluent
from ..suite import Suite

OK, USAGE, NOT_FOUND, PARTLY, UNHEALTHY, INTERRUPTED = 0, 2, 6, 8, 9, 130
LIMIT = 20


class CliTransactions(Suite):
    """Every test has a topic of two partitions and a transactional id of its own."""

    part = "cli_transactions"

    def setUp(self) -> None:
        super().setUp()
        self.topic, self.name = self.unique(), self.unique("tx")
        self.client = Confluent(self.broker.bootstrap)
        self.client.create_topic(self.topic, 2)

    def run_cli(self, *arguments: str, stdin: bytes = b"") -> Output:
        return barnabas(*arguments, "-b", self.broker.bootstrap, stdin=stdin)

    def good(self, *arguments: str, stdin: bytes = b"") -> str:
        done = self.run_cli(*arguments, stdin=stdin)
        self.assertEqual(done.code, OK, done.err)
        return done.out

    def consumed(self, *options: str) -> list[str]:
        return self.good("consume", self.topic, "-e", *options).split()

    def open(self) -> ck.Producer:
        """A producer of another client with a transaction that has one record in partition 0."""
        producer = ck.Producer({"bootstrap.servers": self.broker.bootstrap, "transactional.id": self.name})
        producer.init_transactions(LIMIT)
        producer.begin_transaction()
        producer.produce(self.topic, b"open", partition=0)
        producer.flush(LIMIT)
        return producer

    def described(self) -> dict:
        [one] = json.loads(self.good("transaction", "describe", self.name, "-o", "json"))
        return one

    def start_of(self) -> int | None:
        """Where the open transaction of partition 0 begins, by its leader."""
        rows = json.loads(self.good("topic", "producers", self.topic, "-p", "0", "-o", "json"))
        return next((row["transactionStart"] for row in rows if row["transactionStart"] is not None), None)

    # produce

    def test_what_is_produced_in_a_transaction_is_whole(self):
        lines = "".join(f"{i}\n" for i in range(1_000)).encode()
        self.good("produce", self.topic, "--transactional-id", self.name, stdin=lines)
        self.assertEqual(sorted(map(int, self.consumed())), list(range(1_000)))
        self.assertEqual(self.described()["state"], "CompleteCommit")

    def test_an_interrupt_aborts_what_is_not_whole(self):
        with subprocess.Popen([str(BINARY), "produce", self.topic, "--transactional-id", self.name, "-b",
                               self.broker.bootstrap, "-X", "linger.ms=0"], stdin=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment()) as process:
            process.stdin.write(b"a\nb\n")
            process.stdin.flush()
            self.eventually(lambda: self.consumed("--isolation", "read_uncommitted"), "records are sent")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(LIMIT), INTERRUPTED)
            self.assertIn(b"aborted", process.stderr.read())
        self.eventually(lambda: self.start_of() is None, "the abort is marked")
        self.assertEqual(self.consumed(), [])
        self.assertEqual(self.described()["state"], "CompleteAbort")

    # list, describe

    def test_an_open_transaction_is_listed_and_described(self):
        producer = self.open()
        found = json.loads(self.good("transaction", "list", "--state", "ongoing", "-o", "json"))
        [mine] = [row for row in found if row["transactionalId"] == self.name]
        described = self.described()
        self.assertEqual((mine["state"], mine["producer"]), ("Ongoing", described["producer"]))
        self.assertEqual(described["partitions"], [{"topic": self.topic, "partitions": [0]}])
        self.assertIn(self.name, self.good("transaction", "list", "--match", f"{self.name[:-1]}."))
        self.assertNotIn(self.name, self.good("transaction", "list", "--longer-than", "1h"))
        self.assertIn("state=Ongoing", self.good("transaction", "describe", self.name))
        producer.commit_transaction(LIMIT)
        self.eventually(lambda: self.described()["state"] == "CompleteCommit", "it is committed")
        self.assertEqual(self.described()["partitions"], [])

    def test_names_that_are_not_there_are_told_of(self):
        self.open().abort_transaction(LIMIT)
        done = self.run_cli("transaction", "describe", self.name[:-1])
        self.assertEqual(done.code, NOT_FOUND)
        self.assertIn("did you mean", done.err)
        self.assertEqual(self.run_cli("transaction", "describe", self.name, "nobody").code, PARTLY)
        self.assertEqual(self.run_cli("transaction", "list", "--state", "Sleepy").code, USAGE)

    # find-hanging, abort, forget

    def test_what_its_coordinator_knows_does_not_hang(self):
        producer = self.open()
        self.assertEqual(self.good("transaction", "find-hanging", self.topic, "--older-than", "0s", "-o", "name"), "")
        producer.abort_transaction(LIMIT)

    def test_a_transaction_is_aborted_in_its_partition(self):
        self.open()
        start = self.start_of()
        self.assertEqual(self.run_cli("transaction", "abort", self.topic, "-p", "0", "--start", "77").code, NOT_FOUND)
        abort = ("transaction", "abort", self.topic, "-p", "0", "--start", str(start))
        self.assertIn("valid", self.good(*abort, "--dry-run"))
        self.assertEqual(self.start_of(), start)
        self.assertIn("aborted", self.good(*abort))
        self.assertIsNone(self.start_of())
        self.assertEqual(self.consumed(), [])

    def test_a_forgotten_id_is_aborted_and_its_producer_fenced(self):
        producer = self.open()
        self.assertIn("valid", self.good("transaction", "forget", self.name, "--dry-run"))
        self.assertEqual(self.described()["state"], "Ongoing")
        self.assertIn("forgotten", self.good("transaction", "forget", self.name))
        with self.assertRaises(ck.KafkaException) as caught:
            producer.commit_transaction(LIMIT)
        self.assertTrue(caught.exception.args[0].fatal(), caught.exception)
        self.assertEqual(self.consumed(), [])
        self.assertEqual(self.run_cli("transaction", "forget", "nobody").code, NOT_FOUND)


SUITES = [CliTransactions]
