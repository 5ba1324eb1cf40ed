"""Records as every client sees them, and the sets of them that tests send."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Record:
    """One record. Where it lies (partition, offset) takes no part in comparisons."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp: int | None = None
    partition: int | None = field(default=None, compare=False)
    offset: int | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        def short(data: bytes | None) -> str:
            return repr(data) if data is None or len(data) <= 40 else f"{data[:30]!r}...({len(data)} bytes)"

        where = "" if self.offset is None else f" @{self.partition}:{self.offset}"
        return f"<{short(self.key)}={short(self.value)} {list(self.headers)} t={self.timestamp}{where}>"


def without_timestamps(records: list[Record]) -> list[Record]:
    """For clients that cannot set a timestamp: what remains to compare."""
    return [replace(record, timestamp=None) for record in records]


def noise(seed: int, size: int) -> bytes:
    """Bytes that do not compress and that are the same in every run."""
    blocks = (hashlib.sha256(b"%d/%d" % (seed, i)).digest() for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]


START = 1_700_000_000_000
"""The timestamp of the first sample record, in milliseconds."""

BIG = 900_000
"""Below the default max.message.bytes, above every client's batch size."""


def samples(can: frozenset[str]) -> list[Record]:
    """A record for each edge that a client with these abilities can send."""
    records = [
        Record(b"plain"),
        Record(b"keyed", b"key-1"),
        Record("umlauts äöü, kanji 漢字".encode(), "schlüssel".encode()),
        Record(b"x" * 10_000, b"compresses well"),
        Record(b"last", b"key-2"),
    ]
    if "empty values" in can:
        records.append(Record(b"", b"empty value"))
    if "null values" in can:
        records.append(Record(None, b"tombstone"))
    if "empty keys" in can:
        records.append(Record(b"empty key", b""))
    if "binary" in can:
        records += [Record(bytes(range(256)), bytes(range(255, -1, -1))), Record(noise(1, 5_000), b"noise")]
    if "headers" in can:
        records += [
            Record(b"one header", b"h1", (("trace", b"abc"),)),
            Record(b"two headers", b"h2", (("a", b"1"), ("b", b"2"))),
        ]
    if "repeated headers" in can:
        records.append(Record(b"repeated", b"h3", (("a", b"1"), ("a", b"2"))))
    if "empty header names" in can:
        records.append(Record(b"nameless", b"h6", (("", b"empty name"),)))
    if "empty header values" in can:
        records.append(Record(b"empty header", b"h5", (("empty", b""),)))
    if "null header values" in can:
        records.append(Record(b"null header", b"h4", (("none", None),)))
    if "timestamps" in can:
        records = [replace(record, timestamp=START + 10 * i) for i, record in enumerate(records)]
    return records
