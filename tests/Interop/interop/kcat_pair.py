"""A kcat that writes a line every now and then, and one that reads all there is and all that comes."""

from __future__ import annotations

import subprocess
import threading
import time


class KcatPair:
    """Both go on until the writer is told to finish; what was written and read is kept.

    One that has seen each broker go takes all for gone, though they are back, and ends: it lives for the loss of one.
    """

    PAUSE = 0.05

    def __init__(self, bootstrap: str, topic: str, name: str) -> None:
        common = ["kcat", "-b", bootstrap, "-t", topic, "-X", "reconnect.backoff.max.ms=200"]
        self.name = name
        self.written: list[str] = []
        self.read: list[str] = []
        self._stop = threading.Event()
        self._reader = subprocess.Popen([*common, "-C", "-q", "-u", "-o", "beginning"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self._writer = subprocess.Popen([*common, "-P", "-X", "acks=all", "-X", "linger.ms=1",
                                         "-X", "enable.idempotence=true"], stdin=subprocess.PIPE, text=True)
        for work in (self._write, self._listen):
            threading.Thread(target=work, daemon=True).start()

    def finish(self, seconds: float = 60) -> int:
        """Ends the writing, and waits until the writer has done all of it; returns how it ended."""
        self._stop.set()
        return self._writer.wait(seconds)

    def close(self) -> None:
        """Ends both at once."""
        self._stop.set()
        for process in (self._writer, self._reader):
            process.kill()
            process.wait()

    def _write(self) -> None:
        with self._writer.stdin as lines:
            while not self._stop.is_set():
                self.written.append(f"{self.name}-{len(self.written)}")
                print(self.written[-1], file=lines, flush=True)
                time.sleep(self.PAUSE)

    def _listen(self) -> None:
        with self._reader.stdout as lines:
            for line in lines:
                self.read.append(line.rstrip("\n"))
