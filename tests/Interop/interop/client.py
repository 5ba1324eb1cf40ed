"""What the suite asks of a client. Each file in clients/ answers it with one real client."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from .member import Member
from .record import Record

EARLIEST = "earliest"
LATEST = "latest"

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


@dataclass(frozen=True)
class At:
    """The place of the first record whose timestamp is not before `ms`."""

    ms: int


class Refused(Exception):
    """The broker answered with an error; `name` is Kafka's name for it, as UNKNOWN_TOPIC_OR_PARTITION."""

    def __init__(self, name: str, message: str = "") -> None:
        super().__init__(f"{name} {message}".strip())
        self.name = name


class Tail(Protocol):
    """A consumer that stands at the end of a partition."""

    def take(self, count: int) -> list[Record]:
        """The next records; waits for them."""


class Client:
    """A Kafka client. A method stands for an ability; a client has those that it names in `can`."""

    name: str
    can: frozenset[str]
    codecs: tuple[str, ...]
    writes_xerial = False  # snappy in the framing of xerial's Java library, as the Java client; else one bare block
    reads_xerial = True

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def close(self) -> None:
        """Lets go of connections and processes."""

    def shows(self, record: Record) -> Record:
        """The record as this client is able to show it."""
        return record

    def reads(self, writer: Client) -> tuple[str, ...]:
        """The codecs in which this client is able to read what the other one wrote."""
        return tuple(codec for codec in writer.codecs if codec in self.codecs
                     and (codec != "snappy" or self.reads_xerial or not writer.writes_xerial))

    # Abilities "cluster", "topics"
    def cluster(self) -> tuple[int, list[int]]:
        """The controller's id and the ids of all brokers."""
        raise NotImplementedError

    def topics(self) -> dict[str, int]:
        """Every topic with its number of partitions."""
        raise NotImplementedError

    # Ability "admin"
    def create_topic(self, topic: str, partitions: int = 1, configs: dict[str, str] | None = None) -> None:
        """Creates a topic with one replica."""
        raise NotImplementedError

    def delete_topic(self, topic: str) -> None:
        """Deletes a topic."""
        raise NotImplementedError

    # Ability "partitions"
    def create_partitions(self, topic: str, total: int) -> None:
        """Gives a topic more partitions, `total` in all."""
        raise NotImplementedError

    # Ability "delete records"
    def delete_records(self, topic: str, before: int, partition: int = 0) -> None:
        """Deletes the records before an offset."""
        raise NotImplementedError

    # Ability "log dirs"
    def log_sizes(self, topic: str) -> dict[int, int]:
        """The bytes of every partition's log on the one broker, by partition."""
        raise NotImplementedError

    # Abilities "configs", "alter configs"
    def configs(self, topic: str) -> dict[str, str]:
        """All configs of a topic, defaults too."""
        raise NotImplementedError

    def alter_config(self, topic: str, key: str, value: str) -> None:
        """Sets one config of a topic."""
        raise NotImplementedError

    # Every client
    def produce(self, topic: str, records: list[Record], *, partition: int | None = 0, codec: str = "none",
                acks: int = -1, idempotent: bool = False) -> None:
        """Sends records and waits until they are acknowledged. Partition None: the client chooses."""
        raise NotImplementedError

    def consume(self, topic: str, count: int, *, partition: int = 0, start: str | int | At = EARLIEST,
                ) -> list[Record]:
        """Reads `count` records of one partition, without a group."""
        raise NotImplementedError

    def tail(self, topic: str, partition: int = 0) -> AbstractContextManager[Tail]:
        """A consumer at the end of a partition."""
        raise NotImplementedError

    def offsets(self, topic: str, partition: int = 0) -> tuple[int, int]:
        """The earliest and the latest offset."""
        raise NotImplementedError

    # Every client, too. Abilities: "hand over", it leaves without a gap; "let go", it reads nothing of a partition that
    # is another member's by now; "reconnect", it outlives its broker.
    def join(self, group: str, topic: str) -> Member:
        """A member of a group, in a process of its own. It begins at the earliest record where the group has no
        position, and soon commits what it has told of."""
        raise NotImplementedError

    # Ability "offset by time"
    def offset_at(self, topic: str, ms: int, partition: int = 0) -> int | None:
        """The first offset at or after a time; None when there is none."""
        raise NotImplementedError
