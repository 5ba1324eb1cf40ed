"""Groups of the consumer protocol (KIP-848) as @platformatic/kafka lives in them, by itself and beside kcat."""

from __future__ import annotations

from ..clients.barnabas import barnabas
from ..clients.kcat import Kcat
from ..clients.node import FOLDER
from ..member import SESSION_MS, Member
from ..suite import limit
from .groups import GroupSuite


class ConsumerGroups(GroupSuite):
    """Members of the consumer protocol; kcat's are of the classic one."""

    part = "consumer_groups"

    def join(self) -> Member:
        """A member of the consumer protocol."""
        self.members.append(Member(
            ["node", "--no-warnings", "consumer_member.mjs", self.broker.bootstrap, self.group, self.topic],
            cwd=FOLDER))
        return self.members[-1]

    def is_listed_as(self, kind: str) -> bool:
        """True where the group is of that protocol."""
        listed = barnabas("group", "list", "--type", kind, "-o", "name", "-b", self.broker.bootstrap)
        return self.group in listed.out.split()

    @limit(120)
    def test_two_consumers_get_two_partitions_each_a_fifth_idles_and_a_killed_one_is_replaced(self):
        seconds = self.tell_of_five(self.join)
        self.note(f"its partition had a new owner after {seconds:.1f} s, with a session of "
                  f"{SESSION_MS / 1000:.0f} s")

    @limit(120)
    def test_each_record_goes_to_one_member_once_it_is_committed(self):
        self.tell_of_records(self.join)

    @limit(120)
    def test_members_go_on_after_the_broker_was_killed(self):
        two = [self.join(), self.join()]
        self.until(lambda: self.shares(*two) == [2, 2], 30, "two share")
        before = [set(member.partitions) for member in two]
        self.broker.kill()
        self.broker.start()
        self.produce(*(f"c{number}" for number in range(8)))
        self.until(lambda: len(self.seen()) >= 8, 60, "they read on")
        self.assertEqual(before, [member.partitions for member in two], "with the partitions that they had")

    @limit(120)
    def test_a_group_of_kcat_moves_to_the_consumer_protocol_and_back_while_records_flow(self):
        with self.records_flow() as acknowledged:
            classic = [self.join_as(Kcat), self.join_as(Kcat)]
            self.until(lambda: self.shares(*classic) == [2, 2], 30, "two classic members share")
            self.assertTrue(self.is_listed_as("classic"))

            consumer = self.join()
            self.until(lambda: self.shares(*classic, consumer) == [1, 1, 2], 30, "a consumer member shares with them")
            self.assertTrue(self.is_listed_as("consumer"))
            classic[0].leave()
            self.until(lambda: self.shares(classic[1], consumer) == [2, 2], 30, "a classic member leaves")

            second = self.join()
            self.until(lambda: self.shares(classic[1], consumer, second) == [1, 1, 2], 30, "another consumer member")
            consumer.leave()
            self.until(lambda: self.shares(classic[1], second) == [2, 2], 30, "a consumer member leaves")
            second.leave()
            self.until(lambda: self.shares(classic[1]) == [4], 30, "the last consumer member leaves")
            self.assertTrue(self.is_listed_as("classic"))
        # A kcat that is told to end drops a record that counts as read: most is read, and the rest by nobody else.
        self.until(self.all_is_committed, 30, "the group reads all there is")
        self.assertGreater(len(acknowledged), 100)


SUITES = [ConsumerGroups]
