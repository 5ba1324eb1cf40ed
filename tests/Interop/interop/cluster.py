"""A cluster of brokers in one process (`barnabas start --brokers N`), told by its standard input whom to kill."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .broker import BINARY, environment


def free_ports(count: int) -> int:
    """The first of some ports in a row that nobody listens on at this moment."""
    for first in range(21_000, 32_000, 50):
        try:
            probes = [socket.create_server(("127.0.0.1", first + i)) for i in range(count)]
        except OSError:
            continue
        for probe in probes:
            probe.close()
        return first
    raise AssertionError("no ports in a row are free")


class Cluster:
    """Brokers 1 to N; each keeps its data when it is killed."""

    def __init__(self, brokers: int = 3, **configs: object) -> None:
        """Each keyword is a config of all brokers, dots written as underscores."""
        self.home = Path(tempfile.mkdtemp(prefix="barnabas-"))
        self.log = self.home / "cluster.log"
        self.first = free_ports(brokers)
        self.ids = list(range(1, brokers + 1))
        self.bootstrap = ",".join(self.address(broker) for broker in self.ids)
        settings = {"barnabas.http.listener": ""} | {k.replace("_", "."): str(v) for k, v in configs.items()}
        self.command = [str(BINARY), "start", "--brokers", str(brokers), "--listen", str(self.first),
                        "--data", str(self.home / "data"),
                        *(part for k, v in settings.items() for part in ("--override", f"{k}={v}"))]
        self.process: subprocess.Popen[str] | None = None
        self.dead: set[int] = set()

    def address(self, broker: int) -> str:
        """Where a broker listens."""
        return f"127.0.0.1:{self.first + broker - 1}"

    def start(self) -> Cluster:
        """Starts the process and returns when all brokers serve."""
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command, cwd=self.home, env=environment(), text=True, stderr=log,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.hear("Try next")
        return self

    def hear(self, words: str, limit: float = 60) -> None:
        """Reads what the process says up to a line with these words."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            line = self.process.stdout.readline()
            if words in line:
                return
            if not line:
                self.process.wait()
                raise AssertionError(f"the cluster ended:\n{self.tail_of_log()}")
        raise AssertionError(f"the cluster did not say {words!r} in {limit} s")

    def tell(self, what: str, broker: int, answer: str) -> None:
        """Has the process do something to a broker, and waits until that is done."""
        self.process.stdin.write(f"{what} {broker}\n")
        self.process.stdin.flush()
        self.hear(f"broker {broker} {answer}")

    def kill(self, broker: int) -> None:
        """A broker ends without a word."""
        self.tell("kill", broker, "is dead")
        self.dead.add(broker)

    def stop(self, broker: int) -> None:
        """A broker stops in good order."""
        self.tell("stop", broker, "has stopped")
        self.dead.add(broker)

    def revive(self, broker: int) -> None:
        """A broker that does not run starts again."""
        self.tell("start", broker, "is back")
        self.dead.discard(broker)

    def tail_of_log(self, lines: int = 30) -> str:
        """The end of what the process said, and how it ended, where it has."""
        ended = None if self.process is None else self.process.poll()
        said = self.log.read_text(errors="replace").splitlines()[-lines:] if self.log.exists() else ["(no log)"]
        return "\n".join(said if ended is None else [*said, f"(it ended with {ended})"])

    def close(self) -> None:
        """Ends the process and removes its data. Keeps it when BARNABAS_KEEP is set."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
        if "BARNABAS_KEEP" not in os.environ:
            shutil.rmtree(self.home, ignore_errors=True)
