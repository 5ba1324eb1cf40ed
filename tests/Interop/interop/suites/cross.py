"""Every client reads what every client wrote, byte for byte, headers and timestamps included."""

from __future__ import annotations

from itertools import product

from ..client import Client
from ..clients.confluent import Confluent
from ..record import samples
from ..suite import Suite, each
from .contract import CLIENTS

EVERYONE = {maker.name: maker for maker in CLIENTS}


class Cross(Suite):
    """A pair of clients a test; the writer sends the samples once with each codec that the reader is able to read."""

    part = "cross"
    clients: dict[str, Client]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.clients = {name: maker(cls.broker.bootstrap) for name, maker in EVERYONE.items()}
        for client in cls.clients.values():
            cls.addClassCleanup(client.close)

    @each("pair", [f"{writer}>{reader}" for writer, reader in product(EVERYONE, EVERYONE)])
    def test_reads_what_another_wrote(self, pair):
        writer, reader = (self.clients[name] for name in pair.split(">"))
        topic = self.unique()
        Confluent(self.broker.bootstrap).create_topic(topic)
        sent = samples(writer.can)
        codecs = reader.reads(writer)
        for codec in codecs:
            writer.produce(topic, sent, codec=codec)
        read = reader.consume(topic, len(sent) * len(codecs))
        # Where the writer sets no timestamps, a third client tells what was stored.
        stored = self.clients["confluent"].consume(topic, len(sent) * len(codecs))
        self.assertEqual([record.offset for record in read], list(range(len(sent) * len(codecs))))
        self.assertEqual(read, [reader.shows(record) for record in stored])
        for record, original in zip(stored, sent * len(codecs), strict=True):
            if original.timestamp is None:
                self.assertEqual((record.key, record.value, record.headers),
                                 (original.key, original.value, original.headers))
            else:
                self.assertEqual(record, original)


SUITES = [Cross]
