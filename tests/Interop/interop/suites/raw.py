"""Frames no client library sends: old versions first, hostile lengths, wrong batches. No library under test but ours."""

from __future__ import annotations

import os
import struct

from ..batches import batch
from ..clients.confluent import Confluent
from ..record import START, Record
from ..suite import Suite, each
from ..wire import (API_VERSIONS, CREATE_TOPICS, FETCH, FIND_COORDINATOR, LIST_OFFSETS, METADATA, PRODUCE, Connection,
                    Reader, Writer, fetch_body, frame, produce_body, read_produced)

RECORDS = [Record(b"one", timestamp=START), Record(b"two", b"k", (("h", b"v"),), START + 1)]


class Raw(Suite):
    """One connection a test; after each the broker must still serve another one."""

    part = "raw"

    def setUp(self) -> None:
        self.connection = self.enterContext(Connection(self.broker.bootstrap))
        self.addCleanup(self.check_the_broker_serves)

    def check_the_broker_serves(self) -> None:
        """A bad request costs its sender the connection and nobody else anything."""
        with Connection(self.broker.bootstrap) as other:
            self.assertEqual(other.ask(API_VERSIONS, 0).get("h"), 0)

    def topic(self, **configs: object) -> str:
        topic = self.unique()
        Confluent(self.broker.bootstrap).create_topic(
            topic, 1, {key.replace("_", "."): str(value) for key, value in configs.items()})
        return topic

    # Clients that never ask for the versions

    @each("version", range(9))
    def test_metadata_comes_first(self, version):
        """Metadata v0-v8 as the first request on a connection; topic null (empty in v0) means all topics."""
        topic = self.topic()
        body = Writer().put("i", 0 if version == 0 else -1)
        if version >= 4:
            body.put("?", False)
        if version >= 8:
            body.put("??", False, False)
        answer = self.connection.ask(METADATA, version, body.bytes)
        brokers, controller, topics = read_metadata(answer, version)
        answer.done()
        port = int(self.broker.bootstrap.rpartition(":")[2])
        self.assertEqual([(host, at) for _, host, at in brokers], [("127.0.0.1", port)])
        if version >= 1:
            self.assertIn(controller, [node for node, _, _ in brokers])
        self.assertEqual(topics[topic], (0, [(0, 0, brokers[0][0], [brokers[0][0]], [brokers[0][0]])]))

    def test_metadata_of_no_topics_names_the_brokers(self):
        answer = self.connection.ask(METADATA, 1, Writer().put("i", 0).bytes)
        brokers, _, topics = read_metadata(answer, 1)
        self.assertEqual((len(brokers), topics), (1, {}))

    def test_metadata_of_an_unknown_topic_without_creation(self):
        name = self.unique("missing")
        body = Writer().put("i", 1).string(name).put("?", False).bytes
        _, _, topics = read_metadata(self.connection.ask(METADATA, 5, body), 5)
        self.assertEqual(topics, {name: (3, [])})

    @each("version", range(3, 9))
    def test_produces(self, version):
        topic = self.topic()
        self.assertEqual(self.produce(topic, batch(RECORDS), version), (0, 0))
        self.assertEqual(self.produce(topic, batch(RECORDS), version), (0, 2))

    @each("version", range(4, 12))
    def test_fetches(self, version):
        topic = self.topic()
        self.produce(topic, batch(RECORDS))
        self.produce(topic, batch(RECORDS))
        error, high_watermark, records = self.fetch(topic, 3, version)
        self.assertEqual((error, high_watermark), (0, 4))
        # The batch that holds offset 3 comes whole: it begins at 2, and nothing but its offset and epoch has changed.
        self.assertEqual(struct.unpack_from(">q", records)[0], 2)
        self.assertEqual(records[16:], batch(RECORDS)[16:])

    def test_fetch_outside_the_log(self):
        topic = self.topic()
        self.assertEqual(self.fetch(topic, 5)[0], 1)
        self.assertEqual(self.fetch(topic, -7)[0], 1)
        self.assertEqual(self.fetch(topic, 0)[0], 0)

    def test_fetch_of_an_unknown_partition(self):
        self.assertEqual(self.fetch(self.unique("missing"), 0)[0], 3)

    @each("version", range(1, 6))
    def test_lists_offsets(self, version):
        topic = self.topic()
        self.produce(topic, batch(RECORDS))
        for wanted, found in ((-2, (-1, 0)), (-1, (-1, 2)), (START, (START, 0)), (START + 1, (START + 1, 1)),
                              (START + 2, (-1, -1))):
            body = Writer().put("i", -1)
            if version >= 2:
                body.put("b", 0)
            body.put("i", 1).string(topic).put("ii", 1, 0)
            if version >= 4:
                body.put("i", -1)
            answer = self.connection.ask(LIST_OFFSETS, version, body.put("q", wanted).bytes)
            if version >= 2:
                answer.get("i")
            answer.get("i"), answer.string(), answer.get("i")
            error, timestamp, offset = answer.get("ihqq")[1:]
            if version >= 4:
                answer.get("i")
            answer.done()
            self.assertEqual((error, (timestamp, offset)), (0, found), f"asked for {wanted}")

    @each("version", range(2, 5))
    def test_creates_topics_as_old_clients_do(self, version):
        name = self.unique("old")
        body = Writer().put("i", 1).string(name).put("ihii", 2, 1, 0, 0).put("i?", 5_000, False).bytes
        answer = self.connection.ask(CREATE_TOPICS, version, body)
        answer.get("ii")
        self.assertEqual((answer.string(), answer.get("h"), answer.string()), (name, 0, None))
        answer.done()

    def test_this_node_coordinates_groups_and_transactions(self):
        for key_type in (0, 1):
            answer = self.connection.ask(FIND_COORDINATOR, 1, Writer().string("key").put("b", key_type).bytes)
            self.assertEqual(answer.get("ih")[1], 0)
            answer.string()
            node, host, port = answer.get("i"), answer.string(), answer.get("i")
            self.assertEqual((node, f"{host}:{port}"), (1, self.broker.bootstrap))
            answer.done()

    # Versions

    def test_api_versions_0(self):
        answer = self.connection.ask(API_VERSIONS, 0)
        self.assertEqual(answer.get("h"), 0)
        ranges = {key: (low, high) for key, low, high in answer.array(lambda: answer.get("hhh"))}
        answer.done()
        # Produce from 0, though 0 to 2 are refused: librdkafka sends compressed data to nobody else.
        self.assertEqual(ranges[PRODUCE][0], 0)
        self.assertGreaterEqual(ranges[FETCH][1], 17)
        self.assertEqual(ranges[METADATA][0], 0)
        self.assertNotIn(93, ranges)
        for key, (low, high) in ranges.items():
            self.assertLessEqual(low, high, f"key {key}")

    @each("version", [5, 99, 32767])
    def test_api_versions_from_the_future(self, version):
        """The body is not ours to read; the answer has the form of version 0 and names what we speak."""
        answer = self.connection.ask(API_VERSIONS, version, b"\x00\x01whatever")
        self.assertEqual(answer.get("h"), 35)
        ranges = {key: (low, high) for key, low, high in answer.array(lambda: answer.get("hhh"))}
        answer.done()
        self.assertIn(API_VERSIONS, ranges)
        self.assertEqual(self.connection.ask(API_VERSIONS, 0).get("h"), 0, "the connection stays open")

    def test_answers_come_in_the_order_of_requests(self):
        """200 requests in one write, among them some that take longer."""
        topic = self.topic()
        burst = b""
        for number in range(200):
            if number % 3 == 0:
                burst += frame(PRODUCE, 3, produce_body(topic, batch(RECORDS)), number)
            elif number % 3 == 1:
                burst += frame(METADATA, 1, Writer().put("i", 0).bytes, number)
            else:
                burst += frame(API_VERSIONS, 0, b"", number)
        self.connection.send(burst)
        self.assertEqual([self.connection.receive().get("i") for _ in range(200)], list(range(200)))

    def test_a_frame_may_come_byte_by_byte(self):
        for byte in frame(API_VERSIONS, 0, correlation=77):
            self.connection.send(bytes([byte]))
        self.assertEqual(self.connection.receive().get("ih"), (77, 0))

    def test_acks_0_has_no_answer(self):
        topic = self.topic()
        self.connection.send(frame(PRODUCE, 3, produce_body(topic, batch(RECORDS), acks=0), 1))
        self.assertEqual(self.connection.ask(API_VERSIONS, 0, correlation=2).get("h"), 0)
        self.assertEqual(self.produce(topic, batch(RECORDS)), (0, 2))

    # Hostile frames: the connection closes

    @each("size", [-1, -(2**31), 0, 1, 7, 2**31 - 1, 0x47455420])
    def test_a_frame_of_a_mad_size(self, size):
        """Among them 'GET ' of a browser. A size within the limit waits for more, so something follows."""
        self.connection.send(struct.pack(">i", size) + b"/ HTTP/1.1\r\n\r\n")
        self.assertTrue(self.connection.is_closed())

    @each("key", [-1, 4, 7, 93, 1000, 32767])
    def test_an_unknown_key(self, key):
        self.connection.send(frame(key, 0))
        self.assertTrue(self.connection.is_closed())

    @each("request", [(METADATA, 99), (FETCH, 0), (FETCH, 3), (LIST_OFFSETS, 0), (METADATA, -1)])
    def test_an_unsupported_version(self, request):
        self.connection.send(frame(*request, bytes(64)))
        self.assertTrue(self.connection.is_closed())

    @each("count", [-2, 2**31 - 1, 1_000_000])
    def test_an_array_longer_than_the_frame(self, count):
        self.connection.send(frame(METADATA, 1, Writer().put("i", count).bytes))
        self.assertTrue(self.connection.is_closed())

    def test_a_string_longer_than_the_frame(self):
        self.connection.send(frame(METADATA, 1, Writer().put("ih", 1, 30_000).bytes + b"short"))
        self.assertTrue(self.connection.is_closed())

    def test_bytes_after_the_body_are_ignored(self):
        """As Apache Kafka does: sloppy clients live on it."""
        answer = self.connection.ask(METADATA, 1, Writer().put("i", 0).bytes + b"more")
        self.assertEqual(len(read_metadata(answer, 1)[0]), 1)

    def test_random_bytes(self):
        self.connection.send(os.urandom(4_096))
        self.connection.socket.shutdown(1)
        self.assertTrue(self.connection.is_closed())

    def test_half_a_frame_and_goodbye(self):
        self.connection.send(frame(API_VERSIONS, 0)[:9])
        self.connection.socket.shutdown(1)
        self.assertTrue(self.connection.is_closed())

    # Wrong batches: the answer names the fault

    def test_refuses_wrong_batches(self):
        topic = self.topic(max_message_bytes=10_000)
        good = batch(RECORDS)
        flipped = bytes([*good[:-1], good[-1] ^ 1])
        magic_1 = bytes([*good[:16], 1, *good[17:]])
        cases = {
            "wrong checksum": (flipped, {2}),
            "magic 1": (magic_1, {2, 43, 87}),
            "cut off": (good[:-5], {2, 87}),
            "control batch": (batch(RECORDS, attributes=0x20), {87}),
            "unknown codec": (batch(RECORDS, attributes=5), {2, 76, 87}),
            "gzip that is none": (batch(RECORDS, attributes=1), {2, 87}),
            "records that are none": (batch(RECORDS, area=b"\xff" * 20), {2, 87}),
            "two batches": (good + good, {87}),
            "no batch": (b"", {2, 42, 87}),
            "too large": (batch([Record(b"x" * 20_000, timestamp=START)]), {10}),
        }
        for name, (data, errors) in cases.items():
            with self.subTest(name):
                self.assertIn(self.produce(topic, data)[0], errors)
        self.assertEqual(self.produce(topic, good), (0, 0), "nothing of it was stored")

    @each("acks", [2, -2])
    def test_refuses_strange_acks(self, acks):
        answer = self.connection.ask(PRODUCE, 3, produce_body(self.topic(), batch(RECORDS), acks=acks))
        self.assertEqual(read_produced(answer)[0], 21)

    def test_an_idempotent_producer_is_held_to_its_sequence(self):
        topic = self.topic()
        producer = 4_000_000_000

        def send(sequence: int, epoch: int = 0) -> tuple[int, int]:
            return self.produce(topic, batch(RECORDS, producer=(producer, epoch, sequence)))

        self.assertEqual(send(0), (0, 0))
        self.assertEqual(send(2), (0, 2))
        self.assertEqual(send(0), (0, 0), "a duplicate gets the first answer")
        self.assertEqual(send(2), (0, 2))
        self.assertEqual(send(8)[0], 45, "a gap")
        self.assertEqual(send(4), (0, 4))
        self.assertEqual(send(0, epoch=1), (0, 6), "a new epoch begins at 0")
        self.assertEqual(send(6, epoch=0)[0], 47, "the old epoch is fenced")

    def produce(self, topic: str, data: bytes, version: int = 3) -> tuple[int, int]:
        """Error and base offset."""
        return read_produced(self.connection.ask(PRODUCE, version, produce_body(topic, data)))

    def fetch(self, topic: str, offset: int, version: int = 4) -> tuple[int, int, bytes]:
        """Error, high watermark and records."""
        answer = self.connection.ask(FETCH, version, fetch_body(topic, offset, version))
        answer.get("i")
        if version >= 7:
            self.assertEqual(answer.get("hi")[0], 0)
        self.assertEqual((answer.get("i"), answer.string(), answer.get("ii")), (1, topic, (1, 0)))
        error, high_watermark, _ = answer.get("hqq")
        if version >= 5:
            answer.get("q")
        answer.array(lambda: answer.get("qq")) if answer.bytes[answer.at : answer.at + 4] != b"\xff" * 4 else answer.get("i")
        if version >= 11:
            answer.get("i")
        records = answer.data()
        answer.done()
        return error, high_watermark, records or b""


def read_metadata(answer: Reader, version: int):
    """Brokers, controller and topics of Metadata v0 to v8."""
    if version >= 3:
        answer.get("i")

    def broker() -> tuple[int, str, int]:
        node, host, port = answer.get("i"), answer.string(), answer.get("i")
        if version >= 1:
            answer.string()
        return node, host, port

    brokers = answer.array(broker)
    if version >= 2:
        answer.string()
    controller = answer.get("i") if version >= 1 else -1

    def partition() -> tuple:
        error, index, leader = answer.get("hii")
        if version >= 7:
            answer.get("i")
        replicas, in_sync = answer.array(lambda: answer.get("i")), answer.array(lambda: answer.get("i"))
        if version >= 5:
            answer.array(lambda: answer.get("i"))
        return error, index, leader, replicas, in_sync

    def topic() -> tuple:
        error, name = answer.get("h"), answer.string()
        if version >= 1:
            answer.get("?")
        partitions = answer.array(partition)
        if version >= 8:
            answer.get("i")
        return name, (error, partitions)

    topics = dict(answer.array(topic))
    if version >= 8:
        answer.get("i")
    return brokers, controller, topics


SUITES = [Raw]
