"""Clients that mean harm, one kind after the other, beside a neighbour that must not notice."""

from __future__ import annotations

import random
import resource
import select
import socket
import struct
import threading
import time
from pathlib import Path

from ..batches import batch
from ..bombs import CODECS, bombs
from ..broker import Broker, Foreign
from ..clients.confluent import Confluent
from ..neighbour import Neighbour
from ..record import START, Record
from ..suite import Suite, each, limit
from ..wire import (API_VERSIONS, CREATE_TOPICS, FETCH, LIST_OFFSETS, METADATA, PRODUCE, Connection, Writer, fetch_body,
                    frame, produce_body, read_produced)
from .raw import read_metadata

MIB = 1 << 20
RECORDS = [Record(b"one", timestamp=START), Record(b"two", b"k", (("h", b"v"),), START + 1)]
PATHS = ["../evil", "a/b", "/etc/passwd", "..", ".", "", "a\\b", "a\0b", "x" * 250, "%2e%2e", "a b", "ä", "C:evil"]
NOT_UTF8 = [b"\xff\xfe\xfd", b"a\xc3(", b"\xed\xa0\x80", b"\xf0\x28\x8c\x28"]


class Hostility(Suite, abstract=True):
    """A broker that must live, serve a neighbour, and give its memory back."""

    part = "hostile"

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.client = Confluent(cls.broker.bootstrap)
        cls.shared = cls.unique("neighbour")
        cls.client.create_topic(cls.shared, 1, {})

    def setUp(self) -> None:
        if isinstance(self.broker, Foreign):
            self.skipTest("not against a broker of somebody else")
        self.addCleanup(lambda: self.assertTrue(self.broker.runs(), "the broker lives"))

    def neighbour(self) -> Neighbour:
        return Neighbour(self.broker.bootstrap, self.shared)

    def connect(self) -> Connection:
        return self.enterContext(Connection(self.broker.bootstrap))

    def topic(self, **configs: object) -> str:
        topic = self.unique()
        self.client.create_topic(topic, 1, {key.replace("_", "."): str(value) for key, value in configs.items()})
        return topic


