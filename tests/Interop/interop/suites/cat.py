"""`barnabas cat` beside kcat: the same letters, the same output."""

from __future__ import annotations

import json
import re
import subprocess

from ..broker import BINARY, environment
from ..clients.confluent import Confluent
from ..record import START, Record
from ..suite import Suite, each

OK, FAILED, USAGE, NOT_FOUND = 0, 1, 2, 6

READINGS = [
    "-e", "-e -o 2", "-e -o -2", f"-o s@{START + 15} -e", f"-o beginning -o e@{START + 20}", "-c 3", "-e -K :",
    "-e -D ; -K |", "-e -Z", "-e -J", "-p 0 -e", "-e -f %t[%p]@%o:%T:%k=%s:%K:%S:%h\\n", "-e -Z -f %k/%s\\x0a",
    "-e -f %R%s",
]


class Cat(Suite):
    """Both programs on one broker; whatever one prints the other prints."""

    part = "cat"

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.topic = cls.unique()
        client = Confluent(cls.broker.bootstrap)
        client.create_topic(cls.topic)
        records = [Record(b"%d" % i, b"k%d" % i, timestamp=START + 10 * i) for i in range(4)]
        records += [Record(None, b"gone", timestamp=START + 40),
                    Record(b"with", None, (("a", b"1"), ("b", b"2")), START + 50)]
        client.produce(cls.topic, records)

    def run_cat(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return self.run_it(str(BINARY), "cat", *arguments, stdin=stdin)

    def run_it(self, *command: str, stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*command, "-b", self.broker.bootstrap], input=stdin, capture_output=True, timeout=60,
                              check=False, env=environment())

    def assert_alike(self, *arguments: str) -> bytes:
        """Both print the same; what they print is returned."""
        own, other = self.run_cat(*arguments), self.run_it("kcat", *arguments, stdin=b"")
        self.assertEqual((own.returncode, own.stdout), (other.returncode, other.stdout), own.stderr)
        return own.stdout

    @each("options", READINGS)
    def test_consumes_alike(self, options):
        printed = self.assert_alike("-C", "-q", "-t", self.topic, *options.split(" "))
        self.assertTrue(printed)

    def test_says_where_the_end_is(self):
        own = self.run_cat("-C", "-t", self.topic, "-e")
        self.assertEqual(own.stderr.decode(), f"% Reached end of topic {self.topic} [0] at offset 6: exiting\n")

    def test_lists_alike(self):
        for arguments in (["-L"], ["-L", "-t", self.topic]):
            own, other = (run.stdout.decode().splitlines() for run in (
                self.run_cat(*arguments), self.run_it("kcat", *arguments, stdin=b"")))
            # kcat may still call the broker by its bootstrap address in the first line.
            self.assertEqual(sorted(own[1:]), sorted(other[1:]))
            self.assertRegex(own[0], r"^Metadata for .* \(from broker \d+: 127\.0\.0\.1:\d+/\d+\):$")

    def test_lists_json_alike(self):
        own, other = (json.loads(run.stdout) for run in (
            self.run_cat("-L", "-J", "-t", self.topic), self.run_it("kcat", "-L", "-J", "-t", self.topic, stdin=b"")))
        for listing in (own, other):
            del listing["originating_broker"]
        self.assertEqual(own, other)

    @each("ms", [-1, -2, 0, START + 15, START + 1_000])
    def test_queries_alike(self, ms):
        self.assert_alike("-Q", "-t", f"{self.topic}:0:{ms}")

    def sent(self, stdin: bytes, *arguments: str) -> list[tuple[bytes | None, bytes | None, tuple]]:
        """What is in a new topic once `barnabas cat -P` has sent stdin."""
        topic = self.unique()
        Confluent(self.broker.bootstrap).create_topic(topic)
        done = self.run_cat("-P", "-t", topic, *arguments, stdin=stdin)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (OK, b"", b""))
        client = Confluent(self.broker.bootstrap)
        return [(r.key, r.value, r.headers) for r in client.consume(topic, client.offsets(topic)[1])]

    def test_produces_lines(self):
        self.assertEqual(self.sent(b"a:1\nb\n", "-K", ":"), [(b"a", b"1", ()), (None, b"b", ())])
        self.assertEqual(self.sent(b"1;2", "-D", ";", "-k", "key", "-H", "h=v", "-z", "snappy"),
                         [(b"key", b"1", (("h", b"v"),)), (b"key", b"2", (("h", b"v"),))])
        self.assertEqual(self.sent(b"k:\n", "-K", ":", "-Z"), [(b"k", None, ())])
        self.assertEqual(self.sent(b"1\n2\n3\n", "-c", "2"), [(None, b"1", ()), (None, b"2", ())])

    def test_produces_files(self):
        files = [self.broker.home / name for name in ("one", "two")]
        for number, path in enumerate(files):
            path.write_bytes(b"line %d\nmore\n" % number)
        names = [str(path) for path in files]
        self.assertEqual([value for _, value, _ in self.sent(b"", *names)], [b"line 0\nmore\n", b"line 1\nmore\n"])
        self.assertEqual([value for _, value, _ in self.sent(b"", "-l", *names)],
                         [b"line 0", b"more", b"line 1", b"more"])

    def test_producing_creates_a_missing_topic(self):
        topic = self.unique("auto")
        self.assertEqual(self.run_cat("-P", "-t", topic, stdin=b"x\n").returncode, OK)
        self.assertEqual(Confluent(self.broker.bootstrap).offsets(topic), (0, 1))

    def test_what_is_wrong(self):
        self.assertEqual(self.run_cat("-C", "-t", self.unique("missing"), "-e").returncode, NOT_FOUND)
        self.assertEqual(self.run_cat("-C", "-P", "-t", self.topic).returncode, USAGE)
        self.assertEqual(self.run_cat("-C").returncode, USAGE)
        self.assertEqual(self.run_cat("-Q", "-t", self.topic).returncode, USAGE)
        missing = self.run_cat("-P", "-t", self.topic, "no-such-file")
        self.assertEqual(missing.returncode, NOT_FOUND)
        self.assertTrue(re.search("no-such-file", missing.stderr.decode()))


SUITES = [Cat]
