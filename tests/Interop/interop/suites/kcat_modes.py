"""kcat as people type it: each mode with its usual options, read off its output."""

from __future__ import annotations

import json
import re
import subprocess

from ..clients.confluent import Confluent
from ..clients.kcat import run
from ..record import START, Record
from ..suite import Suite, each


class KcatModes(Suite):
    """One topic with three records, 1 s apart, and its own topic where a test writes."""

    part = "kcat_modes"
    topic: str

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.topic = cls.unique()
        writer = Confluent(cls.broker.bootstrap)
        writer.create_topic(cls.topic)
        writer.produce(cls.topic, [Record(b"one", b"k1", (("h", b"v"), ("n", None)), START), Record(b"two", None, (), START + 1_000),
                                   Record(None, b"k3", (), START + 2_000)])

    def kcat(self, *args: str, stdin: bytes = b"") -> str:
        return run("-b", self.broker.bootstrap, *args, stdin=stdin).decode()

    def consume(self, *args: str) -> str:
        return self.kcat("-C", "-q", "-e", "-t", self.topic, *args)

    # -L

    def test_L_lists_brokers_and_topics(self):
        printed = self.kcat("-L")
        self.assertRegex(printed, r" 1 brokers:\n  broker \d+ at 127\.0\.0\.1:\d+ \(controller\)\n")
        self.assertIn(f'topic "{self.topic}" with 1 partitions:', printed)

    def test_L_lists_one_topic(self):
        printed = self.kcat("-L", "-t", self.topic)
        self.assertRegex(printed, r" 1 topics:\n.*\n    partition 0, leader (\d+), replicas: \1, isrs: \1\n")

    def test_L_speaks_json(self):
        [topic] = json.loads(self.kcat("-L", "-J", "-t", self.topic))["topics"]
        [partition] = topic["partitions"]
        self.assertEqual(partition["replicas"], [{"id": partition["leader"]}])

    # -C

    def test_C_prints_values(self):
        self.assertEqual(self.consume(), "one\ntwo\n\n")

    def test_C_prints_keys_and_nulls(self):
        self.assertEqual(self.consume("-K", ":", "-Z"), "k1:one\nNULL:two\nk3:NULL\n")

    def test_C_prints_a_format(self):
        printed = self.consume("-f", "%t/%p/%o %T %k(%K)=%s(%S) %h\n")
        self.assertEqual(printed, f"{self.topic}/0/0 {START} k1(2)=one(3) h=v,n=NULL\n"
                                  f"{self.topic}/0/1 {START + 1_000} (-1)=two(3) \n"
                                  f"{self.topic}/0/2 {START + 2_000} k3(2)=(-1) \n")

    def test_C_speaks_json(self):
        first, second, third = (json.loads(line) for line in self.consume("-J").splitlines())
        self.assertEqual(first | {"broker": 0}, {
            "topic": self.topic, "partition": 0, "offset": 0, "tstype": "create", "ts": START, "broker": 0,
            "headers": ["h", "v", "n", None], "key": "k1", "payload": "one"})
        self.assertEqual((second["key"], third["payload"]), (None, None))

    @each("place", [("beginning", "one two ."), ("1", "two ."), ("-1", "."), ("-2", "two ."), ("end", ""),
                    (f"s@{START + 1}", "two ."), (f"s@{START}", "one two .")])
    def test_C_starts_at(self, place):
        start, expected = place
        self.assertEqual(self.consume("-o", start), "".join(f"{word}\n".replace(".", "") for word in expected.split()))

    def test_C_stops_at_a_time(self):
        self.assertEqual(self.consume("-o", f"s@{START}", "-o", f"e@{START + 1_500}"), "one\ntwo\n")

    def test_C_stops_after_a_count(self):
        self.assertEqual(self.kcat("-C", "-q", "-t", self.topic, "-c", "2"), "one\ntwo\n")

    def test_C_checks_checksums(self):
        self.assertEqual(self.consume("-X", "check.crcs=true"), "one\ntwo\n\n")

    def test_C_outside_the_log_starts_over_as_told(self):
        self.assertEqual(self.consume("-o", "99", "-X", "topic.auto.offset.reset=earliest"), "one\ntwo\n\n")

    def test_C_of_a_missing_topic_says_so(self):
        done = subprocess.run(["kcat", "-b", self.broker.bootstrap, "-C", "-e", "-t", self.unique("missing"), "-X",
                               "allow.auto.create.topics=false"], capture_output=True, timeout=30, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"Unknown topic or partition", done.stderr)

    # -P

    def write(self, *args: str, stdin: bytes) -> list[str]:
        topic = self.unique("written")
        self.kcat("-P", "-t", topic, *args, stdin=stdin)
        return self.kcat("-C", "-q", "-e", "-t", topic, "-f", "%k=%s(%S)[%h]\n").splitlines()

    def test_P_sends_lines(self):
        self.assertEqual(self.write(stdin=b"a\nb\n"), ["=a(1)[]", "=b(1)[]"])

    def test_P_splits_keys(self):
        self.assertEqual(self.write("-K", ":", stdin=b"k:a\nno key\nk:\n"), ["k=a(1)[]", "=no key(6)[]", "k=(0)[]"])

    def test_P_splits_at_a_delimiter(self):
        self.assertEqual(self.write("-D", ";", stdin=b"a;b\nc;"), ["=a(1)[]", "=b", "c(3)[]"])

    def test_P_sends_nulls(self):
        self.assertEqual(self.write("-Z", "-K", ":", stdin=b"k:\n"), ["k=(-1)[]"])

    def test_P_sends_a_key_and_headers(self):
        self.assertEqual(self.write("-k", "key", "-H", "a=1", "-H", "b=2", stdin=b"x\n"), ["key=x(1)[a=1,b=2]"])

    @each("codec", ["gzip", "snappy", "lz4", "zstd"])
    def test_P_compresses(self, codec):
        self.assertEqual(self.write("-z", codec, stdin=b"x\n" * 100), ["=x(1)[]"] * 100)

    def test_P_is_a_tee(self):
        topic = self.unique("tee")
        self.assertEqual(self.kcat("-P", "-T", "-t", topic, stdin=b"a\n"), "a")

    @each("acks", ["0", "1", "all"])
    def test_P_takes_acks(self, acks):
        self.assertEqual(self.write("-X", f"acks={acks}", stdin=b"x\n"), ["=x(1)[]"])

    # -Q

    @each("question", [("-2", "0"), ("-1", "3"), ("0", "0"), (str(START), "0"), (str(START + 1), "1"),
                       (str(START + 2_000), "2"), (str(START + 2_001), "-1")])
    def test_Q_finds_an_offset(self, question):
        ms, offset = question
        self.assertEqual(self.kcat("-Q", "-t", f"{self.topic}:0:{ms}"), f"{self.topic} [0] offset {offset}\n")

    # What librdkafka thinks of us

    def test_nothing_in_the_protocol_irritates_librdkafka(self):
        done = subprocess.run(["kcat", "-b", self.broker.bootstrap, "-C", "-e", "-q", "-t", self.topic, "-d",
                               "broker,protocol,feature,metadata,fetch"], capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0)
        log = done.stderr.decode(errors="replace")
        self.assertIn("ApiVersion", log)
        complaints = [line for line in log.splitlines() if re.search(r"PROTOERR|PROTOUFLOW|PARSE|ERROR\||FAIL\|", line)
                      and "is terminating" not in line]
        self.assertEqual(complaints, [])
        # The features it derives from our versions: all that a current broker has.
        features = re.search(r"Updated enabled protocol features to (\S+)|Feature.*enabled", log)
        self.assertIsNotNone(features)
        for feature in ("MsgVer2", "ApiVersion", "BrokerBalancedConsumer", "IdempotentProducer", "ZSTD", "LZ4"):
            if features.group(1):
                self.assertIn(feature, log)


SUITES = [KcatModes]
