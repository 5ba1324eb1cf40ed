"""The two clients for Node.js, each in an agent process that takes one call a line (tests/Interop/node)."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..client import EARLIEST, LATEST, At, Client, Refused
from ..member import HEARTBEAT_MS, SESSION_MS, Member
from ..record import Record

FOLDER = Path(__file__).resolve().parents[2] / "node"


def encode(data: bytes | None) -> str | None:
    """Bytes as JSON carries them."""
    return None if data is None else base64.b64encode(data).decode()


def decode(text: str | None) -> bytes | None:
    """The reverse of encode."""
    return None if text is None else base64.b64decode(text)


class _Tail:
    """A position at the end; the agent fetches from there."""

    def __init__(self, client: NodeClient, topic: str, partition: int, offset: int) -> None:
        self.client, self.topic, self.partition, self.offset = client, topic, partition, offset

    def take(self, count: int) -> list[Record]:
        records = self.client.consume(self.topic, count, partition=self.partition, start=self.offset)
        self.offset = records[-1].offset + 1
        return records


class NodeClient(Client):
    """Hands every call to the agent."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        self.agent = subprocess.Popen(["node", "--no-warnings", "agent.mjs", self.name, bootstrap], cwd=FOLDER,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.agent.stdin.close()
        try:
            self.agent.wait(5)
        except subprocess.TimeoutExpired:
            self.agent.kill()
            self.agent.wait()
        self.agent.stdout.close()

    def call(self, method: str, **args: object):
        """One call of the agent; an error of the broker becomes Refused."""
        self.agent.stdin.write(json.dumps({"method": method, "args": args}) + "\n")
        self.agent.stdin.flush()
        line = self.agent.stdout.readline()
        assert line, f"the {self.name} agent ended with {self.agent.poll()}"
        reply = json.loads(line)
        if "refused" in reply:
            raise Refused(reply["refused"], reply["message"])
        if "failed" in reply:
            raise AssertionError(reply["failed"])
        return reply["result"]

    def cluster(self):
        result = self.call("cluster")
        return result["controller"], sorted(result["brokers"])

    def topics(self):
        return self.call("topics")

    def create_topic(self, topic, partitions=1, configs=None):
        self.call("createTopic", topic=topic, partitions=partitions, configs=configs or {})

    def delete_topic(self, topic):
        self.call("deleteTopic", topic=topic)

    def create_partitions(self, topic, total):
        self.call("createPartitions", topic=topic, total=total)

    def delete_records(self, topic, before, partition=0):
        self.call("deleteRecords", topic=topic, partition=partition, before=before)

    def log_sizes(self, topic):
        return {int(partition): size for partition, size in self.call("logSizes", topic=topic).items()}

    def configs(self, topic):
        return self.call("configs", topic=topic)

    def alter_config(self, topic, key, value):
        self.call("alterConfig", topic=topic, key=key, value=value)

    def produce(self, topic, records, *, partition=0, codec="none", acks=-1, idempotent=False):
        self.call("produce", topic=topic, partition=partition, codec=codec, acks=acks, idempotent=idempotent, records=[
            {"key": encode(r.key), "value": encode(r.value), "timestamp": r.timestamp,
             "headers": [[name, encode(data)] for name, data in r.headers]} for r in records])

    def consume(self, topic, count, *, partition=0, start=EARLIEST):
        if start in (EARLIEST, LATEST):
            start = self.offsets(topic, partition)[start == LATEST]
        elif isinstance(start, At):
            start = self.offset_at(topic, start.ms, partition)
        return [Record(decode(r["value"]), decode(r["key"]), tuple((name, decode(data)) for name, data in r["headers"]),
                       r["timestamp"], partition, r["offset"])
                for r in self.call("consume", topic=topic, partition=partition, offset=start, count=count)]

    @contextmanager
    def tail(self, topic: str, partition: int = 0) -> Iterator[_Tail]:
        yield _Tail(self, topic, partition, self.offsets(topic, partition)[1])

    def join(self, group, topic):
        return Member(["node", "--no-warnings", "member.mjs", self.name, self.bootstrap, group, topic,
                       str(SESSION_MS), str(HEARTBEAT_MS)], cwd=FOLDER)

    def offsets(self, topic, partition=0):
        return tuple(self.call("offsets", topic=topic, partition=partition))

    def offset_at(self, topic, ms, partition=0):
        return self.call("offsetAt", topic=topic, partition=partition, ms=ms)


def kafkajs_sender(bootstrap: str, topic: str, partitions: int) -> Member:
    """kafkajs sending one record after the other until it is told to leave; its records are what was acknowledged."""
    return Member(["node", "--no-warnings", "sender.mjs", bootstrap, topic, str(partitions)], cwd=FOLDER)


class KafkaJs(NodeClient):
    """kafkajs 2.2: never speaks a flexible version. Reads through its cluster layer, as its consumer needs a group."""

    name = "kafkajs"
    can = frozenset({"hand over", "let go", "reconnect",
                     "cluster", "topics", "admin", "partitions", "configs", "alter configs", "binary",
                     "empty values", "null values", "empty keys", "headers", "repeated headers",
                     "empty header values", "empty header names", "timestamps", "offset by time", "murmur2",
                     "idempotent", "auto create", "delete records"})
    codecs = ("none", "gzip", "snappy", "lz4", "zstd")

    def transact(self, topic: str, name: str, transactions: list[tuple[str, int]]) -> None:
        """Transactions, each of a record and the position of the group `name` that it stands for, and how they end."""
        self.call("transact", topic=topic, name=name, transactions=transactions)


class Platformatic(NodeClient):
    """@platformatic/kafka 1.35: speaks the flexible versions and topic ids. Has zstd from Node 22 on.

    It gives out what a fetch brings in that was on its way when the partition went to another member."""

    name = "platformatic"
    can = frozenset({"hand over", "reconnect", "cluster", "topics", "admin", "partitions", "configs", "alter configs",
                     "incremental configs", "binary", "empty values", "null values", "empty keys",
                     "headers", "empty header values", "empty header names", "timestamps", "offset by time",
                     "murmur2", "idempotent", "auto create", "delete records", "log dirs"})
    codecs = ("none", "gzip", "snappy", "lz4")
    # Its snappyDecompress takes one bare block and traps on a frame's magic.
    reads_xerial = False
