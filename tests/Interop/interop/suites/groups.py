"""Consumer groups as clients live in them: members come, go and die while records flow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import confluent_kafka as ck

from ..broker import Broker
from ..client import Client
from ..clients.barnabas import Barnabas, BarnabasConsumer, barnabas
from ..clients.confluent import Confluent
from ..clients.kafka_python import KafkaPython
from ..clients.kcat import Kcat
from ..member import HEARTBEAT_MS, SESSION_MS, Member
from ..record import Record
from ..suite import Suite, limit, needs
from .contract import CLIENTS, unable


class GroupSuite(Suite, abstract=True):
    """Every test has a topic of four partitions, and a group of its own."""

    configs = {
        "group_initial_rebalance_delay_ms": 200,
        "group_consumer_min_session_timeout_ms": SESSION_MS, "group_consumer_session_timeout_ms": SESSION_MS,
        "group_consumer_min_heartbeat_interval_ms": HEARTBEAT_MS, "group_consumer_heartbeat_interval_ms": HEARTBEAT_MS,
    }

    def setUp(self) -> None:
        super().setUp()
        self.topic, self.group = self.unique(), self.unique("group")
        Confluent(self.broker.bootstrap).create_topic(self.topic, 4)
        self.members: list[Member] = []
        self.clients: dict[type[Client], Client] = {}
        self.addCleanup(lambda: [member.kill() for member in self.members])

    def tell_of_five(self, join: Callable[[], Member]) -> float:
        """The story of sharing: two get two partitions each, a fifth idles, and a killed one is replaced.

        Returns how many seconds passed from the kill until its partition had a new owner.
        """
        two = [join(), join()]
        self.until(lambda: self.shares(*two) == [2, 2], 30, "two consumers on four partitions get two each")

        five = [*two, join(), join(), join()]
        self.until(lambda: self.shares(*five) == [0, 1, 1, 1, 1], 40, "a fifth consumer idles")

        killed = next(member for member in five if member.partitions)
        others = [member for member in five if member is not killed]
        killed.kill()
        begin = time.monotonic()
        self.until(lambda: self.shares(*others) == [1, 1, 1, 1], SESSION_MS / 1000 + 10,
                   "the killed one's partition goes to another within the session timeout")
        return time.monotonic() - begin

    def tell_of_records(self, join: Callable[[], Member]) -> None:
        """One member reads all records, two share what comes then, and one of them goes: none is read twice."""
        first = join()
        self.until(lambda: self.shares(first) == [4], 30, "one consumer has all")
        self.produce(*(f"a{number}" for number in range(40)))
        self.until(lambda: len(self.seen()) >= 40 and self.all_is_committed(), 20, "it reads all records")

        second = join()
        self.until(lambda: self.shares(first, second) == [2, 2], 30, "another one joins")
        self.produce(*(f"b{number}" for number in range(40)))
        self.until(lambda: len(self.seen()) >= 80 and self.all_is_committed(), 20, "they share the records")

        second.leave()
        self.until(lambda: self.shares(first) == [4], 20, "it leaves in order, and the first has all at once")
        self.produce(*(f"c{number}" for number in range(40)))
        self.until(lambda: len(self.seen()) >= 120 and self.all_is_committed(), 20, "the first reads all of them")
        self.assertEqual(self.seen(), sorted(f"{phase}{number}" for phase in "abc" for number in range(40)))

    def join_as(self, maker: type[Client], group: str | None = None) -> Member:
        self.members.append(self.client_of(maker).join(group or self.group, self.topic))
        return self.members[-1]

    def client_of(self, maker: type[Client]) -> Client:
        if maker not in self.clients:
            self.clients[maker] = maker(self.broker.bootstrap)
            self.addCleanup(self.clients[maker].close)
        return self.clients[maker]

    def produce(self, *values: str) -> None:
        """A quarter of the values goes to each partition."""
        for partition in range(4):
            Confluent(self.broker.bootstrap).produce(
                self.topic, [Record(value.encode()) for value in values[partition::4]], partition=partition)

    @contextmanager
    def records_flow(self) -> Iterator[list[str]]:
        """Records come all the time, a hundred or so a second; gives those that were acknowledged."""
        acknowledged: list[str] = []
        producer = ck.Producer({"bootstrap.servers": self.broker.bootstrap, "enable.idempotence": True, "linger.ms": 5,
                                "reconnect.backoff.max.ms": 200, "log_level": 0})

        def delivered(error, message) -> None:
            if error is None:
                acknowledged.append(message.value().decode())

        def flow() -> None:
            for number in range(100_000):
                producer.produce(self.topic, b"flow-%d" % number, partition=number % 4, on_delivery=delivered)
                producer.poll(0)
                if ended.wait(0.01):
                    return

        ended = threading.Event()
        thread = threading.Thread(target=flow, daemon=True)
        thread.start()
        try:
            yield acknowledged
        finally:
            ended.set()
            thread.join()
            self.assertEqual(producer.flush(30), 0, "every record is acknowledged in the end")

    def until(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                shares = [(sorted(member.partitions), len(member.records)) for member in self.members]
                self.fail(f"{what}: {shares}\n" + "\n".join(member.last_words() for member in self.members))
            time.sleep(0.05)

    @staticmethod
    def shares(*members: Member) -> list[int]:
        """How many partitions each has, where all four are owned by exactly one of them; else nothing."""
        owned = sorted(partition for member in members for partition in member.partitions)
        return sorted(len(member.partitions) for member in members) if owned == [0, 1, 2, 3] else []

    def seen(self) -> list[str]:
        """What all members have read, in order."""
        return sorted(value for member in self.members for value in list(member.records))

    def all_is_committed(self) -> bool:
        """Whether the group stands at the end of every partition."""
        lag = barnabas("group", "lag", self.group, "-o", "json", "-b", self.broker.bootstrap).json
        return [row["lag"] for row in lag["partitions"]] == [0, 0, 0, 0]

    def groups(self) -> dict[str, tuple]:
        """Every group: its state, its members, its positions."""
        described = barnabas("group", "describe", "-o", "json", "-b", self.broker.bootstrap).json
        return {group["group"]: (group["state"], group["members"], [
            (row["topic"], row["partition"], row["committed"]) for row in group["partitions"]]) for group in described}


class GroupContract(GroupSuite, abstract=True):
    """The list. `maker` is the client under test."""

    maker: type[Client]

    def join(self, group: str | None = None) -> Member:
        return self.join_as(self.maker, group)

    @limit(120)
    def test_two_consumers_get_two_partitions_each_a_fifth_idles_and_a_killed_one_is_replaced(self):
        self.tell_of_five(self.join)

    @limit(120)
    @needs("let go")
    def test_each_record_goes_to_one_member_once_it_is_committed(self):
        self.tell_of_records(self.join)

    @limit(120)
    @needs("hand over")
    def test_no_record_is_left_out_while_members_come_go_and_die(self):
        with self.records_flow() as acknowledged:
            first, second = self.join(), self.join()
            self.until(lambda: self.shares(first, second) == [2, 2], 30, "two share")
            third = self.join()
            self.until(lambda: self.shares(first, second, third) == [1, 1, 2], 30, "a third one joins")
            second.leave()
            self.until(lambda: self.shares(first, third) == [2, 2], 30, "the second one leaves in order")
            first.kill()
            self.until(lambda: self.shares(third) == [4], SESSION_MS / 1000 + 10, "the first one dies")
        self.until(lambda: set(self.seen()) >= set(acknowledged), 30, "no record is left out")
        self.until(self.all_is_committed, 20, "all is committed")

    @limit(90)
    def test_two_groups_are_independent_and_find_their_place_again(self):
        mine, others = self.join(), self.join(self.unique("group"))
        self.until(lambda: self.shares(mine) == [4] and self.shares(others) == [4], 30, "each group has all")
        self.produce("one", "two", "three", "four")
        self.until(lambda: len(mine.records) == 4 and len(others.records) == 4, 20, "each group reads all")
        mine.leave()
        self.produce("five")
        self.until(lambda: others.records[4:] == ["five"], 20, "the other group reads on")
        again = self.join()
        self.until(lambda: again.records == ["five"], 30, "the group goes on where it was")

    @limit(120)
    @needs("reconnect")
    def test_a_restart_of_the_broker_in_the_middle(self):
        if not isinstance(self.broker, Broker):
            self.skipTest("the broker is somebody else's")
        with self.records_flow() as acknowledged:
            two = [self.join(), self.join()]
            self.until(lambda: self.shares(*two) == [2, 2], 30, "two share")
            self.until(lambda: all(member.records for member in two), 20, "both read")
            self.broker.kill()
            self.broker.start()
            before = [len(member.records) for member in two]
            self.until(lambda: all(len(member.records) > count for member, count in zip(two, before, strict=True)), 40,
                       "both read on")
        self.until(lambda: set(self.seen()) >= set(acknowledged), 30, "no record is left out")
        self.until(lambda: self.shares(*two) == [2, 2], 30, "they share as before")
        self.until(self.all_is_committed, 20, "they commit as before")

    def test_reading_without_a_group_touches_none(self):
        member = self.join()
        self.until(lambda: self.shares(member) == [4], 30, "a group reads the topic")
        self.produce("one", "two", "three", "four")
        self.until(lambda: len(member.records) == 4, 20, "all of it")
        member.leave()
        before = self.groups()
        client = self.client_of(self.maker)
        with client.tail(self.topic) as tail:
            self.produce("five")
            self.assertEqual([record.value for record in tail.take(1)], [b"five"])
        self.assertEqual(len(client.consume(self.topic, 2)), 2)
        after = self.groups()
        self.assertLessEqual(set(after), set(before), "no group comes to be")
        self.assertEqual(after[self.group], before[self.group], "nobody has joined, no position has moved")


class Groups(GroupSuite):
    """Clients of several kinds, in one group."""

    part = "groups"

    @limit(120)
    def test_members_of_four_clients_share_a_group(self):
        """Those that share out by `range`."""
        four = [self.join_as(maker) for maker in (Kcat, Confluent, KafkaPython, Barnabas)]
        self.until(lambda: self.shares(*four) == [1, 1, 1, 1], 40, "each has a partition")
        self.produce("one", "two", "three", "four")
        self.until(lambda: [len(member.records) for member in four] == [1, 1, 1, 1], 20, "each reads a record")
        four[0].leave()
        self.until(lambda: self.shares(*four[1:]) == [1, 1, 2], 30, "one leaves")
        four[1].kill()
        self.until(lambda: self.shares(*four[2:]) == [2, 2], SESSION_MS / 1000 + 20, "one dies")
        self.produce("five", "six", "seven", "eight")
        self.until(lambda: len(self.seen()) >= 8, 20, "the others read all")
        self.assertEqual(self.seen(), sorted("one two three four five six seven eight".split()))


def suite_for(maker: type[Client]) -> type[GroupContract]:
    """The tests of the list that the client is able to take."""
    return type(f"{maker.__name__}Groups", (GroupContract,),
                {"part": f"groups_{maker.name}", "maker": maker} | unable(GroupContract, maker))


SUITES = [*(suite_for(maker) for maker in (*CLIENTS, BarnabasConsumer)), Groups]
