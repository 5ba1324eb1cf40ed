"""`barnabas group` and `barnabas consume -g` against a running node: what they print, change, refuse and say."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from ..broker import BINARY, environment
from ..clients.barnabas import Output, barnabas
from ..clients.confluent import Confluent
from ..record import START, Record
from ..suite import Suite, each

OK, USAGE, NOT_FOUND, CONFLICT, PARTLY, UNHEALTHY, INTERRUPTED = 0, 2, 6, 7, 8, 9, 130


class CliGroups(Suite):
    """Every test has a topic of two partitions with ten records in the first, and a group of its own."""

    part = "cli_groups"
    configs = {"group_initial_rebalance_delay_ms": 0}
    protocol = "consumer"

    def setUp(self) -> None:
        super().setUp()
        self.topic, self.group = self.unique(), self.unique("group")
        client = Confluent(self.broker.bootstrap)
        client.create_topic(self.topic, 2)
        client.produce(self.topic, [Record(b"%d" % i, timestamp=START + 10 * i) for i in range(10)], partition=0)

    def run_cli(self, *arguments: str, stdin: bytes = b"") -> Output:
        return barnabas(*arguments, "-b", self.broker.bootstrap, stdin=stdin)

    def good(self, *arguments: str, stdin: bytes = b"") -> str:
        done = self.run_cli(*arguments, stdin=stdin)
        self.assertEqual(done.code, OK, done.err)
        return done.out

    def read(self, count: int, *options: str) -> list[str]:
        return self.good("consume", self.topic, "-g", self.group, "-n", str(count),
                         "-X", f"group.protocol={self.protocol}", *options).split()

    def positions(self, group: str | None = None) -> dict[int, int]:
        """The committed offsets of the topic, by partition."""
        rows = json.loads(self.good("group", "export", group or self.group, "--topic", self.topic, "-o", "json"))
        return {row["partition"]: row["offset"] for row in rows}

    def reset(self, *options: str) -> dict[int, int]:
        """The positions after a reset that is carried out."""
        self.good("group", "reset", self.group, "--create", "--topic", self.topic, *options, "--execute")
        return self.positions()

    @contextmanager
    def member(self) -> Iterator[subprocess.Popen[bytes]]:
        """A consumer that is in the group, and has printed all records."""
        with subprocess.Popen([str(BINARY), "consume", self.topic, "-g", self.group, "--commit", "-b",
                               self.broker.bootstrap, "-X", f"group.protocol={self.protocol}"],
                              stdout=subprocess.PIPE, env=environment()) as process:
            try:
                self.assertEqual([process.stdout.readline() for _ in range(10)], [b"%d\n" % i for i in range(10)])
                yield process
            finally:
                process.kill()

    # consume -g

    def test_a_group_goes_on_where_it_committed(self):
        self.assertEqual(self.read(3, "--commit"), ["0", "1", "2"])
        self.assertEqual(self.positions()[0], 3, "what came with them is not passed over")
        self.assertEqual(self.read(7, "--commit"), [str(i) for i in range(3, 10)])
        self.assertEqual(self.positions()[0], 10)

    def test_without_commit_a_group_stays_where_it_is(self):
        self.assertEqual(self.read(3), ["0", "1", "2"])
        self.assertEqual(self.read(3), ["0", "1", "2"])
        self.assertEqual(self.positions(), {})

    def test_a_group_without_a_position_may_begin_at_the_end(self):
        self.reset("--to", "2")
        self.assertEqual(self.read(1, "-o", "latest"), ["2"], "it has one")
        self.good("group", "delete", self.group)
        self.assertEqual(self.read(1, "-o", "earliest"), ["0"], "it has none")

    def test_an_interrupt_commits_and_leaves(self):
        with self.member() as process:
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(20), INTERRUPTED)
        self.assertEqual(json.loads(self.good("group", "members", self.group, "-o", "json")), [])
        self.assertEqual(self.positions()[0], 10)

    def test_what_a_group_decides_cannot_be_asked_for(self):
        for options in (["-p", "0"], ["-e"], ["-o", "3"], ["-o", "0:3"]):
            done = self.run_cli("consume", self.topic, "-g", self.group, *options)
            self.assertEqual((done.code, done.out), (USAGE, ""), options)
        self.assertEqual(self.run_cli("consume", self.topic, "--commit", "-e").code, USAGE)
        self.assertEqual(self.run_cli("consume", self.unique("missing"), "-g", self.group).code, NOT_FOUND)

    def test_reading_without_a_group_touches_none(self):
        before = self.good("group", "list", "-o", "json")
        self.good("consume", self.topic, "-e")
        self.assertEqual(self.good("group", "list", "-o", "json"), before)

    # What there is

    @each("protocol", ["classic", "consumer"])
    def test_list(self, protocol):
        self.protocol = protocol
        self.read(1)
        rows = {row["group"]: row for row in json.loads(self.good("group", "list", "-o", "json"))}
        self.assertEqual(rows[self.group] | {"coordinator": 0}, {
            "group": self.group, "type": protocol, "state": "Empty", "protocol": "consumer", "coordinator": 0})
        self.assertIn(self.group, self.good("group", "list", "--state", "stable,empty", "-o", "name").split())
        self.assertNotIn(self.group, self.good("group", "list", "--state", "Stable", "-o", "name").split())
        self.assertIn(self.group, self.good("group", "list", "--type", protocol, "-o", "name").split())
        self.assertNotIn(self.group, self.good("group", "list", "--type", "share", "-o", "name").split())
        self.assertEqual(self.run_cli("group", "list", "--state", "bored").code, USAGE)

    @each("protocol", ["classic", "consumer"])
    def test_describe_and_members(self, protocol):
        self.protocol = protocol
        with self.member():
            [described] = json.loads(self.good("group", "describe", self.group, "-o", "json"))
            members = json.loads(self.good("group", "members", self.group, "-o", "json"))
            text = self.good("group", "describe", self.group)
        [member] = described["members"]
        self.assertEqual(members, [member])
        self.assertEqual((member["client"], member["assignment"]),
                         ("barnabas-cli", [{"topic": self.topic, "partitions": [0, 1]}]))
        self.assertEqual((described["type"], described["state"], described["assignor"]),
                         (protocol, "Stable", {"classic": "range", "consumer": "uniform"}[protocol]))
        self.assertEqual((member["epoch"] is None, member["target"] is None), (protocol == "classic",) * 2)
        self.assertEqual({row["partition"]: row["member"] for row in described["partitions"]},
                         {0: member["member"], 1: member["member"]})
        self.assertIn("state=Stable", text)
        self.assertIn("TOPIC", text)

    def test_lag_by_partition_topic_and_in_all(self):
        other = self.unique()
        client = Confluent(self.broker.bootstrap)
        client.create_topic(other, 1)
        client.produce(other, [Record(b"x")] * 4)
        self.reset("--to", "3")
        self.good("group", "reset", self.group, "--topic", other, "--to", "earliest", "--execute")
        lag = self.run_cli("group", "lag", self.group, "-o", "json").json
        self.assertEqual(lag["totalLag"], 11)
        self.assertEqual({row["topic"]: row["lag"] for row in lag["topics"]}, {self.topic: 7, other: 4})
        self.assertEqual({(row["topic"], row["partition"]): (row["committed"], row["end"], row["lag"])
                          for row in lag["partitions"]},
                         {(self.topic, 0): (3, 10, 7), (self.topic, 1): (0, 0, 0), (other, 0): (0, 4, 4)})
        self.assertTrue(self.good("group", "lag", self.group).endswith("total lag 11\n"))
        self.assertEqual(self.run_cli("group", "lag", self.group, "--topic", other, "-o", "json").json["totalLag"], 4)
        self.assertEqual(self.run_cli("group", "lag", self.group, "--max", "10").code, UNHEALTHY)
        self.assertEqual(self.run_cli("group", "lag", self.group, "--max", "11").code, OK)

    @each("command", ["describe", "lag", "members", "delete", "export", "reset", "delete-offsets", "remove-member"])
    def test_a_group_that_does_not_exist(self, command):
        options = {"reset": ["--to", "earliest"], "delete-offsets": ["--topic", self.topic], "remove-member": ["--all"]}
        self.reset("--to", "earliest")
        done = self.run_cli("group", command, self.group + "x", *options.get(command, []))
        self.assertEqual((done.code, done.out), (NOT_FOUND, ""))
        self.assertIn(f"group '{self.group}x' does not exist (did you mean", done.err)
        self.assertIn(f"'{self.group}'", done.err)

    # reset

    @each("case", [("--to", "earliest", 0), ("--to-earliest", None, 0), ("--to", "latest", 10),
                   ("--to-latest", None, 10), ("--to", "4", 4), ("--to-offset", "4", 4), ("--to", "-3", 7),
                   ("--to", "99", 10), ("--to-datetime", "2023-11-14T22:13:20.045", 5), ("--to", f"@{START + 30}", 3),
                   ("--by-duration", "PT1H", 10), ("--shift-by", "3", 8), ("--shift-by", "-2", 3),
                   ("--shift-by", "-99", 0), ("--to", "current", 5)])
    def test_reset(self, case):
        option, value, expected = case
        self.reset("--to", "5")
        self.assertEqual(self.reset(option, *([value] if value else [])), {0: expected, 1: 0})

    def test_reset_shows_first_and_does_it_when_told(self):
        self.reset("--to", "5")
        done = self.run_cli("group", "reset", self.group, "--to", "earliest")
        self.assertEqual(done.code, OK)
        self.assertIn("--execute", done.err)
        self.assertEqual([line.split() for line in done.out.splitlines()],
                         [["TOPIC", "PARTITION", "CURRENT", "NEW", "CHANGE", "STATUS"],
                          [self.topic, "0", "5", "0", "-5", "valid"], [self.topic, "1", "0", "0", "0", "valid"]])
        self.assertEqual(self.positions()[0], 5)
        rows = self.run_cli("group", "reset", self.group, "--to", "earliest", "--execute", "-o", "json").json
        self.assertEqual(rows[0], {"topic": self.topic, "partition": 0, "current": 5, "new": 0, "change": -5,
                                   "status": "reset"})
        self.assertEqual(self.positions()[0], 0)

    def test_reset_of_some_partitions_leaves_the_others(self):
        self.reset("--to", "latest")
        self.good("group", "reset", self.group, "--topic", f"{self.topic}:0", "--to", "6", "--execute")
        self.assertEqual(self.positions(), {0: 6, 1: 0})
        done = self.run_cli("group", "reset", self.group, "--topic", f"{self.topic}:7", "--to", "latest")
        self.assertEqual(done.code, NOT_FOUND)

    def test_a_position_that_is_not_there_cannot_be_shifted(self):
        self.good("group", "reset", self.group, "--create", "--topic", f"{self.topic}:0", "--to", "5", "--execute")
        done = self.run_cli("group", "reset", self.group, "--topic", self.topic, "--shift-by", "1", "--execute")
        self.assertEqual(done.code, PARTLY)
        self.assertIn("no position", done.err)
        self.assertEqual(self.positions(), {0: 6})

    @each("protocol", ["classic", "consumer"])
    def test_a_group_with_members_is_left_alone(self, protocol):
        self.protocol = protocol
        with self.member():
            self.assert_in_use("reset", self.group, "--to", "earliest", "--execute")
            self.assert_in_use("delete", self.group)
            shown = self.run_cli("group", "reset", self.group, "--topic", self.topic, "--to", "3")
            self.assertEqual(shown.code, CONFLICT)
            self.assertIn("valid", shown.out, "what would come of it is shown all the same")

    def assert_in_use(self, *command: str) -> None:
        done = self.run_cli("group", *command)
        self.assertEqual((done.code, done.out), (CONFLICT, ""))
        self.assertIn(f"group '{self.group}' is in use: it has a member", done.err)

    # Files

    def test_a_file_of_one_group_brings_it_back(self):
        self.reset("--to", "5")
        exported = self.good("group", "export", self.group)
        self.assertEqual(exported, f"{self.topic},0,5\n{self.topic},1,0\n")
        self.reset("--to", "latest")
        self.good("group", "reset", self.group, "--from-file", "-", "--execute", stdin=exported.encode())
        self.assertEqual(self.positions(), {0: 5, 1: 0})
        self.assertEqual(self.run_cli("group", "import", "-", stdin=exported.encode()).code, USAGE, "which group?")

    def test_a_file_of_several_groups_brings_them_back(self):
        second = self.unique("group")
        self.reset("--to", "5")
        self.good("group", "reset", second, "--create", "--topic", self.topic, "--to", "7", "--execute")
        exported = self.good("group", "export", self.group, second)
        self.assertEqual(exported.splitlines()[0], f"{self.group},{self.topic},0,5")
        self.good("group", "delete", self.group, second)
        self.assertIn("valid", self.good("group", "import", "-", stdin=exported.encode()))
        self.assertEqual(self.run_cli("group", "describe", second).code, NOT_FOUND, "it was only shown")
        self.good("group", "import", "-", "--execute", stdin=exported.encode())
        self.assertEqual((self.positions(), self.positions(second)), ({0: 5, 1: 0}, {0: 7, 1: 0}))

    def test_an_import_does_what_it_can(self):
        gone = f"{self.topic},0,1\n{self.topic},9,1\n{self.topic}-gone,0,1\n"
        done = self.run_cli("group", "import", "-", "-g", self.group, "--execute", "-o", "json", stdin=gone.encode())
        self.assertEqual(done.code, PARTLY)
        self.assertEqual([row["status"] for row in done.json],
                         ["reset", "UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_OR_PARTITION"])
        self.assertEqual(self.positions(), {0: 1})

    # What goes

    def test_delete(self):
        self.reset("--to", "5")
        self.assertIn("valid", self.good("group", "delete", self.group, "--dry-run"))
        self.assertIn("deleted", self.good("group", "delete", self.group))
        self.assertEqual(self.run_cli("group", "delete", self.group).code, NOT_FOUND)
        self.good("group", "delete", self.group, "--if-exists")

    def test_delete_offsets(self):
        self.reset("--to", "5")
        self.good("group", "delete-offsets", self.group, "--topic", f"{self.topic}:0", "--dry-run")
        self.assertEqual(self.positions(), {0: 5, 1: 0})
        self.good("group", "delete-offsets", self.group, "--topic", f"{self.topic}:0")
        self.assertEqual(self.positions(), {1: 0})
        again = self.run_cli("group", "delete-offsets", self.group, "--topic", f"{self.topic}:0")
        self.assertEqual(again.code, NOT_FOUND)

    def test_offsets_that_are_being_read_stay(self):
        self.reset("--to", "0")
        with self.member():
            done = self.run_cli("group", "delete-offsets", self.group, "--topic", self.topic)
            self.assertEqual(done.code, CONFLICT)
            self.assertIn("reads this topic", done.err)

    def test_remove_member(self):
        self.protocol = "classic"
        with self.member():
            [before] = json.loads(self.good("group", "members", self.group, "-o", "json"))
            strange = self.run_cli("group", "remove-member", self.group, "--member", "nobody")
            self.assertEqual(strange.code, NOT_FOUND)
            self.good("group", "remove-member", self.group, "--member", before["member"], "--dry-run")
            self.assertIn("removed", self.good("group", "remove-member", self.group, "--all"))

            def again() -> list:
                now = json.loads(self.good("group", "members", self.group, "-o", "json"))
                return [member for member in now if member["member"] != before["member"]]

            self.eventually(again, "it joins again as somebody else", 20)


SUITES = [CliGroups]