class Hostile(Hostility):
    """What a client may send, and how."""

    # How they send

    @each("size", [-1, -(2**31), 0, 1, 7, 100 * MIB + 1, 2**31 - 1])
    def test_a_length_that_is_none(self, size):
        with self.neighbour() as neighbour:
            for _ in range(20):
                connection = self.connect().send(struct.pack(">i", size) + bytes(4))
                self.assertTrue(connection.is_closed())
            neighbour.answered(20)

    def test_a_length_that_is_huge_takes_no_memory(self):
        """500 connections announce 100 MiB each."""
        before = self.broker.memory()
        with self.neighbour() as neighbour:
            crowd = [self.connect().send(struct.pack(">i", 100 * MIB) + bytes(1_000)) for _ in range(500)]
            neighbour.answered(100)
            grown = self.broker.memory() - before
            self.assertLess(grown, 100 * MIB, "memory follows what has arrived")
            for connection in crowd:
                connection.socket.close()

    def test_requests_byte_by_byte(self):
        """100 connections send a request so, all at once."""
        request = frame(METADATA, 1, Writer().put("i", 0).bytes, 7)
        with self.neighbour() as neighbour:
            crowd = [self.connect() for _ in range(100)]
            for byte in request:
                for connection in crowd:
                    connection.send(bytes([byte]))
            neighbour.answered(20)
            for connection in crowd:
                self.assertEqual(connection.receive().get("i"), 7)

    def test_10_000_requests_in_one_go(self):
        topic = self.topic()
        connection = self.connect()
        records = batch([Record(b"x", timestamp=1)])

        def request(number: int) -> bytes:
            if number % 10 == 0:
                return frame(PRODUCE, 3, produce_body(topic, records), number)
            if number % 10 == 5:
                return frame(METADATA, 1, Writer().put("i", 1).string(topic).bytes, number)
            return frame(API_VERSIONS, 0, b"", number)

        burst = b"".join(map(request, range(10_000)))
        with self.neighbour() as neighbour:
            sender = threading.Thread(target=connection.send, args=(burst,))
            sender.start()
            self.assertEqual([connection.receive().get("i") for _ in range(10_000)], list(range(10_000)))
            sender.join()
            neighbour.answered(20)
        self.assertEqual(self.client.offsets(topic, 0)[1], 1_000)

    def test_a_reader_that_never_reads(self):
        """It asks for a megabyte again and again and takes none of it: soon nothing more is read from it."""
        topic = self.topic()
        for _ in range(3):
            self.assertEqual(self.produce(topic, batch([Record(bytes(1_000_000), timestamp=1)]))[0], 0)
        requests = frame(FETCH, 4, fetch_body(topic, 0)) * 1_000
        before = self.broker.memory()
        with self.neighbour() as neighbour:
            taken = [self.stuff(self.connect(), requests) for _ in range(4)]
            neighbour.answered(100)
        self.assertLess(max(taken), 64 * MIB, "bytes of requests taken from one connection")
        self.assertLess(self.broker.memory() - before, 200 * MIB)

    def stuff(self, connection: Connection, data: bytes) -> int:
        """Sends over and over until nothing is taken for a second; the bytes that were."""
        connection.socket.setblocking(False)
        sent = 0
        while sent < 256 * MIB and select.select([], [connection.socket], [], 1)[1]:
            at = sent % len(data)
            sent += connection.socket.send(data[at:])
        return sent

    def test_half_requests_and_resets(self):
        """Connections that break off at every byte of a request, half of them with a reset."""
        request = frame(PRODUCE, 3, produce_body(self.topic(), batch(RECORDS)), 1)
        with self.neighbour() as neighbour:
            for end in range(len(request)):
                with Connection(self.broker.bootstrap) as connection:
                    connection.send(request[:end])
                    if end % 2:
                        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            neighbour.answered(20)

    def test_a_crowd_that_says_nothing_shuts_nobody_out(self):
        """3,000 connections without a word, 1,000 of which are kept; and half a length from 300 more."""
        with self.neighbour() as neighbour:
            crowd = [socket.create_connection(("127.0.0.1", self.broker.port)) for _ in range(3_000)]
            try:
                crowd += [self.connect().send(b"\0\0").socket for _ in range(300)]
                neighbour.answered(100)
                self.assertGreaterEqual(len(closed(crowd)), 2_000)
            finally:
                for one in crowd:
                    one.close()
            neighbour.answered(100)

    @limit(180)
    def test_10_000_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < 11_000:
            self.skipTest(f"a process may have {hard} files here")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 11_000), hard))
        before = self.broker.memory()
        started = time.monotonic()
        crowd: list[Connection] = []
        with self.neighbour() as neighbour:
            try:
                for _ in range(10_000):
                    crowd.append(Connection(self.broker.bootstrap))
                    self.assertEqual(crowd[-1].ask(API_VERSIONS, 0).get("h"), 0)
                opened = time.monotonic() - started
                grown = self.broker.memory() - before
                neighbour.answered(100)
                for connection in crowd:
                    connection.send(frame(API_VERSIONS, 0, b"", 3))
                self.assertTrue(all(connection.receive().get("i") == 3 for connection in crowd))
            finally:
                for connection in crowd:
                    connection.socket.close()
            neighbour.answered(100)
        self.note(f"10,000 connections in {opened:.1f} s: {grown / MIB:.0f} MiB more, {grown / 10_240_000:.1f} KiB each; "
                  f"the neighbour's slowest round {neighbour.slowest * 1000:.0f} ms")
        self.assertLess(grown, 400 * MIB)

    # What they ask for

    def test_every_key_that_is_not_served(self):
        answer = self.connect().ask(API_VERSIONS, 0)
        answer.get("h")
        served = {key: (low, high) for key, low, high in answer.array(lambda: answer.get("hhh"))}
        with self.neighbour():
            for key in [*range(-3, 120), 1_000, 32_767, -32_768]:
                if key not in served:
                    self.assertTrue(self.connect().send(frame(key, 0, bytes(64))).is_closed(), f"key {key}")
                elif key != API_VERSIONS:
                    for version in (served[key][1] + 1, 32_767, -1):
                        closed_ = self.connect().send(frame(key, version, bytes(64))).is_closed()
                        self.assertTrue(closed_, f"key {key} version {version}")

    def test_random_requests(self):
        """A right header, and noise behind it."""
        chance = random.Random(35)
        with self.neighbour() as neighbour:
            for _ in range(500):
                key, version = chance.randrange(95), chance.randrange(18)
                with Connection(self.broker.bootstrap) as connection:
                    connection.send(frame(key, version, chance.randbytes(chance.randrange(200))))
                    connection.socket.shutdown(socket.SHUT_WR)
            neighbour.answered(20)

    @each("codec", CODECS)
    def test_bombs(self, codec):
        """A few kilobytes that unpack to 200 MiB or say so are refused, and take no memory to speak of."""
        topic = self.topic()
        cases = bombs(codec)
        connection = self.connect()
        self.produce(topic, batch(RECORDS))
        before = self.broker.memory()
        self.broker.forget_peak()
        with self.neighbour() as neighbour:
            for name, area in cases.items():
                with self.subTest(name):
                    data = batch(RECORDS, attributes=CODECS[codec], area=area)
                    answer = connection.ask(PRODUCE, 7, produce_body(topic, data))
                    self.assertIn(read_produced(answer)[0], {2, 87})
            neighbour.answered(20)
        grown = self.broker.peak_memory() - before
        self.note(f"{len(cases)} bombs of {codec}: at most {grown / MIB:.0f} MiB more")
        self.assertLess(grown, 128 * MIB)
        self.assertEqual(self.client.offsets(topic, 0)[1], 2)

    def test_batches_that_lie(self):
        """Signed rightly, so that the lie must be found where it is."""
        topic = self.topic(max_message_bytes=20_000)
        good = batch(RECORDS)
        cases = {
            "more records than there are": (resigned(good, ">i", 57, 3), {87}),
            "fewer records than there are": (resigned(good, ">i", 57, 1), {87}),
            "no records": (resigned(good, ">i", 57, 0), {87}),
            "records below zero": (resigned(good, ">i", 57, -1), {87}),
            "two billion records": (resigned(good, ">i", 57, 2**31 - 1), {87}),
            "a last offset beyond": (resigned(good, ">i", 23, 5), {87}),
            "a last offset of two billion": (resigned(good, ">i", 23, 2**31 - 1), {87}),
            "a length below zero": (good[:8] + struct.pack(">i", -5) + good[12:], {2}),
            "a length of two billion": (good[:8] + struct.pack(">i", 2**31 - 1) + good[12:], {2}),
            "a base offset": (struct.pack(">q", 7) + good[8:], {87}),
            "a producer without an epoch": (resigned(good, ">q", 43, 77), {87}),
            "a transaction nobody began": (batch(RECORDS, attributes=0x10, producer=(9, 0, 0)), {47, 48, 87}),
            "control records": (batch(RECORDS, attributes=0x20), {87}),
            "a codec that is none": (batch(RECORDS, attributes=7), {2, 76, 87}),
            "the wrong checksum": (good[:17] + bytes([good[17] ^ 1]) + good[18:], {2}),
            "too much": (batch([Record(b"x" * 30_000, timestamp=START)]), {10}),
            "a key of two billion": (batch(RECORDS, area=b"\x30\0\0\0\xfe\xff\xff\xff\x0f" + bytes(20)), {87}),
            "a record of less than nothing": (batch(RECORDS, area=b"\x01" * 20), {87}),
        }
        with self.neighbour():
            for name, (data, errors) in cases.items():
                with self.subTest(name):
                    self.assertIn(self.produce(topic, data)[0], errors)
        self.assertEqual(self.produce(topic, good), (0, 0), "nothing of it was stored")

    @each("replica", [0, 1, 2, 2**31 - 1])
    def test_a_client_that_claims_to_be_a_replica(self, replica):
        """It is told no, and moves no high watermark (CVE-2018-1288)."""
        topic = self.topic()
        self.assertEqual(self.produce(topic, batch(RECORDS)), (0, 0))
        for version in (4, 7, 11):
            answer = self.connect().ask(FETCH, version, fetch_body(topic, 2**40, version, replica))
            answer.get("i")
            if version >= 7:
                self.assertEqual(answer.get("h"), 31, "CLUSTER_AUTHORIZATION_FAILED")
            else:
                self.assertNotIn(RECORDS[0].value, answer.bytes)
        self.assertEqual(self.client.offsets(topic, 0), (0, 2))
        self.assertEqual(self.produce(topic, batch(RECORDS)), (0, 2))

    @each("name", PATHS)
    def test_a_topic_named_as_a_path(self, name):
        before = tree(self.broker.home)
        connection = self.connect()
        creation = Writer().put("i", 1).string(name).put("ihii", 1, 1, 0, 0).put("i?", 5_000, False).bytes
        answer = connection.ask(CREATE_TOPICS, 2, creation)
        answer.get("ii"), answer.string()
        self.assertEqual(answer.get("h"), 17, "INVALID_TOPIC_EXCEPTION")
        asked = connection.ask(METADATA, 4, Writer().put("i", 1).string(name).put("?", True).bytes)
        self.assertEqual(read_metadata(asked, 4)[2], {name: (17, [])})
        error, _ = read_produced(connection.ask(PRODUCE, 3, produce_body(name, batch(RECORDS))))
        self.assertIn(error, {3, 17})
        offsets = Writer().put("i", -1).put("i", 1).string(name).put("iiq", 1, 0, -1).bytes
        self.assertIn(3, connection.ask(LIST_OFFSETS, 1, offsets).bytes)
        self.assertEqual(tree(self.broker.home) - before, set(), "no file was made")

    @each("name", NOT_UTF8)
    def test_a_name_that_is_not_utf8(self, name):
        """As Kafka does: what is not UTF-8 is replaced, and the name that comes of it refused."""
        connection = self.connect()
        creation = Writer().put("i", 1).text(name).put("ihii", 1, 1, 0, 0).put("i?", 5_000, False).bytes
        answer = connection.ask(CREATE_TOPICS, 2, creation)
        answer.get("ii")
        self.assertEqual((answer.string(), answer.get("h")), (name.decode(errors="replace"), 17))
        # A client id may be anything.
        head = Writer().put("hhi", API_VERSIONS, 0, 5).text(name).bytes
        self.assertEqual(connection.send(struct.pack(">i", len(head)) + head).receive().get("ih"), (5, 0))

    def produce(self, topic: str, data: bytes) -> tuple[int, int]:
        """Error and base offset."""
        with Connection(self.broker.bootstrap) as connection:
            return read_produced(connection.ask(PRODUCE, 3, produce_body(topic, data)))


