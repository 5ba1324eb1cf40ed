"""A client as a member of a group, in a process of its own that can be killed.

usage: python3 -m interop.member confluent|kafka_python HOST:PORT GROUP TOPIC

Such a process tells what happens to it in lines of JSON: {"partitions": [0, 2]} when it has other partitions than
before, {"value": "..."} for every record. SIGTERM has it leave the group. tests/Interop/node/member.mjs does the same.
"""

from __future__ import annotations

import importlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from .broker import environment

# Short enough to wait for in a test, and as short as coordinators allow.
SESSION_MS = 6_000
HEARTBEAT_MS = 1_000
COMMIT_MS = 200

Say = Callable[..., None]


class Member:
    """A member of a group, believed what it says of its partitions and records."""

    def __init__(self, command: list[str], cwd: Path | None = None) -> None:
        self.partitions: set[int] = set()
        self.records: list[str] = []
        self.complaints: list[str] = []
        self.process = subprocess.Popen(command, cwd=cwd, env=environment(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for stream, hear in ((self.process.stdout, self.hear), (self.process.stderr, self.overhear)):
            threading.Thread(target=self._follow, args=(stream, hear), daemon=True).start()

    @staticmethod
    def _follow(stream, hear: Callable[[str], None]) -> None:
        with stream:
            for line in stream:
                hear(line.rstrip("\n"))

    def hear(self, line: str) -> None:
        """A line of its standard output."""
        told = json.loads(line)
        if "partitions" in told:
            self.partitions = set(told["partitions"])
        else:
            self.records.append(told["value"])

    def overhear(self, line: str) -> None:
        """A line of its standard error."""
        self.complaints.append(line)

    def kill(self) -> None:
        """Ends it as a crash does: it says nothing to its group."""
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        """Ends it in order: it leaves its group."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.process.args} did not leave its group:\n{self.last_words()}") from None

    def last_words(self) -> str:
        """The end of what it complained about."""
        return "\n".join(self.complaints[-10:])


def python_member(client: str, bootstrap: str, group: str, topic: str) -> Member:
    """A member that is a Python client: its module's `take_part` in a process of its own."""
    return Member([sys.executable, "-m", __spec__.name, client, bootstrap, group, topic],
                  cwd=Path(__file__).resolve().parents[1])


def main(client: str, bootstrap: str, group: str, topic: str) -> None:
    """Takes part until SIGTERM comes."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())

    def say(**told: object) -> None:
        print(json.dumps(told), flush=True)

    take_part = importlib.import_module(f"{__package__}.clients.{client}").take_part
    take_part(bootstrap, group, topic, say, stopped.is_set)


if __name__ == "__main__":
    main(*sys.argv[1:])
