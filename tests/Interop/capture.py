#!/usr/bin/python3
"""Records what real clients send and writes it as golden vectors: tests/Golden/vectors/messages/<client>.tsv.

usage: /usr/bin/python3 tests/Interop/capture.py [CLIENT...]

A proxy stands between each client and a broker that advertises the proxy's address. Kept are bodies of requests, small
ones, a few for each API and version; they hold topic names, sample records and clock readings, nothing of the machine.
"""

from __future__ import annotations

import re
import socket
import struct
import sys
import threading
from collections import defaultdict

from interop.broker import ROOT, Broker
from interop.client import At, Client, Refused
from interop.record import START, Record
from interop.suites.contract import CLIENTS as ALL

CLIENTS = [maker for maker in ALL if maker.name != "barnabas"]

LARGEST = 1_200
MOST = 4


def apis() -> dict[int, tuple[str, int]]:
    """Name and first flexible version of every API, out of the schema files."""
    found = {}
    for path in (ROOT / "schema/messages").glob("[0-9]*.wire"):
        match = re.search(r"^api (\d+) (\w+) (.*)$", path.read_text(), re.MULTILINE)
        if match:
            flexible = re.search(r"flexible (\d+)\+", match[3])
            found[int(match[1])] = (match[2], int(flexible[1]) if flexible else 32_767)
    return found


def uvarint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def body_of(request: bytes, flexible: bool) -> bytes:
    """The request without its header."""
    [size] = struct.unpack_from(">h", request, 8)
    at = 10 + max(size, 0)
    if flexible:
        tags, at = uvarint(request, at)
        for _ in range(tags):
            _, at = uvarint(request, at)
            length, at = uvarint(request, at)
            at += length
    return request[at:]


class Proxy:
    """Passes bytes on and keeps the requests."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
                broker = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client, broker, True), daemon=True).start()
            threading.Thread(target=self._pass, args=(broker, client, False), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, keep: bool) -> None:
        pending = b""
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
                if not keep:
                    continue
                pending += data
                while len(pending) >= 4 and len(pending) >= 4 + (size := struct.unpack_from(">i", pending)[0]):
                    self.requests.append(pending[4 : 4 + size])
                    pending = pending[4 + size :]
        except OSError:
            pass
        finally:
            sink.close()


def exercise(client: Client, topic: str) -> None:
    """A little of everything that the client can do."""
    steps = [
        lambda: client.cluster(),
        lambda: client.create_topic(topic, 2, {"retention.ms": "7200000"}),
        lambda: client.topics(),
        lambda: client.produce(topic, [Record(b"value", b"key", (("h", b"v"),), START), Record(None, b"k2")]),
        lambda: client.produce(topic, [Record(b"x" * 50)] * 3, codec="gzip", acks=1),
        lambda: client.produce(topic, [Record(b"x")], partition=None, idempotent="idempotent" in client.can),
        lambda: client.consume(topic, 4),
        lambda: client.consume(topic, 1, start=At(START)),
        lambda: client.offsets(topic),
        lambda: client.offset_at(topic, START),
        lambda: client.create_partitions(topic, 3),
        lambda: client.configs(topic),
        lambda: client.alter_config(topic, "retention.ms", "3600000"),
        lambda: client.delete_topic(topic),
    ]
    for step in steps:
        try:
            step()
        except (Refused, NotImplementedError) as problem:
            print(f"  {client.name}: {problem!r}")


def capture(maker: type[Client]) -> None:
    """One client through its own broker and proxy, into its own file."""
    broker = Broker()
    proxy = Proxy(broker.port)
    broker.configs["advertised.listeners"] = f"PLAINTEXT://127.0.0.1:{proxy.port}"
    with broker:
        client = maker(f"127.0.0.1:{proxy.port}")
        exercise(client, "orders")
        client.close()
    names = apis()
    kept: dict[tuple[str, int], list[str]] = defaultdict(list)
    for request in proxy.requests:
        key, version = struct.unpack_from(">hh", request)
        name, flexible = names[key]
        body = body_of(request, version >= flexible).hex()
        bodies = kept[f"{name}Request", version]
        if body not in bodies and len(body) <= 2 * LARGEST and len(bodies) < MOST:
            bodies.append(body)
    path = ROOT / f"tests/Golden/vectors/messages/{maker.name.replace('_', '-')}.tsv"
    lines = [f"{name}\t{version}\t{number}\t-\t{body}" for (name, version), bodies in sorted(kept.items())
             for number, body in enumerate(bodies, 1)]
    path.write_text("name\tversion\tvariant\tjson\thex\n" + "\n".join(lines) + "\n")
    print(f"{path.relative_to(ROOT)}: {len(lines)} samples of {len(kept)} messages")


def main(wanted: list[str]) -> None:
    """Captures the clients that are named, all without names."""
    for maker in CLIENTS:
        if not wanted or maker.name in wanted:
            capture(maker)


if __name__ == "__main__":
    main(sys.argv[1:])