class HostileToMemory(Hostility):
    """A broker that may take 32 MiB for requests, and has no patience."""

    configs = {"queued_max_request_bytes": 32 * MIB, "socket_request_max_bytes": 32 * MIB,
               "message_max_bytes": 4 * MIB, "connections_max_idle_ms": 5_000}

    def test_the_silent_the_idle_and_the_slow_are_closed(self):
        silent = [self.connect() for _ in range(20)]
        idle = [self.connect() for _ in range(20)]
        for connection in idle:
            connection.ask(API_VERSIONS, 0)
        with self.neighbour() as neighbour:
            neighbour.answered(20)
            self.eventually(lambda: len(closed([c.socket for c in silent + idle])) == 40, "all are closed", 30)

    @limit(120)
    def test_large_requests_that_stall(self):
        """100 connections announce 30 MiB and stop after three: ten times what there is for requests."""
        before = self.broker.memory()
        started = time.monotonic()
        with self.neighbour() as neighbour:
            crowd = [self.connect() for _ in range(100)]
            for connection in crowd:
                self.stall(connection)
            neighbour.answered(200)
            grown = self.broker.memory() - before
            large = batch([Record(bytes(3 * MIB), timestamp=1)])
            connection = self.enterContext(Connection(self.broker.bootstrap, 60))
            self.assertEqual(read_produced(connection.ask(PRODUCE, 3, produce_body(self.shared, large)))[0], 0)
        self.note(f"stalled requests of 300 MiB: {grown / MIB:.0f} MiB more; a large one served "
                  f"after {time.monotonic() - started:.1f} s, the neighbour's slowest round "
                  f"{neighbour.slowest * 1000:.0f} ms")
        self.assertLess(grown, 300 * MIB)

    def stall(self, connection: Connection) -> None:
        """As much as is taken at once."""
        connection.socket.setblocking(False)
        try:
            connection.socket.send(struct.pack(">i", 30 * MIB) + bytes(3 * MIB))
        except OSError:
            pass  # It was cut already.


def resigned(data: bytes, form: str, at: int, value: int) -> bytes:
    """The batch with one field of its header changed, and signed anew."""
    from ..batches import crc32c

    changed = bytearray(data)
    struct.pack_into(form, changed, at, value)
    struct.pack_into(">I", changed, 17, crc32c(bytes(changed[21:])))
    return bytes(changed)


def closed(sockets: list[socket.socket]) -> list[socket.socket]:
    """Those that the peer has closed."""
    poll = select.poll()
    by_number = {one.fileno(): one for one in sockets}
    for number in by_number:
        poll.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poll.poll(500)]


def tree(home: Path) -> set[Path]:
    """All files and directories below; the log that the broker prints grows, and is there before."""
    return set(home.rglob("*")) | set(home.parent.glob("evil*"))


SUITES = [Hostile, HostileToMemory]
