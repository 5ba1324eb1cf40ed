"""Batches that are small on the wire and are, or say they are, enormous inside."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import lz4.frame
import snappy
import zstandard

from .batches import varint

CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
MEGABYTE = 1 << 20


def _pieces(first: bytes, megabytes: int) -> Iterator[bytes]:
    """`first`, then zeros."""
    yield first + bytes(MEGABYTE - len(first))
    for _ in range(megabytes - 1):
        yield bytes(MEGABYTE)


def compress(codec: str, pieces: Iterator[bytes]) -> bytes:
    """Compressed piece by piece, so that the bomb hurts nobody here."""
    if codec == "gzip":
        gzip = zlib.compressobj(9, wbits=31)
        return b"".join(gzip.compress(piece) for piece in pieces) + gzip.flush()
    if codec == "snappy":
        blocks = (snappy.compress(piece) for piece in pieces)
        return b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1) + b"".join(struct.pack(">i", len(b)) + b for b in blocks)
    if codec == "lz4":
        lz4_ = lz4.frame.LZ4FrameCompressor(block_size=lz4.frame.BLOCKSIZE_MAX4MB)
        return lz4_.begin() + b"".join(lz4_.compress(piece) for piece in pieces) + lz4_.flush()
    zstd = zstandard.ZstdCompressor(level=3, write_content_size=False).compressobj()
    return b"".join(zstd.compress(piece) for piece in pieces) + zstd.flush()


def bombs(codec: str) -> dict[str, bytes]:
    """The records areas, by what is wrong with them."""
    # Snappy makes a twentieth of zeros and no less: with more of them the batch would be too large by itself.
    size = 18 if codec == "snappy" else 200
    record = varint(size * MEGABYTE - 5) + b"\0\0\0\x01"
    good = compress(codec, _pieces(b"", 1))
    return {
        "zeros": compress(codec, _pieces(b"", size)),
        "one record": compress(codec, _pieces(record + varint(size * MEGABYTE - 20), size)),
        "a record that says it has 2 GiB": compress(codec, _pieces(varint((1 << 31) - 1) + b"\0\0\0\x01", 1)),
        "headers without end": compress(codec, _pieces(varint(MEGABYTE - 10) + b"\0\0\0\x01\x01" + varint(1 << 30), 1)),
        "cut off": good[: len(good) // 2],
        "says it is huge": SAYS_HUGE[codec],
        "no bytes": b"",
    }


SAYS_HUGE = {
    # The size at the end of a gzip member is 2^32-1.
    "gzip": compress("gzip", iter([bytes(100)]))[:-4] + b"\xff\xff\xff\xff",
    # A snappy block of 2^32-1 bytes of which two are there; and none of the stream's framing.
    "snappy": b"\xff\xff\xff\xff\x0f\x00\x61",
    # A frame that states a content of 2^63 bytes, with blocks of 4 MiB; the header's checksum is right.
    "lz4": lz4.frame.compress_begin(lz4.frame.create_compression_context(), source_size=(1 << 63) - 1,
                                    block_size=lz4.frame.BLOCKSIZE_MAX4MB) + struct.pack("<I", 1) + b"\x10",
    # A single segment of 2^62 bytes; and a block that repeats one byte two million times.
    "zstd": b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 1 << 62) + b"\x03\x00\x00\x01\x61",
}
