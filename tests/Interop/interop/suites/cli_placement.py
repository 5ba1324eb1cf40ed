"""`barnabas leader` and `barnabas reassign` against a node that is alone: what they find, plan, start and refuse."""

from __future__ import annotations

import json

from ..clients.barnabas import Output, barnabas
from ..clients.confluent import Confluent
from ..suite import Suite

OK, FAILED, USAGE, NOT_FOUND = 0, 1, 2, 6


class CliPlacement(Suite):
    """Every test has a topic of two partitions of its own."""

    part = "cli_placement"

    def setUp(self) -> None:
        super().setUp()
        self.topic = self.unique()
        Confluent(self.broker.bootstrap).create_topic(self.topic, 2)

    def run_cli(self, *arguments: str, stdin: bytes = b"") -> Output:
        return barnabas(*arguments, "-b", self.broker.bootstrap, stdin=stdin)

    def good(self, *arguments: str, stdin: bytes = b"") -> str:
        done = self.run_cli(*arguments, stdin=stdin)
        self.assertEqual(done.code, OK, done.err)
        return done.out

    def plan_to(self, *replicas: int) -> bytes:
        """A plan by which the first partition goes to brokers."""
        entry = {"topic": self.topic, "partition": 0, "replicas": list(replicas)}
        return json.dumps({"version": 1, "partitions": [entry]}).encode()

    def node(self) -> int:
        [described] = json.loads(self.good("topic", "describe", self.topic, "-o", "json"))
        return described["partitions"][0]["leader"]

    def test_leaders_that_are_preferred_need_no_election(self):
        done = self.run_cli("leader", "elect", self.topic)
        self.assertEqual((done.code, done.out), (OK, ""))
        self.assertIn("led as it should be", done.err)
        self.assertEqual(self.run_cli("leader", "elect", self.topic, "--unclean").code, OK)
        self.assertEqual(self.run_cli("leader", "elect", self.topic + "x").code, NOT_FOUND)
        self.assertEqual(self.run_cli("leader", "elect", self.topic, "-p", "9").code, NOT_FOUND)

    def test_a_node_alone_has_nowhere_to_move_partitions(self):
        plan = json.loads(self.good("reassign", "plan", self.topic, "-o", "json"))
        self.assertEqual(plan, {"version": 1, "partitions": []})
        self.assertEqual(self.run_cli("reassign", "plan", self.topic, "-r", "2").code, USAGE)
        self.assertEqual(self.run_cli("reassign", "plan", self.topic, "--brokers", "77").code, NOT_FOUND)
        self.assertEqual(json.loads(self.good("reassign", "status", "-o", "json")), [])
        self.assertEqual(self.good("reassign", "cancel"), "")

    def test_a_plan_is_started_and_a_bad_one_is_refused(self):
        node = self.node()
        self.assertIn("valid", self.good("reassign", "start", "-", "--dry-run", stdin=self.plan_to(77)))
        self.assertIn("started", self.good("reassign", "start", "-", stdin=self.plan_to(node)))
        refused = self.run_cli("reassign", "start", "-", stdin=self.plan_to(77))
        self.assertEqual(refused.code, FAILED)
        self.assertIn("broker 77, but no such broker is registered", refused.err)
        self.assertEqual(self.run_cli("reassign", "start", "-", stdin=b"{}").code, USAGE)

    def test_a_broker_that_is_not_there_cannot_be_forgotten(self):
        self.assertIn("valid", self.good("cluster", "unregister", "77", "--dry-run"))
        done = self.run_cli("cluster", "unregister", "77")
        self.assertEqual(done.code, NOT_FOUND)
        self.assertIn("broker 77", done.err)


SUITES = [CliPlacement]
