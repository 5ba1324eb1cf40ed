"""kcat (librdkafka 2.0): a process for every call."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby

from ..client import EARLIEST, LATEST, At, Client, Refused
from ..member import COMMIT_MS, HEARTBEAT_MS, SESSION_MS, Member
from ..record import Record

# One line of numbers and headers, then key and value by their lengths: safe for any bytes.
FORMAT = r"%p %o %T %K %S %h\n%k%s"

# Between key and value, and after each record, on kcat's standard input.
KEY_END = b"~key~"
RECORD_END = b"~record~"

REFUSALS = {
    "Unknown topic or partition": "UNKNOWN_TOPIC_OR_PARTITION",
    "Message size too large": "MESSAGE_TOO_LARGE",
    "Invalid topic": "INVALID_TOPIC_EXCEPTION",
}


def run(*args: str, stdin: bytes = b"", limit: float = 60) -> bytes:
    """Runs kcat to its end and returns what it printed; a failure becomes Refused."""
    done = subprocess.run(["kcat", *args], input=stdin, capture_output=True, timeout=limit, check=False)
    errors = done.stderr.decode(errors="replace")
    if done.returncode != 0 or "Delivery failed" in errors:
        for text, name in REFUSALS.items():
            if text in errors:
                raise Refused(name, errors)
        raise AssertionError(f"kcat {' '.join(args)} ended with {done.returncode}:\n{errors}")
    return done.stdout


def read_record(stream) -> Record | None:
    """The next record printed in FORMAT; None at the end."""
    line = stream.readline()
    if not line:
        return None
    partition, offset, timestamp, key_size, value_size, headers = line[:-1].split(b" ", 5)
    key, value = (None if size < 0 else stream.read(size) for size in (int(key_size), int(value_size)))
    pairs = tuple((name.decode(), data) for name, _, data in
                  (pair.partition(b"=") for pair in headers.split(b",") if pair))
    return Record(value, key, pairs, int(timestamp), int(partition), int(offset))


class _Tail:
    """A running `kcat -C -o end`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def take(self, count: int) -> list[Record]:
        return [read_record(self.process.stdout) for _ in range(count)]


class _Member(Member):
    """A running `kcat -G`, which tells of partitions on stderr."""

    def hear(self, line: str) -> None:
        self.records.append(line)

    def overhear(self, line: str) -> None:
        super().overhear(line)
        if told := re.search(r"rebalanced \(memberid [^)]*\): (assigned|revoked): (.*)$", line):
            numbers = {int(number) for number in re.findall(r"\[(\d+)\]", told[2])}
            self.partitions = numbers if told[1] == "assigned" else self.partitions - numbers


class Kcat(Client):
    """Headers and "empty means null" hold for all records that a process sends: one process a run of like records.

    A member that is told to end drops a record that counts as read, and it ends when its only broker goes away."""

    name = "kcat"
    can = frozenset({"let go", "cluster", "topics", "binary", "empty values", "null values", "empty keys", "headers",
                     "repeated headers", "empty header values", "null header values", "offset by time", "murmur2",
                     "idempotent", "auto create"})
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")

    def cluster(self) -> tuple[int, list[int]]:
        listing = json.loads(run("-b", self.bootstrap, "-L", "-J"))
        return listing["controllerid"], [broker["id"] for broker in listing["brokers"]]

    def topics(self) -> dict[str, int]:
        listing = json.loads(run("-b", self.bootstrap, "-L", "-J"))
        return {topic["topic"]: len(topic["partitions"]) for topic in listing["topics"]}

    def produce(self, topic, records, *, partition=0, codec="none", acks=-1, idempotent=False):
        options = ["-b", self.bootstrap, "-P", "-t", topic, "-z", codec, "-X", f"topic.acks={acks}",
                   "-X", f"enable.idempotence={str(idempotent).lower()}", "-X", "topic.partitioner=murmur2_random",
                   "-X", "message.max.bytes=2000000", "-p", str(-1 if partition is None else partition),
                   "-K", KEY_END.decode(), "-D", RECORD_END.decode()]
        for (headers, has_null), group in groupby(records, lambda r: (r.headers, r.value is None)):
            own = ["-Z"] if has_null else []
            for name, data in headers:
                own += ["-H", name if data is None else f"{name}={data.decode()}"]
            run(*options, *own, stdin=b"".join(
                (b"" if record.key is None else record.key + KEY_END) + (record.value or b"") + RECORD_END
                for record in group))

    def consume(self, topic, count, *, partition=0, start=EARLIEST):
        with self._reading(topic, partition, start, "-c", str(count)) as process:
            records = []
            while len(records) < count and (record := read_record(process.stdout)) is not None:
                records.append(record)
            return records

    @contextmanager
    def tail(self, topic: str, partition: int = 0) -> Iterator[_Tail]:
        with self._reading(topic, partition, LATEST, stderr=subprocess.PIPE) as process:
            while b"Reached end" not in (line := process.stderr.readline()):
                assert line, "kcat ended before it reached the end"
            yield _Tail(process)

    def join(self, group, topic):
        return _Member(["kcat", "-b", self.bootstrap, "-u", "-X", f"session.timeout.ms={SESSION_MS}",
                        "-X", f"heartbeat.interval.ms={HEARTBEAT_MS}", "-X", f"auto.commit.interval.ms={COMMIT_MS}",
                        "-X", "auto.offset.reset=earliest", "-G", group, topic])

    def offsets(self, topic, partition=0):
        return self._query(topic, partition, -2), self._query(topic, partition, -1)

    def offset_at(self, topic, ms, partition=0):
        offset = self._query(topic, partition, ms)
        return None if offset < 0 else offset

    def _query(self, topic: str, partition: int, ms: int) -> int:
        printed = run("-b", self.bootstrap, "-Q", "-t", f"{topic}:{partition}:{ms}").decode()
        return int(re.search(r"offset (-?\d+)", printed).group(1))

    @contextmanager
    def _reading(self, topic, partition, start, *more, stderr=subprocess.DEVNULL):
        offset = {EARLIEST: "beginning", LATEST: "end"}.get(start, start)
        offset = f"s@{start.ms}" if isinstance(start, At) else str(offset)
        process = subprocess.Popen(
            ["kcat", "-b", self.bootstrap, "-C", "-t", topic, "-p", str(partition), "-o", offset, "-f", FORMAT,
             "-u", *more], stdout=subprocess.PIPE, stderr=stderr)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            if process.stderr:
                process.stderr.close()

    def shows(self, record: Record) -> Record:
        """kcat prints NULL for a null header value."""
        return replace(record, headers=tuple((name, b"NULL" if data is None else data) for name, data in record.headers))
