"""Consumer groups as clients live in them: members come, go and die while records flow."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable

from ..clients.confluent import Confluent
from ..record import Record
from ..suite import Suite, limit

SESSION_SECONDS = 6
ASSIGNED = re.compile(r"rebalanced \(memberid [^)]*\): (assigned|revoked): (.*)$")


class Member:
    """A `kcat -G` in a process of its own."""

    def __init__(self, bootstrap: str, group: str, topic: str, *options: str) -> None:
        self.partitions: set[int] = set()
        self.records: list[str] = []
        self.process = subprocess.Popen(
            ["kcat", "-b", bootstrap, "-u", "-X", f"session.timeout.ms={SESSION_SECONDS * 1000}",
             "-X", "heartbeat.interval.ms=1000", "-X", "auto.offset.reset=earliest",
             "-X", "auto.commit.interval.ms=200", *options, "-G", group, topic],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for work in (self.follow_assignments, self.follow_records):
            threading.Thread(target=work, daemon=True).start()

    def follow_assignments(self) -> None:
        for line in self.process.stderr:
            if told := ASSIGNED.search(line.strip()):
                numbers = {int(number) for number in re.findall(r"\[(\d+)\]", told[2])}
                self.partitions = numbers if told[1] == "assigned" else self.partitions - numbers

    def follow_records(self) -> None:
        for line in self.process.stdout:
            self.records.append(line.rstrip("\n"))

    def kill(self) -> None:
        """Ends it as a crash does: it says nothing to its group."""
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        """Ends it in order: it leaves its group."""
        self.process.terminate()
        self.process.wait()


class Groups(Suite):
    """Every member is a kcat of its own, and is believed what it says of its partitions."""

    part = "groups"

    def setUp(self) -> None:
        super().setUp()
        self.topic, self.group = self.unique(), self.unique()
        Confluent(self.broker.bootstrap).create_topic(self.topic, 4)
        self.members: list[Member] = []
        self.addCleanup(lambda: [member.kill() for member in self.members])

    def join(self, group: str | None = None) -> Member:
        self.members.append(Member(self.broker.bootstrap, group or self.group, self.topic))
        return self.members[-1]

    def produce(self, *values: str) -> None:
        Confluent(self.broker.bootstrap).produce(
            self.topic, [Record(value.encode(), partition=i % 4) for i, value in enumerate(values)])

    def until(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), end, f"{what}: {[sorted(m.partitions) for m in self.members]}")
            time.sleep(0.05)

    def shares(self, *members: Member) -> list[int]:
        """How many partitions each has, where all four are owned by exactly one of them; else nothing."""
        owned = sorted(partition for member in members for partition in member.partitions)
        return sorted(len(member.partitions) for member in members) if owned == [0, 1, 2, 3] else []

    @limit(120)
    def test_two_consumers_get_two_partitions_each_a_fifth_idles_and_a_killed_one_is_replaced(self):
        two = [self.join(), self.join()]
        self.until(lambda: self.shares(*two) == [2, 2], 30, "two consumers on four partitions get two each")

        five = [*two, self.join(), self.join(), self.join()]
        self.until(lambda: self.shares(*five) == [0, 1, 1, 1, 1], 30, "a fifth consumer idles")

        killed = next(member for member in five if member.partitions)
        others = [member for member in five if member is not killed]
        killed.kill()
        self.until(lambda: self.shares(*others) == [1, 1, 1, 1], SESSION_SECONDS + 6,
                   "the killed one's partition goes to another within the session timeout")

    @limit(120)
    def test_records_go_to_one_member_each_while_members_come_and_go(self):
        first = self.join()
        self.until(lambda: self.shares(first) == [4], 30, "one consumer has all")
        self.produce(*(f"a{i}" for i in range(40)))
        self.until(lambda: len(first.records) == 40, 20, "it reads all records")

        second = self.join()
        self.until(lambda: self.shares(first, second) == [2, 2], 30, "another joins")
        self.produce(*(f"b{i}" for i in range(40)))
        self.until(lambda: len(first.records) + len(second.records) >= 80, 20, "they share the records")
        self.assertEqual(sorted(first.records + second.records),
                         sorted([f"a{i}" for i in range(40)] + [f"b{i}" for i in range(40)]))

        second.leave()
        self.until(lambda: self.shares(first) == [4], 20, "it leaves in order, and the first has all at once")

    @limit(90)
    def test_two_groups_are_independent_and_find_their_place_again(self):
        mine, others = self.join(), self.join(self.unique())
        self.until(lambda: self.shares(mine) == [4] and self.shares(others) == [4], 30, "each group has all")
        self.produce("one", "two", "three", "four")
        self.until(lambda: len(mine.records) == 4 and len(others.records) == 4, 20, "each group reads all")
        mine.leave()
        self.produce("five")
        again = self.join()
        self.until(lambda: again.records == ["five"], 30, "the group goes on where it was")


SUITES = [Groups]
