"""A well-behaved client beside a hostile one: it must not notice."""

from __future__ import annotations

import threading
import time

from .batches import batch
from .record import Record
from .wire import API_VERSIONS, FETCH, PRODUCE, Connection, fetch_body, frame, produce_body, read_produced


class Neighbour:
    """Writes, reads and reconnects without a pause, from a thread of its own, until the block is left.

    What is judged is progress: each of its requests is answered rightly, and none takes as long as `PATIENCE`, which is
    generous so that a busy machine fails no test.
    """

    PATIENCE = 20.0

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.bootstrap, self.topic = bootstrap, topic
        self.answers = 0
        self.slowest = 0.0
        self.problem: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Neighbour:
        self._thread.start()
        return self

    def __exit__(self, kind, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if kind is not None:
            return
        if self.problem is not None:
            raise AssertionError(f"the neighbour failed after {self.answers} answers: {self.problem!r}")
        assert self.answers > 0, "the neighbour was never answered"
        assert self.slowest < self.PATIENCE, f"the neighbour waited {self.slowest:.1f} s for an answer"

    def answered(self, more: int, seconds: float = 30) -> None:
        """Waits until that many more requests are answered."""
        goal = self.answers + more
        deadline = time.monotonic() + seconds
        while self.answers < goal and self.problem is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.answers >= goal, f"only {self.answers} of {goal} answers in {seconds} s: {self.problem!r}"

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                with Connection(self.bootstrap) as connection:
                    for _ in range(20):
                        self._round(connection)
        except Exception as problem:  # Told by __exit__, in the test's own thread.
            self.problem = problem

    def _round(self, connection: Connection) -> None:
        started = time.monotonic()
        assert connection.ask(API_VERSIONS, 0).get("h") == 0, "ApiVersions failed"
        data = batch([Record(b"neighbour", timestamp=1)])
        error, offset = read_produced(connection.ask(PRODUCE, 3, produce_body(self.topic, data)))
        assert error == 0, f"Produce: {error}"
        connection.send(frame(FETCH, 4, fetch_body(self.topic, offset)))
        assert data[21:] in bytes(connection.receive().bytes), "the record is not where it was written"
        self.slowest = max(self.slowest, time.monotonic() - started)
        self.answers += 3
