"""Record batches, indexes and checkpoints as Apache Kafka lays them out: a decoder of our own, and a small encoder."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .record import Record

_TABLE: list[int] = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82F63B78 if _byte & 1 else 0)
    _TABLE.append(_byte)


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli), one byte at a time."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(value: int) -> bytes:
    """Zig-zag, then seven bits a byte, low ones first."""
    value = value << 1 ^ value >> 63
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class _Cursor:
    """Reads the records area."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value >> 1 ^ -(value & 1)

    def sized(self) -> bytes | None:
        size = self.varint()
        if size < 0:
            return None
        self.at += size
        return self.data[self.at - size : self.at]


@dataclass(frozen=True)
class Batch:
    """One record batch, magic 2, with its records."""

    base_offset: int
    leader_epoch: int
    attributes: int
    last_offset_delta: int
    base_timestamp: int
    max_timestamp: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    records: tuple[Record, ...]
    position: int
    size: int

    @property
    def last_offset(self) -> int:
        """The offset of the batch's last record."""
        return self.base_offset + self.last_offset_delta

    @property
    def is_control(self) -> bool:
        """Written by a coordinator or controller, not by a producer."""
        return bool(self.attributes & 0x20)


HEADER = struct.Struct(">qiibIhiqqqhii")


def decompress(codec: int, data: bytes) -> bytes:
    """The records area in the clear."""
    if codec == 1:
        return gzip.decompress(data)
    if codec == 2:
        import snappy

        if data[:8] != b"\x82SNAPPY\x00":
            return snappy.uncompress(data)
        out, at = b"", 16
        while at < len(data):
            [size] = struct.unpack_from(">i", data, at)
            out += snappy.uncompress(data[at + 4 : at + 4 + size])
            at += 4 + size
        return out
    if codec == 3:
        import lz4.frame

        return lz4.frame.decompress(data)
    if codec == 4:
        import zstandard

        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return data


def read_batches(data: bytes, decode: bool = True) -> Iterator[Batch]:
    """All batches of a segment; every length and checksum is checked."""
    at = 0
    while at < len(data):
        (base, length, epoch, magic, crc, attributes, delta, base_time, max_time, producer, producer_epoch, sequence,
         count) = HEADER.unpack_from(data, at)
        size = length + 12
        assert magic == 2, f"magic {magic} at {at}"
        assert at + size <= len(data), f"the batch at {at} is cut off"
        assert crc32c(data[at + 21 : at + size]) == crc, f"wrong checksum at {at}"
        records = []
        if decode:
            area = _Cursor(decompress(attributes & 7, data[at + HEADER.size : at + size]))
            for _ in range(count):
                end = area.varint() + area.at
                area.at += 1
                time, offset = area.varint() + base_time, area.varint() + base
                key, value = area.sized(), area.sized()
                headers = tuple((area.sized().decode(), area.sized()) for _ in range(area.varint()))
                assert area.at == end, f"record {offset} is longer than it says"
                records.append(Record(value, key, headers, time, offset=offset))
            assert area.at == len(area.data), f"bytes after the last record at {at}"
        yield Batch(base, epoch, attributes, delta, base_time, max_time, producer, producer_epoch, sequence,
                    tuple(records), at, size)
        at += size


def batch(records: list[Record], *, base_offset: int = 0, attributes: int = 0, producer: tuple[int, int, int] = (-1, -1, -1),
          area: bytes | None = None) -> bytes:
    """An uncompressed batch; `area` replaces the records' bytes by others."""
    base_time = records[0].timestamp or 0
    body = bytearray()
    for index, record in enumerate(records):
        one = b"\0" + varint((record.timestamp or 0) - base_time) + varint(index)
        for part in (record.key, record.value):
            one += varint(-1) if part is None else varint(len(part)) + part
        one += varint(len(record.headers))
        for name, data in record.headers:
            one += varint(len(name.encode())) + name.encode()
            one += varint(-1) if data is None else varint(len(data)) + data
        body += varint(len(one)) + one
    tail = struct.pack(">hiqqqhii", attributes, len(records) - 1, base_time,
                       max(record.timestamp or 0 for record in records), *producer, len(records))
    tail += bytes(body) if area is None else area
    return struct.pack(">qiibI", base_offset, len(tail) + 9, -1, 2, crc32c(tail)) + tail


def read_segment(path: Path, decode: bool = True) -> list[Batch]:
    """The batches of a .log file."""
    return list(read_batches(path.read_bytes(), decode))


def read_offset_index(path: Path) -> list[tuple[int, int]]:
    """Relative offset and position of each entry; the zeros behind a live index are left out."""
    entries = list(struct.iter_unpack(">ii", path.read_bytes()))
    while entries and entries[-1] == (0, 0):
        entries.pop()
    return entries


def read_time_index(path: Path) -> list[tuple[int, int]]:
    """Timestamp and relative offset of each entry."""
    entries = list(struct.iter_unpack(">qi", path.read_bytes()))
    while entries and entries[-1] == (0, 0):
        entries.pop()
    return entries


def read_checkpoint(path: Path) -> list[list[str]]:
    """The entries of a checkpoint file, split into words."""
    lines = path.read_text().splitlines()
    assert lines[0] == "0", f"version {lines[0]} of {path.name}"
    assert int(lines[1]) == len(lines) - 2, f"{path.name} says {lines[1]} entries"
    return [line.split(" ") for line in lines[2:]]


def read_producer_snapshot(path: Path) -> list[tuple[int, ...]]:
    """Id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, transaction start."""
    data = path.read_bytes()
    version, crc, count = struct.unpack_from(">hIi", data)
    assert version == 1, f"version {version} of {path.name}"
    assert crc32c(data[6:]) == crc, f"wrong checksum in {path.name}"
    entries = list(struct.iter_unpack(">qhiqiqiq", data[10:]))
    assert len(entries) == count, f"{path.name} says {count} entries"
    return entries


def read_properties(path: Path) -> dict[str, str]:
    """A Java properties file of plain keys and values."""
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)
