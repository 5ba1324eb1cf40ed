"""A producer that goes on until it is told to stop and remembers what was acknowledged."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import confluent_kafka as ck


@dataclass
class Load:
    """Sends numbered values round robin to all partitions of a topic from a thread of its own."""

    bootstrap: str
    topic: str
    partitions: int
    idempotent: bool = True
    first: int = 0
    acked: dict[tuple[int, int], bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._producer = ck.Producer({
            "bootstrap.servers": self.bootstrap, "acks": -1, "enable.idempotence": self.idempotent, "linger.ms": 2,
            "reconnect.backoff.max.ms": 200, "batch.num.messages": 50,
        })

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the sending; what is under way is forgotten, not waited for."""
        self._stop.set()
        self._thread.join()
        self._producer.poll(0)
        self._producer.purge()
        self._producer.flush(5)

    def finish(self, seconds: float = 30) -> int:
        """Ends the sending and waits for all answers; returns how many did not come."""
        self._stop.set()
        self._thread.join()
        return self._producer.flush(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            value = b"value-%d" % (self.first + self.sent)
            try:
                self._producer.produce(self.topic, value, partition=self.sent % self.partitions,
                                       on_delivery=self._delivered)
                self.sent += 1
            except BufferError:
                self._producer.poll(0.1)
            self._producer.poll(0)
            if self.sent % 200 == 0:
                self._producer.poll(0.01)

    def _delivered(self, error: ck.KafkaError | None, message: ck.Message) -> None:
        if error is None:
            self.acked[message.partition(), message.offset()] = message.value()
        else:
            self.refused.append(error.name())
