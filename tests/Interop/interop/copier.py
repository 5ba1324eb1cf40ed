"""Copies a topic into another, each record once: the place it has read up to is part of the transaction that writes.

usage: python3 -m interop.copier HOST:PORT SOURCE TARGET NAME

Each record keeps its partition; its value gets a mark. The process ends with an error where a transaction cannot be
committed, and may be killed: the next one of that name goes on where the last transaction that was committed ends.
"""

from __future__ import annotations

import sys

import confluent_kafka as ck

LIMIT = 20
MARK = b"copied "


def copy(bootstrap: str, source: str, target: str, name: str) -> None:
    """Goes on until somebody ends it."""
    consumer = ck.Consumer({
        "bootstrap.servers": bootstrap, "group.id": name, "group.instance.id": name, "session.timeout.ms": 6_000,
        "enable.auto.commit": False, "auto.offset.reset": "earliest", "isolation.level": "read_committed",
        "reconnect.backoff.max.ms": 200,
    })
    producer = ck.Producer({
        "bootstrap.servers": bootstrap, "transactional.id": name, "transaction.timeout.ms": 10_000, "linger.ms": 1,
        "reconnect.backoff.max.ms": 200,
    })
    producer.init_transactions(LIMIT)
    consumer.subscribe([source])
    while True:
        messages = [m for m in consumer.consume(20, 0.2) if m.error() is None]
        if not messages:
            continue
        producer.begin_transaction()
        for message in messages:
            producer.produce(target, MARK + message.value(), partition=message.partition())
        places = {m.partition(): m.offset() + 1 for m in messages}
        producer.send_offsets_to_transaction(
            [ck.TopicPartition(source, partition, offset) for partition, offset in places.items()],
            consumer.consumer_group_metadata(), LIMIT)
        producer.commit_transaction(LIMIT)


if __name__ == "__main__":
    copy(*sys.argv[1:])
