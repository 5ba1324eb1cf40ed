#!/usr/bin/env python3
"""Writes ../vectors/batches.tsv: batches and message sets of every format and codec, with values of our own.

An encoder apart from the C# one, written from docs/design/records.md; the compression is that of zlib,
liblz4, libzstd and, for Snappy, of the literal and copy elements written by hand below. Two encoders that agree are
unlikely to share a fault.  Run it after a change:  tests/Golden/Batches/make_batches.py
"""
import ctypes
import json
import pathlib
import struct
import zlib

OUT = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "batches.tsv"
COLUMNS = ["name", "magic", "codec", "baseOffset", "lastOffset", "leaderEpoch", "timestampType",
           "maxTimestamp", "producerId", "producerEpoch", "baseSequence", "transactional", "control",
           "records(json, key/value hex)", "hex"]
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
T = 1_720_000_000_000


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def varint(value):
    value = (value << 1) ^ (value >> 63)
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def nullable(data, length):
    return length(-1) if data is None else length(len(data)) + data


def gzip(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def zstd(data):
    lib = ctypes.CDLL("libzstd.so.1")
    room = ctypes.create_string_buffer(2 * len(data) + 1000)
    length = lib.ZSTD_compress(room, len(room), data, len(data), 3)
    return room.raw[:length]


def lz4(data):
    lib = ctypes.CDLL("liblz4.so.1")
    room = ctypes.create_string_buffer(2 * len(data) + 100_000)
    length = lib.LZ4F_compressFrame(room, len(room), data, len(data), None)
    return room.raw[:length]


def snappy_block(data):
    """Literals of up to 60 bytes; a run of one byte becomes a literal and an overlapping copy."""
    rest, at, out = len(data), 0, b""
    while rest >= 0x80:
        out += bytes([rest & 0x7F | 0x80])
        rest >>= 7
    out += bytes([rest])
    while at < len(data):
        run = 1
        while at + run < len(data) and data[at + run] == data[at] and run < 12:
            run += 1
        if run >= 5:
            out += bytes([0, data[at], (run - 1 - 4) << 2 | 1, 1])
            at += run
            continue
        piece = data[at:at + 7]
        out += bytes([(len(piece) - 1) << 2]) + piece
        at += len(piece)
    return out


def xerial(data):
    blocks = [snappy_block(data[i:i + 50]) for i in range(0, len(data), 50)]
    framed = b"".join(struct.pack(">i", len(block)) + block for block in blocks)
    return b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1) + framed


PACK = {"none": bytes, "gzip": gzip, "snappy": xerial, "snappy-raw": snappy_block, "lz4": lz4, "zstd": zstd}


def batch(records, codec="none", pack=None, base=500, epoch=2, append_time=None, pid=-1, pid_epoch=-1, seq=-1,
          transactional=False, control=False):
    first = records[0][0]
    area = b""
    for i, (time, key, value, headers) in enumerate(records):
        body = b"\0" + varint(time - first) + varint(i) + nullable(key, varint) + nullable(value, varint)
        body += varint(len(headers))
        for name, content in headers:
            body += varint(len(name.encode())) + name.encode() + nullable(content, varint)
        area += varint(len(body)) + body
    attributes = CODECS.index(codec) | (append_time is not None) << 3 | transactional << 4 | control << 5
    newest = max(r[0] for r in records) if append_time is None else append_time
    covered = struct.pack(">hiqq", attributes, len(records) - 1, first, newest)
    covered += struct.pack(">qhii", pid, pid_epoch, seq, len(records))
    covered += PACK[pack or codec](area)
    return struct.pack(">qiibI", base, len(covered) + 9, epoch, 2, crc32c(covered)) + covered


def message(magic, offset, time, key, value, attributes=0):
    body = bytes([magic, attributes]) + (struct.pack(">q", time) if magic else b"")
    body += nullable(key, lambda n: struct.pack(">i", n)) + nullable(value, lambda n: struct.pack(">i", n))
    return struct.pack(">qiI", offset, len(body) + 4, zlib.crc32(body)) + body


def wrapper(magic, records, codec, base, log_append=False):
    start = 0 if magic else base
    inner = b"".join(message(magic, start + i, r[0], r[1], r[2]) for i, r in enumerate(records))
    packed = PACK[codec](inner)
    attributes = CODECS.index(codec) | log_append << 3
    return message(magic, base + len(records) - 1, max(r[0] for r in records), None, packed, attributes)


def text(data):
    return None if data is None else data.hex()


def row(name, magic, data, records, codec="none", base=500, epoch=2, kind="CreateTime", newest=None, pid=-1,
        pid_epoch=-1, seq=-1, transactional=False, control=False):
    newest = max(r[0] for r in records) if newest is None else newest
    if kind == "NoTimestampType":
        newest = -1
    content = json.dumps([{
        "offset": base + i, "timestamp": t if kind == "CreateTime" else newest,
        "key": text(k), "value": text(v),
        "headers": [[n, text(c)] for n, c in h]} for i, (t, k, v, h) in enumerate(records)],
        separators=(",", ":"), ensure_ascii=False)
    fields = [name, magic, codec, base, base + len(records) - 1, epoch, kind, newest, pid, pid_epoch, seq,
              str(transactional).lower(), str(control).lower(), content, data.hex()]
    return "\t".join(map(str, fields))


def main():
    headers = [("source", b"\x00\xff"), ("", None), ("source", b"")]
    some = [(T, b"alpha", b"one one one one one one one", headers),
            (T - 70, None, b"", []), (T + 9_000_000, b"", None, [("naïve", b"x" * 200)]),
            (T + 1, b"k" * 130, b"w" * 900, []), (-1, b"last", bytes(range(256)), [])]
    lines = ["\t".join(COLUMNS)]
    for codec in CODECS:
        lines.append(row(f"v2-{codec}", 2, batch(some, codec), some, codec))
    lines.append(row("v2-snappy-raw", 2, batch(some, "snappy", "snappy-raw"), some, "snappy"))
    lines.append(row("v2-log-append-time", 2, batch(some, append_time=T + 5), some, kind="LogAppendTime",
                     newest=T + 5))
    who = {"pid": 77, "pid_epoch": 3, "seq": 2**31 - 2, "transactional": True}
    lines.append(row("v2-transactional", 2, batch(some, "zstd", **who), some, "zstd", **who))
    marker = [(T, struct.pack(">hh", 0, 1), struct.pack(">hi", 0, 12), [])]
    who = {"pid": 77, "pid_epoch": 3, "transactional": True, "control": True}
    lines.append(row("control-commit", 2, batch(marker, **who), marker, **who))
    plain = [(t, k, v, []) for t, k, v, _ in some[:4]]
    for magic, kind in ((0, "NoTimestampType"), (1, "CreateTime")):
        lines.append(row(f"v{magic}-none", magic, message(magic, 500, T, b"k", None), [(T, b"k", None, [])],
                         epoch=-1, kind=kind))
        for codec in CODECS[1:4]:
            lines.append(row(f"v{magic}-{codec}", magic, wrapper(magic, plain, codec, 500), plain, codec,
                             epoch=-1, kind=kind))
    lines.append(row("v1-log-append-time", 1, wrapper(1, plain, "gzip", 500, True), plain, "gzip", epoch=-1,
                     kind="LogAppendTime"))
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
