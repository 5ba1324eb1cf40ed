"""Our own client, through the command line that people use: a process for every call."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..broker import BINARY, environment
from ..client import EARLIEST, LATEST, At, Client, Refused
from ..member import COMMIT_MS, HEARTBEAT_MS, SESSION_MS, Member
from ..record import Record


@dataclass(frozen=True)
class Output:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The output, read as JSON."""
        return json.loads(self.out)


def barnabas(*arguments: str, stdin: bytes = b"", limit: float = 60, **variables: str) -> Output:
    """Runs the command line to its end."""
    done = subprocess.run([str(BINARY), *arguments], input=stdin, capture_output=True, timeout=limit, check=False,
                          env=environment() | variables)
    return Output(done.returncode, done.stdout.decode(), done.stderr.decode())


def bytes_of(value: object, encoding: str) -> bytes | None:
    """A field of the JSON envelope."""
    if encoding == "null":
        return None
    return base64.b64decode(value) if encoding == "base64" else str(value).encode()


def record_of(line: str) -> Record:
    """A record out of its JSON envelope."""
    envelope = json.loads(line)
    headers = tuple((h["key"], bytes_of(h["value"], h["encoding"])) for h in envelope["headers"])
    return Record(bytes_of(envelope["value"], envelope["valueEncoding"]),
                  bytes_of(envelope["key"], envelope["keyEncoding"]), headers, envelope["timestamp"],
                  envelope["partition"], envelope["offset"])


def field(data: bytes | None) -> tuple[str | None, str]:
    """Bytes as the envelope carries them."""
    return (None, "null") if data is None else (base64.b64encode(data).decode(), "base64")


def line_of(record: Record) -> str:
    """The JSON envelope of a record."""
    key, key_encoding = field(record.key)
    value, value_encoding = field(record.value)
    envelope = {"key": key, "keyEncoding": key_encoding, "value": value, "valueEncoding": value_encoding, "headers": [
        {"key": name, "value": field(data)[0], "encoding": field(data)[1]} for name, data in record.headers]}
    return json.dumps(envelope | ({} if record.timestamp is None else {"timestamp": record.timestamp}))


class _Tail:
    """A running `barnabas consume`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def take(self, count: int) -> list[Record]:
        return [record_of(self.process.stdout.readline().decode()) for _ in range(count)]


class _Member(Member):
    """A running `barnabas consume -g`, which tells of partitions on stderr."""

    def hear(self, line: str) -> None:
        self.records.append(line)

    def overhear(self, line: str) -> None:
        super().overhear(line)
        if told := re.match(r"group '[^']*': (assigned|revoked|lost) .*:([\d,]+)$", line):
            numbers = {int(number) for number in told[2].split(",")}
            self.partitions = self.partitions | numbers if told[1] == "assigned" else self.partitions - numbers


class Barnabas(Client):
    """Idempotent unless acks forbid it; `idempotent=False` is not a thing one can ask of it on the command line."""

    name = "barnabas"
    can = frozenset({"cluster", "topics", "admin", "partitions", "configs", "alter configs", "incremental configs",
                     "binary", "empty values", "null values", "empty keys", "headers", "repeated headers",
                     "empty header values", "empty header names", "null header values", "timestamps",
                     "offset by time", "murmur2", "idempotent", "hand over", "let go", "reconnect"})
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")
    writes_xerial = True
    protocol = "classic"

    def run(self, *arguments: str, stdin: bytes = b"") -> Output:
        """A command that must succeed; an error of the broker becomes Refused."""
        done = barnabas(*arguments, "-b", self.bootstrap, stdin=stdin)
        if done.code == 0:
            return done
        named = re.search(r"\b([A-Z]+_[A-Z_]+)\b", done.out + done.err)
        fallback = {6: "UNKNOWN_TOPIC_OR_PARTITION", 7: "TOPIC_ALREADY_EXISTS"}.get(done.code)
        if named or fallback:
            raise Refused(named[1] if named else fallback, done.err)
        raise AssertionError(f"barnabas {' '.join(arguments)} ended with {done.code}:\n{done.err}")

    def cluster(self):
        found = self.run("cluster", "info", "-o", "json").json
        return found["controller"], [broker["broker"] for broker in found["brokers"]]

    def topics(self):
        return {topic["topic"]: topic["partitions"] for topic in self.run("topic", "list", "-o", "json").json}

    def create_topic(self, topic, partitions=1, configs=None):
        options = [word for key, value in (configs or {}).items() for word in ("--config", f"{key}={value}")]
        self.run("topic", "create", topic, "-p", str(partitions), "-r", "1", *options, "-o", "json")

    def delete_topic(self, topic):
        self.run("topic", "delete", topic)

    def create_partitions(self, topic, total):
        self.run("topic", "alter", topic, "-p", str(total))

    def configs(self, topic):
        return {entry["name"]: entry["value"] for entry in self.run("config", "list", "topic", topic, "-o", "json").json}

    def alter_config(self, topic, key, value):
        self.run("config", "set", "topic", topic, f"{key}={value}")

    def produce(self, topic, records, *, partition=0, codec="none", acks=-1, idempotent=False):
        where = [] if partition is None else ["-p", str(partition)]
        self.run("produce", topic, "--input", "json", "-z", codec, "--acks", "all" if acks == -1 else str(acks), *where,
                 stdin="".join(line_of(record) + "\n" for record in records).encode())

    def consume(self, topic, count, *, partition=0, start=EARLIEST):
        printed = self.run("consume", topic, "-p", str(partition), "-o", self._place(start), "-n", str(count),
                           "--output", "json").out
        return [record_of(line) for line in printed.splitlines()]

    @contextmanager
    def tail(self, topic: str, partition: int = 0) -> Iterator[_Tail]:
        end = self.offsets(topic, partition)[1]
        with subprocess.Popen([str(BINARY), "consume", topic, "-p", str(partition), "-o", str(end), "--output", "json",
                               "-b", self.bootstrap], stdout=subprocess.PIPE, env=environment()) as process:
            try:
                yield _Tail(process)
            finally:
                process.kill()

    def join(self, group, topic):
        return _Member([str(BINARY), "consume", topic, "-g", group, "--commit", "-v", "-b", self.bootstrap,
                        "-X", f"group.protocol={self.protocol}", "-X", f"session.timeout.ms={SESSION_MS}",
                        "-X", f"heartbeat.interval.ms={HEARTBEAT_MS}", "-X", f"auto.commit.interval.ms={COMMIT_MS}"])

    def offsets(self, topic, partition=0):
        [described] = self.run("topic", "describe", topic, "-o", "json").json
        found = described["partitions"][partition]
        return found["start"], found["end"]

    def offset_at(self, topic, ms, partition=0):
        printed = self.run("consume", topic, "-p", str(partition), "-o", f"@{ms}", "-n", "1", "-e", "--output", "json").out
        return record_of(printed).offset if printed else None

    @staticmethod
    def _place(start: str | int | At) -> str:
        return f"@{start.ms}" if isinstance(start, At) else {LATEST: "latest"}.get(start, str(start))


class BarnabasConsumer(Barnabas):
    """The same, as a member by the protocol of KIP-848."""

    name = "barnabas_consumer"
    protocol = "consumer"
