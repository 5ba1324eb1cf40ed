"""The command line end to end: output for people, JSON for programs, messages on stderr, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import time

from ..broker import BINARY, environment, free_port
from ..clients.barnabas import Output, barnabas
from ..clients.confluent import Confluent
from ..record import START, Record, samples
from ..suite import Suite, each

OK, FAILED, USAGE, UNREACHABLE, NOT_FOUND, CONFLICT, PARTLY, UNHEALTHY, INTERRUPTED = 0, 1, 2, 3, 6, 7, 8, 9, 130


class Cli(Suite):
    """Every test calls the built binary as a shell would."""

    part = "cli"

    def run_cli(self, *arguments: str, stdin: bytes = b"") -> Output:
        return barnabas(*arguments, "-b", self.broker.bootstrap, stdin=stdin)

    def good(self, *arguments: str, stdin: bytes = b"") -> str:
        done = self.run_cli(*arguments, stdin=stdin)
        self.assertEqual(done.code, OK, done.err)
        return done.out

    def topic(self, partitions: int = 1) -> str:
        topic = self.unique()
        Confluent(self.broker.bootstrap).create_topic(topic, partitions)
        return topic

    # topic

    def test_topic_create_prints_a_table(self):
        topic = self.unique()
        lines = self.good("topic", "create", topic, "-p", "3", "--config", "retention.ms=7200000").splitlines()
        self.assertEqual(lines[0].split(), ["TOPIC", "PARTITIONS", "REPLICAS", "STATUS"])
        self.assertEqual(lines[1].split(), [topic, "3", "1", "created"])
        self.assertEqual(self.good("config", "get", "topic", topic, "retention.ms"), "7200000\n")

    def test_topic_create_again_is_a_conflict(self):
        topic = self.topic()
        done = self.run_cli("topic", "create", topic)
        self.assertEqual((done.code, done.out), (CONFLICT, ""))
        self.assertIn(topic, done.err)
        self.assertEqual(self.run_cli("topic", "create", topic, "--if-not-exists").code, OK)

    def test_topic_create_of_several_tells_each(self):
        old, new = self.topic(), self.unique()
        done = self.run_cli("topic", "create", old, new, "-o", "json")
        self.assertEqual(done.code, PARTLY)
        self.assertEqual({row["topic"]: row["status"] for row in done.json},
                         {old: "TOPIC_ALREADY_EXISTS", new: "created"})

    def test_topic_create_may_only_try(self):
        topic = self.unique()
        self.assertIn("valid", self.good("topic", "create", topic, "-p", "2", "--dry-run"))
        self.assertEqual(self.run_cli("topic", "describe", topic).code, NOT_FOUND)

    def test_topic_list(self):
        topic = self.topic(2)
        rows = {row["topic"]: row["partitions"] for row in barnabas("topic", "list", "-o", "json", "-b",
                                                                    self.broker.bootstrap).json}
        self.assertEqual(rows[topic], 2)
        self.assertIn(topic, self.good("topic", "list"))

    def test_topic_describe(self):
        topic = self.topic(2)
        Confluent(self.broker.bootstrap).produce(topic, [Record(b"x")] * 5, partition=1)
        [described] = self.run_cli("topic", "describe", topic, "-o", "json").json
        self.assertEqual([(p["partition"], p["start"], p["end"]) for p in described["partitions"]],
                         [(0, 0, 0), (1, 0, 5)])
        self.assertIn("partitions=2", self.good("topic", "describe", topic))

    def test_topic_describe_of_a_missing_one_names_a_near_one(self):
        topic = self.topic()
        done = self.run_cli("topic", "describe", topic + "x")
        self.assertEqual((done.code, done.out), (NOT_FOUND, ""))
        self.assertIn(f"'{topic}x'", done.err)
        self.assertIn(topic, done.err.replace(f"{topic}x", ""), "did you mean")

    def test_topic_alter(self):
        topic = self.topic()
        self.good("topic", "alter", topic, "-p", "4")
        self.good("topic", "alter", topic, "--config", "max.message.bytes=12345")
        [described] = self.run_cli("topic", "describe", topic, "-o", "json").json
        self.assertEqual(len(described["partitions"]), 4)
        self.assertEqual(self.good("config", "get", "topic", topic, "max.message.bytes"), "12345\n")

    def test_topic_delete(self):
        topic = self.topic()
        self.good("topic", "delete", topic)
        self.assertEqual(self.run_cli("topic", "delete", topic).code, NOT_FOUND)
        self.good("topic", "delete", topic, "--if-exists")

    # config

    def test_config_set_get_unset_list(self):
        topic = self.topic()
        self.good("config", "set", "topic", topic, "retention.ms=1000000", "cleanup.policy=compact")
        changed = {row["name"]: (row["value"], row["source"]) for row in
                   self.run_cli("config", "list", "topic", topic, "--changed", "-o", "json").json}
        self.assertEqual(changed, {
            "retention.ms": ("1000000", "topic"), "cleanup.policy": ("compact", "topic"),
            # A new cluster says so of itself, for its eligible leader replicas depend on it.
            "min.insync.replicas": ("1", "all brokers"),
        })
        self.good("config", "unset", "topic", topic, "retention.ms")
        self.assertEqual(self.good("config", "get", "topic", topic, "retention.ms"), "604800000\n")

    def test_config_refuses_a_bad_value(self):
        done = self.run_cli("config", "set", "topic", self.topic(), "retention.ms=soon")
        self.assertEqual(done.code, FAILED)
        self.assertIn("retention.ms", done.err)

    def test_config_get_of_an_unknown_key_names_a_near_one(self):
        done = self.run_cli("config", "get", "topic", self.topic(), "retention.mz")
        self.assertEqual(done.code, NOT_FOUND)
        self.assertIn("retention.ms", done.err)

    def test_config_of_the_broker(self):
        [broker] = self.run_cli("cluster", "info", "-o", "json").json["brokers"]
        rows = {row["name"]: row["value"] for row in
                self.run_cli("config", "list", "broker", str(broker["broker"]), "-o", "json").json}
        self.assertIn("log.retention.hours", rows)

    # produce and consume

    def test_lines_go_in_and_come_out(self):
        topic = self.topic()
        self.good("produce", topic, stdin=b"one\ntwo\n\nlast without an end")
        self.assertEqual(self.good("consume", topic, "-e"), "one\ntwo\n\nlast without an end\n")

    def test_keys_headers_and_formats(self):
        topic = self.topic()
        self.good("produce", topic, "-K", ":", "-H", "source=test", stdin=b"a:1\nb:2\n")
        self.assertEqual(self.good("consume", topic, "-e", "-f", "%o %k=%s %h\\n"),
                         "0 a=1 source=test\n1 b=2 source=test\n")

    @each("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
    def test_codecs(self, codec):
        topic = self.topic()
        self.good("produce", topic, "-z", codec, stdin=b"line\n" * 1_000)
        self.assertEqual(self.good("consume", topic, "-e"), "line\n" * 1_000)

    @each("acks", ["0", "1", "all"])
    def test_acks(self, acks):
        topic = self.topic()
        self.good("produce", topic, "--acks", acks, stdin=b"x\n")
        self.assertEqual(self.good("consume", topic, "-n", "1"), "x\n")

    @each("case", [("earliest", "0 1 2 3 4"), ("3", "3 4"), ("-2", "3 4"), ("latest", ""), ("1:3", "1 2"),
                   (f"@{START + 15}", "2 3 4"), (f"@{START}:@{START + 20}", "0 1")])
    def test_places_to_read_from(self, case):
        place, expected = case
        topic = self.topic()
        Confluent(self.broker.bootstrap).produce(topic, [Record(b"%d" % i, timestamp=START + 10 * i) for i in range(5)])
        self.assertEqual(self.good("consume", topic, "-o", place, "-e").split(), expected.split())

    def test_partitions(self):
        topic = self.topic(3)
        for partition in range(3):
            self.good("produce", topic, "-p", str(partition), stdin=b"to %d\n" % partition)
        self.assertEqual(self.good("consume", topic, "-p", "0,2", "-e").splitlines(), ["to 0", "to 2"])

    def test_a_copy_through_json_loses_nothing(self):
        source, copy = self.topic(), self.topic()
        client = Confluent(self.broker.bootstrap)
        sent = samples(client.can)
        client.produce(source, [*sent, Record(b'{"a": [1, 2.50]}', b"[]")])
        printed = self.good("consume", source, "-o", "json", "-e")
        self.good("produce", copy, "--input", "json", stdin=printed.encode())
        self.assertEqual(client.consume(copy, len(sent) + 1), client.consume(source, len(sent) + 1))

    def test_consume_follows_and_stops_at_an_interrupt(self):
        topic = self.topic()
        with subprocess.Popen([str(BINARY), "consume", topic, "-b", self.broker.bootstrap], stdout=subprocess.PIPE,
                              env=environment()) as process:
            try:
                self.good("produce", topic, stdin=b"first\n")
                self.assertEqual(process.stdout.readline(), b"first\n")
                self.good("produce", topic, stdin=b"second\n")
                self.assertEqual(process.stdout.readline(), b"second\n")
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(10), INTERRUPTED)
            finally:
                process.kill()

    def test_a_closed_pipe_is_no_drama(self):
        topic = self.topic()
        self.good("produce", topic, stdin=b"line\n" * 50_000)
        with subprocess.Popen([str(BINARY), "consume", topic, "-e", "-b", self.broker.bootstrap], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment()) as process:
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            process.wait(20)

    def test_a_missing_topic(self):
        for command in (["consume", "-e"], ["produce"]):
            done = self.run_cli(command[0], self.unique("missing"), *command[1:], stdin=b"x\n")
            self.assertEqual(done.code, NOT_FOUND, done.err)

    def test_a_record_that_is_too_large(self):
        topic = self.topic()
        self.good("config", "set", "topic", topic, "max.message.bytes=1000")
        done = self.run_cli("produce", topic, stdin=b"x" * 5_000 + b"\n")
        self.assertEqual(done.code, FAILED)
        self.assertIn("MESSAGE_TOO_LARGE", done.err)

    # cluster, version, help

    def test_cluster_info(self):
        found = self.run_cli("cluster", "info", "-o", "json").json
        self.assertEqual([broker["port"] for broker in found["brokers"]], [self.broker.port])
        self.assertEqual(found["controller"], found["brokers"][0]["broker"])
        self.assertIn(found["clusterId"], self.good("cluster", "info"))

    def test_version(self):
        self.assertRegex(barnabas("version").out, r"^barnabas \d+\.\d+\.\d+\n$")
        self.assertEqual(barnabas("version", "-o", "json").json["kafka"], "4.2")

    @each("arguments", ["nonsense", "topic", "topic create", "consume t -o nowhere", "topic list --no-such"])
    def test_wrong_usage(self, arguments):
        done = barnabas(*arguments.split())
        self.assertEqual((done.code, done.out), (USAGE, ""), done.err)
        self.assertTrue(done.err)

    @each("arguments", ["--help", "topic --help", "produce --help"])
    def test_help(self, arguments):
        done = barnabas(*arguments.split())
        self.assertEqual((done.code, done.err), (OK, ""))
        self.assertIn("barnabas", done.out)

    def test_nobody_listens(self):
        started = time.monotonic()
        done = barnabas("topic", "list", "-b", f"127.0.0.1:{free_port()}")
        self.assertEqual(done.code, UNREACHABLE)
        self.assertIn("./barnabas start", done.err)
        self.assertLess(time.monotonic() - started, 15)

    def test_the_address_may_come_from_the_environment(self):
        self.assertEqual(barnabas("topic", "list", BARNABAS_BROKERS=self.broker.bootstrap).code, OK)

    # every form of output; explain, diff, quotas, offsets, doctor, completion

    @each("kind", ["table", "wide", "json", "jsonl", "yaml", "name"])
    def test_every_form_of_output(self, kind):
        topic = self.topic(2)
        out = self.good("topic", "describe", topic, "-o", kind)
        self.assertIn(topic, out)
        if kind == "json":
            self.assertEqual(len(json.loads(out)[0]["partitions"]), 2)
        elif kind == "jsonl":
            self.assertEqual(json.loads(out)["topic"], topic)
        elif kind == "yaml":
            self.assertIn(f"- topic: {topic}\n", out)
        elif kind == "name":
            self.assertEqual(out, f"{topic}\n")

    def test_names_go_into_other_commands(self):
        topic = self.topic()
        self.assertIn(topic, self.good("topic", "list", "-o", "name").splitlines())

    def test_topic_offsets(self):
        topic = self.topic()
        Confluent(self.broker.bootstrap).produce(topic, [Record(b"%d" % i, timestamp=START + 10 * i) for i in range(5)])
        [row] = self.run_cli("topic", "offsets", topic, "-o", "json").json
        self.assertEqual((row["start"], row["end"], row["records"]), (0, 5, 5))
        [row] = self.run_cli("topic", "offsets", topic, "--at", f"@{START + 15}", "-o", "json").json
        self.assertEqual((row["offset"], row["timestamp"]), (2, "2023-11-14T22:13:20.020Z"))
        done = self.run_cli("topic", "offsets", self.unique("missing"))
        self.assertEqual((done.code, done.out), (NOT_FOUND, ""))

    def test_configs_take_times_and_sizes(self):
        topic = self.unique()
        self.good("topic", "create", topic, "-c", "retention.ms=7d")
        self.good("config", "set", "topic", topic, "segment.bytes=64MiB", "flush.ms=1.5s")
        for key, value in (("retention.ms", "604800000"), ("segment.bytes", "67108864"), ("flush.ms", "1500")):
            self.assertEqual(self.good("config", "get", "topic", topic, key), f"{value}\n")

    def test_config_diff(self):
        one, other = self.topic(), self.topic()
        self.good("config", "set", "topic", one, "retention.ms=1h")
        [row] = self.run_cli("config", "diff", "topic", one, "-o", "json").json
        self.assertEqual((row["name"], row["value"]), ("retention.ms", "3600000"))
        [row] = self.run_cli("config", "diff", "topic", one, other, "-o", "json").json
        self.assertEqual(row, {"name": "retention.ms", "value": "3600000", "other": "604800000"})

    def test_config_explain(self):
        topic = self.topic()
        # Without a broker.
        self.assertIn("604800000 (7d)", barnabas("config", "explain", "retention.ms").out)
        self.good("config", "set", "topic", topic, "retention.ms=1h")
        [row] = self.run_cli("config", "explain", "retention.ms", "topic", topic, "-o", "json").json
        self.assertEqual((row["value"], row["source"]), ("3600000", "topic"))
        self.assertEqual(row["synonyms"][-1]["name"], "log.retention.hours")
        done = barnabas("config", "explain", "retention.mz")
        self.assertEqual(done.code, NOT_FOUND)
        self.assertIn("retention.ms", done.err)

    def test_quotas(self):
        self.good("quota", "set", "--client-id", "importer", "producer_byte_rate=10MiB", "request_percentage=50%")
        self.good("quota", "set", "--default", "user", "consumer_byte_rate=1000")
        rows = self.run_cli("quota", "list", "-o", "json").json
        self.assertIn({"entity": "client-id=importer", "key": "producer_byte_rate", "value": 10485760}, rows)
        self.assertIn({"entity": "user=<default>", "key": "consumer_byte_rate", "value": 1000}, rows)
        self.good("quota", "unset", "--client-id", "importer", "producer_byte_rate", "request_percentage")
        self.good("quota", "unset", "--default", "user", "consumer_byte_rate")
        self.assertEqual(self.run_cli("quota", "list", "-o", "json").json, [])
        self.assertEqual(self.run_cli("quota", "set", "producer_byte_rate=1").code, USAGE)
        self.assertEqual(self.run_cli("quota", "set", "--client-id", "x", "no_such_quota=1").code, FAILED)

    def test_doctor(self):
        self.topic()
        findings = self.run_cli("doctor", "-o", "json").json
        verdicts = {row["check"]: row["verdict"] for row in findings}
        self.assertLessEqual({check: "ok" for check in ("bootstrap", "advertised", "controller", "partitions")}.items(),
                             verdicts.items())
        done = barnabas("doctor", "-b", f"127.0.0.1:{free_port()}")
        self.assertEqual(done.code, UNREACHABLE)
        self.assertIn("FAIL  bootstrap", done.out)
        self.assertIn("fix: start the broker", done.out)

    def test_bash_completes_commands_and_topics(self):
        topic = self.topic()
        script = (f"source <({BINARY} completion bash)\n"
                  "ask() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _barnabas; echo \"${COMPREPLY[@]}\"; }\n"
                  f"ask {BINARY} topic des\nask {BINARY} topic describe --timeout 30s {topic[:-1]}\n")
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True,
                              env=environment() | {"BARNABAS_BROKERS": self.broker.bootstrap})
        commands, topics = done.stdout.splitlines()
        self.assertEqual(commands, "describe")
        self.assertIn(topic, topics.split())

    def test_topic_trim(self):
        topic = self.topic()
        Confluent(self.broker.bootstrap).produce(topic, [Record(b"%d" % i, timestamp=START + 10 * i) for i in range(5)])
        self.assertIn("valid", self.good("topic", "trim", topic, "--before", "2", "--dry-run"))
        self.assertEqual(self.good("consume", topic, "-e").split(), ["0", "1", "2", "3", "4"])
        [row] = self.run_cli("topic", "trim", topic, "--before", f"@{START + 15}", "-o", "json").json
        self.assertEqual((row["start"], row["end"], row["deleted"], row["status"]), (2, 5, 2, "trimmed"))
        self.assertEqual(self.good("consume", topic, "-e").split(), ["2", "3", "4"])
        self.good("topic", "trim", topic, "--before", "latest")
        self.assertEqual(self.good("consume", topic, "-e"), "")
        done = self.run_cli("topic", "trim", topic, "--before", "99")
        self.assertEqual(done.code, FAILED)
        self.assertIn("barnabas topic offsets", done.err)

    def test_topic_producers(self):
        topic = self.topic()
        self.assertEqual(self.run_cli("topic", "producers", topic, "-o", "json").json, [])
        self.good("produce", topic, stdin=b"1\n2\n3\n")
        [row] = self.run_cli("topic", "producers", topic, "-o", "json").json
        self.assertEqual((row["topic"], row["partition"], row["epoch"], row["lastSequence"]), (topic, 0, 0, 2))

    def test_topic_replicas(self):
        topic = self.topic(2)
        self.good("produce", topic, "-p", "1", stdin=b"x" * 1_000)
        rows = self.run_cli("topic", "replicas", topic, "-o", "json").json
        self.assertEqual([(row["partition"], row["role"], row["inSync"], row["directory"]) for row in rows],
                         [(index, "leader", True, str(self.broker.data)) for index in range(2)])
        self.assertEqual(rows[0]["size"], 0)
        self.assertGreater(rows[1]["size"], 1_000)

    def test_produce_tells_what_it_sent(self):
        [row] = self.run_cli("produce", self.topic(), "-o", "json", stdin=b"one\ntwo\n").json
        self.assertEqual((row["records"], row["bytes"]), (2, 6))

    def test_consume_has_forms_of_its_own(self):
        topic = self.topic()
        Confluent(self.broker.bootstrap).produce(topic, [Record(b"v", b"k", timestamp=START)])
        self.assertEqual(self.good("consume", topic, "-e", "-o", "wide"),
                         f"2023-11-14T22:13:20.000Z\t{topic}-0\t0\tk\tv\n")
        self.assertEqual(self.good("consume", topic, "-e", "-o", "name"), f"{topic}-0@0\n")
        self.assertIn(f"- topic: {topic}\n", self.good("consume", topic, "-e", "-o", "yaml"))


SUITES = [Cli]
