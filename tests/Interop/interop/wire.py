"""Frames by hand: what no well-behaved client sends, and what very old ones do. Non-flexible versions only."""

from __future__ import annotations

import socket
import struct

PRODUCE, FETCH, LIST_OFFSETS, METADATA, FIND_COORDINATOR, API_VERSIONS, CREATE_TOPICS = 0, 1, 2, 3, 10, 18, 19
DELETE_RECORDS, ALTER_REPLICA_LOG_DIRS, DESCRIBE_LOG_DIRS = 21, 34, 35


class Writer:
    """Builds a body out of big-endian fields."""

    def __init__(self) -> None:
        self.bytes = bytearray()

    def put(self, form: str, *values: int) -> Writer:
        """Numbers, in the letters of struct."""
        self.bytes += struct.pack(">" + form, *values)
        return self

    def string(self, text: str | None) -> Writer:
        """A string with its length in 16 bits; None is -1."""
        data = None if text is None else text.encode()
        self.put("h", -1 if data is None else len(data))
        self.bytes += data or b""
        return self

    def text(self, data: bytes) -> Writer:
        """A string of any bytes, UTF-8 or not."""
        self.put("h", len(data))
        self.bytes += data
        return self

    def data(self, data: bytes | None) -> Writer:
        """Bytes with their length in 32 bits; None is -1."""
        self.put("i", -1 if data is None else len(data))
        self.bytes += data or b""
        return self


class Reader:
    """Takes an answer apart."""

    def __init__(self, data: bytes) -> None:
        self.bytes = data
        self.at = 0

    def get(self, form: str):
        """Numbers; a single one comes without a tuple."""
        values = struct.unpack_from(">" + form, self.bytes, self.at)
        self.at += struct.calcsize(">" + form)
        return values[0] if len(values) == 1 else values

    def string(self) -> str | None:
        """A string with its length in 16 bits."""
        size = self.get("h")
        return None if size < 0 else self.take(size).decode()

    def data(self) -> bytes | None:
        """Bytes with their length in 32 bits."""
        size = self.get("i")
        return None if size < 0 else self.take(size)

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        assert self.at + size <= len(self.bytes), "the answer is shorter than it says"
        taken = self.bytes[self.at : self.at + size]
        self.at += size
        return taken

    def array(self, element) -> list:
        """An array with its count in 32 bits."""
        return [element() for _ in range(self.get("i"))]

    def done(self) -> None:
        """Nothing may be left."""
        assert self.at == len(self.bytes), f"{len(self.bytes) - self.at} bytes too many: {self.bytes[self.at:].hex()}"


def frame(key: int, version: int, body: bytes = b"", correlation: int = 1, client: str | None = "raw") -> bytes:
    """A request as it travels: size, header version 1, body."""
    header = Writer().put("hhi", key, version, correlation).string(client).bytes
    return struct.pack(">i", len(header) + len(body)) + header + body


def fetch_body(topic: str, offset: int, version: int = 4, replica: int = -1, most: int = 1_000_000) -> bytes:
    """Fetch v4 to v11 of partition 0, outside of any session."""
    body = Writer().put("iiiib", replica, 100, 1, most, 0)
    if version >= 7:
        body.put("ii", 0, -1)
    body.put("i", 1).string(topic).put("ii", 1, 0)
    if version >= 9:
        body.put("i", -1)
    body.put("q", offset)
    if version >= 5:
        body.put("q", -1)
    body.put("i", most)
    if version >= 7:
        body.put("i", 0)
    if version >= 11:
        body.string("")
    return body.bytes


def produce_body(topic: str, data: bytes, acks: int = -1, partition: int = 0) -> bytes:
    """Produce v3 to v8 for one partition."""
    body = Writer().string(None).put("hi", acks, 5_000).put("i", 1).string(topic).put("ii", 1, partition)
    return body.data(data).bytes


def read_produced(answer: Reader) -> tuple[int, int]:
    """Error and base offset of a Produce answer; what later versions add is not looked at."""
    answer.get("i"), answer.string(), answer.get("i")
    _, error, offset = answer.get("ihq")
    return error, offset


class Connection:
    """A TCP connection that sends and receives whole frames, or anything else."""

    def __init__(self, bootstrap: str, limit: float = 10) -> None:
        host, _, port = bootstrap.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=limit)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Connection:
        """Sends bytes as they are."""
        self.socket.sendall(data)
        return self

    def receive(self) -> Reader:
        """The next answer, from its correlation id on."""
        return Reader(self._exactly(struct.unpack(">i", self._exactly(4))[0]))

    def ask(self, key: int, version: int, body: bytes = b"", correlation: int = 1) -> Reader:
        """Sends a request and returns the body of its answer."""
        answer = self.send(frame(key, version, body, correlation)).receive()
        assert answer.get("i") == correlation, "the answer is for another request"
        return answer

    def is_closed(self) -> bool:
        """Waits for the peer to close; False when it sends something or stays silent."""
        try:
            return self.socket.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError(f"closed after {len(data)} of {size} bytes")
            data += more
        return bytes(data)
