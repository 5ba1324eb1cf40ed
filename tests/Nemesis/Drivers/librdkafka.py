"""A client of librdkafka that does what it is told: lines of JSON come in, and each is answered by a line.

usage: /usr/bin/python3 librdkafka.py BOOTSTRAP send
       /usr/bin/python3 librdkafka.py BOOTSTRAP read
       /usr/bin/python3 librdkafka.py BOOTSTRAP copy NAME SOURCE

Records are opaque to it. Requests may be many at a time for a sender; a line's "id" comes back in its answer. It ends
when its input does, and with an error where the client can do nothing more.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading

import confluent_kafka as ck

LIMIT = 30
GRACE = 10
OK, FAILED, UNKNOWN = "Ok", "Failed", "Unknown"

# What says for sure that the record was not written. That it was too old to be sent any more says nothing.
DEFINITE = {
    ck.KafkaError.MSG_SIZE_TOO_LARGE, ck.KafkaError.INVALID_MSG, ck.KafkaError.NOT_ENOUGH_REPLICAS,
    ck.KafkaError.TOPIC_AUTHORIZATION_FAILED, ck.KafkaError.INVALID_TIMESTAMP, ck.KafkaError.POLICY_VIOLATION,
    ck.KafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT,
}

# What ends a consumer: what it was at is not there any more, or another has its place.
FINAL = {ck.KafkaError._FATAL, ck.KafkaError._AUTO_OFFSET_RESET, ck.KafkaError.OFFSET_OUT_OF_RANGE}


def say(answer: dict) -> None:
    """Answers."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def told() -> queue.Queue:
    """What comes in, line by line, as it comes; None at the end."""
    lines: queue.Queue = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            lines.put(json.loads(line))
        lines.put(None)

    threading.Thread(target=listen, daemon=True).start()
    return lines


def common(bootstrap: str) -> dict:
    """What every client is made with."""
    return {"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 500, "socket.timeout.ms": 10_000,
            "topic.metadata.refresh.interval.ms": 5_000} | (
                {"debug": os.environ["LIBRDKAFKA_DEBUG"]} if "LIBRDKAFKA_DEBUG" in os.environ else {})


