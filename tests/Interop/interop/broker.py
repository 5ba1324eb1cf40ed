"""Barnabas as a process of its own: started on a free port, stopped, killed, started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("INTEROP_BINARY", ROOT / "artifacts/bin/Barnabas/release/barnabas"))


def environment() -> dict[str, str]:
    """The environment for our binary: no configuration leaks in, and the runtime is found."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("BARNABAS_", "KAFKA_"))}
    dotnet = shutil.which("dotnet")
    if dotnet and (Path(dotnet).resolve().parent / "host/fxr").is_dir():
        own.setdefault("DOTNET_ROOT", str(Path(dotnet).resolve().parent))
    return own


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """One node with a data directory of its own, which survives kill() and start()."""

    def __init__(self, **configs: object) -> None:
        """Each keyword is a key of server.properties, dots written as underscores."""
        self.home = Path(tempfile.mkdtemp(prefix="barnabas-"))
        self.data = self.home / "data"
        self.port = free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.configs = {
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "log.dirs": str(self.data),
            "barnabas.http.listener": "",  # many nodes run at a time
        } | {key.replace("_", "."): str(value) for key, value in configs.items()}
        self.process: subprocess.Popen[bytes] | None = None
        self.log = self.home / "broker.log"

    def __enter__(self) -> Broker:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def command(self) -> list[str]:
        """The command line that starts this node."""
        properties = self.home / "server.properties"
        properties.write_text("".join(f"{key}={value}\n" for key, value in self.configs.items()))
        return [str(BINARY), "start", "--config", str(properties)]

    def spawn(self, prefix: tuple[str, ...] = ()) -> Broker:
        """Starts the process without waiting until it serves; `prefix` is a tool to run it under."""
        assert self.process is None, "the broker runs already"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*prefix, *self.command()], cwd=self.home, env=environment(),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def start(self, prefix: tuple[str, ...] = (), limit: float = 60) -> Broker:
        """Starts the process and returns when it answers requests."""
        self.spawn(prefix)
        self.wait_ready(limit)
        return self

    def wait_ready(self, limit: float = 60) -> None:
        """Returns when ApiVersions is answered; raises with the log when the process ends instead."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the broker ended with {self.process.returncode}:\n{self.tail_of_log()}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                    probe.settimeout(5)
                    probe.sendall(bytes.fromhex("0000000a 0012 0000 00000001 ffff".replace(" ", "")))
                    if probe.recv(4):
                        return
            except OSError:
                time.sleep(0.02)
        raise AssertionError(f"the broker was not ready in {limit} s:\n{self.tail_of_log()}")

    def kill(self) -> None:
        """kill -9: no chance to write anything."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def freeze(self, limit: float = 10) -> None:
        """Every thread stands still, as at a power cut; what remains is to kill it."""
        self.process.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + limit
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            while "\nState:\tT" not in (task / "status").read_text(encoding="ascii"):
                assert time.monotonic() < deadline, "a thread of the broker does not stand still"
                time.sleep(0.001)

    def stop(self, limit: float = 30) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the broker did not stop within {limit} s:\n{self.tail_of_log()}") from None
        self.process = None
        return code

    def restart(self) -> None:
        """A clean stop and a start on the same data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Ends the process and removes its data. Keeps both when BARNABAS_KEEP is set."""
        if self.process is not None:
            self.kill()
        if "BARNABAS_KEEP" not in os.environ:
            shutil.rmtree(self.home, ignore_errors=True)

    def runs(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    def memory(self) -> int:
        """The bytes of memory the process has now."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        """The most bytes of memory it had since `forget_peak`."""
        return self._status("VmHWM")

    def open_files(self) -> int:
        """The files, sockets and pipes the process has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def forget_peak(self) -> None:
        """From here on `peak_memory` counts anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")

    def _status(self, field: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        [line] = [line for line in status.splitlines() if line.startswith(field + ":")]
        return int(line.split()[1]) * 1024

    def tail_of_log(self, lines: int = 30) -> str:
        """The end of what the broker printed."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Foreign:
    """A broker that somebody else runs (INTEROP_BOOTSTRAP=host:port), to hold the suite against it."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> Foreign:
        """Nothing to do: it runs."""
        return self

    def close(self) -> None:
        """Nothing to do: it is not ours."""

    def tail_of_log(self) -> str:
        """We do not see its log."""
        return "(a broker of somebody else)"


def shared_broker(**configs: object) -> Broker | Foreign:
    """The broker for tests that need no control over the process."""
    foreign = os.environ.get("INTEROP_BOOTSTRAP")
    return Foreign(foreign) if foreign else Broker(**configs)