@contextlib.contextmanager
def ends(what: str, limit: float):
    """Ends the process where a call does not return, though it was told how long it may take. The library waits for
    ever for an answer about a coordinator where the broker it asked was lost at the wrong moment: until another broker
    comes or goes."""
    def give_up() -> None:
        sys.stderr.write(f"{what} did not return within {limit:.0f} s\n")
        sys.stderr.flush()
        os._exit(1)

    timer = threading.Timer(limit, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def send(bootstrap: str) -> None:
    """Sends what it is told to: {"id", "topic", "partition", "records"}."""
    producer = ck.Producer(common(bootstrap) | {
        "acks": -1, "enable.idempotence": True, "linger.ms": 2, "message.timeout.ms": 120_000})
    lines = told()
    while True:
        producer.poll(0.005)
        try:
            line = lines.get_nowait()
        except queue.Empty:
            continue
        if line is None:
            return
        begin_send(producer, line)


def begin_send(producer: ck.Producer, line: dict) -> None:
    """Sends the records of a request; the answer follows when all of them have ended."""
    sent: list = [None] * len(line["records"])
    left = len(sent)

    def note(index: int, outcome: str, offset: int, error: str | None) -> None:
        nonlocal left
        sent[index] = [outcome, offset, error]
        left -= 1
        if left == 0:
            say({"id": line["id"], "sent": sent})

    def delivered(index: int):
        def on_delivery(error: ck.KafkaError | None, message: ck.Message) -> None:
            if error is None:
                note(index, OK, message.offset(), None)
            else:
                note(index, FAILED if error.code() in DEFINITE else UNKNOWN, -1, error.name())
        return on_delivery

    for index, record in enumerate(line["records"]):
        try:
            producer.produce(line["topic"], record.encode(), partition=line["partition"], on_delivery=delivered(index))
        except (ck.KafkaException, BufferError) as refused:
            note(index, FAILED, -1, str(refused))


def records_of(messages: list) -> list:
    """Messages as they are told."""
    return [[m.topic(), m.partition(), m.offset(), m.value().decode("latin-1")] for m in messages if m.error() is None]


def end_at_fault(messages: list) -> None:
    """Ends with what says that reading cannot go on. The rest are errors that the client gets over by itself."""
    for message in messages:
        error = message.error()
        if error is not None and (error.fatal() or error.code() in FINAL):
            raise SystemExit(error.str())


def read(bootstrap: str) -> None:
    """Reads on from where it is told: first {"from": [[topic, partition, offset]]}, then {"id"} for each poll."""
    consumer = ck.Consumer(common(bootstrap) | {
        "group.id": "reader", "enable.auto.commit": False, "auto.offset.reset": "error",
        "isolation.level": "read_committed", "fetch.wait.max.ms": 200})
    lines = told()
    consumer.assign([ck.TopicPartition(*place) for place in lines.get()["from"]])
    while (line := lines.get()) is not None:
        messages = consumer.consume(500, 0.2)
        end_at_fault(messages)
        say({"id": line["id"], "got": records_of(messages)})
    consumer.close()


def copy(bootstrap: str, name: str, source: str) -> None:
    """Polls when told {"id"}; told {"id", "commit": [[topic, partition, record]]}, it writes these and the positions
    behind what was polled last in a transaction."""
    # No static member: one that has not been heard for too long forgets its id, goes on beating and fences itself.
    consumer = ck.Consumer(common(bootstrap) | {
        "group.id": name, "session.timeout.ms": 6_000, "heartbeat.interval.ms": 1_000, "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "isolation.level": "read_committed"})
    producer = ck.Producer(common(bootstrap) | {
        "transactional.id": name, "transaction.timeout.ms": 20_000, "linger.ms": 1})
    with ends("init_transactions", LIMIT + GRACE):
        producer.init_transactions(LIMIT)
    consumer.subscribe([source])
    lines = told()
    places: dict = {}
    while (line := lines.get()) is not None:
        if "commit" in line:
            say({"id": line["id"]} | transact(consumer, producer, line["commit"], places))
            continue
        messages = consumer.consume(100, 0.5)
        end_at_fault(messages)
        places = {(m.topic(), m.partition()): m.offset() + 1 for m in messages if m.error() is None}
        say({"id": line["id"], "got": records_of(messages)})
    consumer.close()


def transact(consumer: ck.Consumer, producer: ck.Producer, records: list, places: dict) -> dict:
    """One transaction, and the way back where it is none."""
    offsets = [-1] * len(records)

    def delivered(index: int):
        def on_delivery(error: ck.KafkaError | None, message: ck.Message) -> None:
            if error is None:
                offsets[index] = message.offset()
        return on_delivery

    try:
        producer.begin_transaction()
        for index, (topic, partition, record) in enumerate(records):
            producer.produce(topic, record.encode(), partition=partition, on_delivery=delivered(index))
        with ends("send_offsets_to_transaction", LIMIT + GRACE):
            producer.send_offsets_to_transaction(
                [ck.TopicPartition(topic, partition, offset) for (topic, partition), offset in places.items()],
                consumer.consumer_group_metadata(), LIMIT)
        commit(producer)
        return {"outcome": OK, "offsets": offsets, "error": None}
    except ck.KafkaException as failed:
        error = failed.args[0]
        if not error.txn_requires_abort():
            raise SystemExit(f"{error.name()}: {error.str()}") from None
        try:
            with ends("abort_transaction", LIMIT + GRACE):
                producer.abort_transaction(LIMIT)
            with ends("committed", 2 * LIMIT):
                go_back(consumer)
        except ck.KafkaException as stuck:
            raise SystemExit(f"{error.name()}, and no way back: {stuck.args[0].str()}") from None
        return {"outcome": FAILED, "offsets": offsets, "error": error.name()}


def commit(producer: ck.Producer) -> None:
    """Commits; asks again where nobody has answered."""
    for attempt in range(5):
        try:
            with ends("commit_transaction", LIMIT + GRACE):
                producer.commit_transaction(LIMIT)
            return
        except ck.KafkaException as slow:
            if not slow.args[0].retriable() or attempt == 4:
                raise


def go_back(consumer: ck.Consumer) -> None:
    """Reads on from what the group has stored."""
    for place in consumer.committed(consumer.assignment(), LIMIT):
        offset = place.offset if place.offset >= 0 else ck.OFFSET_BEGINNING
        consumer.seek(ck.TopicPartition(place.topic, place.partition, offset))


if __name__ == "__main__":
    {"send": send, "read": read, "copy": copy}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
