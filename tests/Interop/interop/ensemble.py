"""Debian's ZooKeeper as a process of its own, and brokers whose metadata it keeps."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .broker import Broker, free_port

JAR = "/usr/share/java/zookeeper.jar"
CLI = "/usr/share/zookeeper/bin/zkCli.sh"


class ZooKeeper:
    """One server on the loopback; it keeps its data when it is killed."""

    def __init__(self, *lines: str, users: dict[str, str] | None = None) -> None:
        """More lines for its configuration, and whom it knows by SASL DIGEST-MD5."""
        self.home = Path(tempfile.mkdtemp(prefix="barnabas-zookeeper-"))
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log = self.home / "zookeeper.log"
        (self.home / "zoo.cfg").write_text("\n".join([
            "tickTime=500", f"dataDir={self.home}", "clientPortAddress=127.0.0.1", f"clientPort={self.port}",
            "admin.enableServer=false", "4lw.commands.whitelist=srvr", *lines, ""]), encoding="ascii")
        known = " ".join(f'user_{name}="{password}"' for name, password in (users or {}).items())
        (self.home / "jaas.conf").write_text(
            f"Server {{ org.apache.zookeeper.server.auth.DigestLoginModule required {known}; }};\n", encoding="ascii")
        self.options = [f"-Djava.security.auth.login.config={self.home / 'jaas.conf'}"] if users else []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, limit: float = 90) -> ZooKeeper:
        """Starts it and returns when it serves."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["java", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *self.options, "-cp", JAR,
                 "org.apache.zookeeper.server.quorum.QuorumPeerMain", "zoo.cfg"],
                cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + limit
        while "Mode:" not in self.ask("srvr"):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"ZooKeeper does not serve:\n{self.log.read_text()[-4_000:]}")
            time.sleep(0.1)
        return self

    def ask(self, word: str) -> str:
        """What it answers to one of its four letter words; empty where nobody answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
                link.sendall(word.encode())
                answer = b""
                while part := link.recv(4_096):
                    answer += part
                return answer.decode(errors="replace")
        except OSError:
            return ""

    def cli(self, *command: str) -> str:
        """What ZooKeeper's own command line prints for a command, without what it says of itself."""
        told = subprocess.run([CLI, "-server", self.address, *command], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)
        lines = [line for line in (told.stdout + told.stderr).splitlines()
                 if line and not line.startswith(("Connecting to", "SLF4J", "WATCHER::", "WatchedEvent "))]
        return "\n".join(lines)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def close(self) -> None:
        """Ends it and removes its data. Keeps it when BARNABAS_KEEP is set."""
        if self.process is not None:
            self.kill()
        if "BARNABAS_KEEP" not in os.environ:
            shutil.rmtree(self.home, ignore_errors=True)


def member(node: int, connect: str, **configs: object) -> Broker:
    """A broker of a cluster whose metadata is kept at `connect`; sessions are short enough to wait for, and long enough
    for a machine that has much else to do."""
    return Broker(**{
        "node_id": node, "zookeeper_connect": connect, "zookeeper_session_timeout_ms": 8_000,
        "broker_session_timeout_ms": 6_000, "broker_heartbeat_interval_ms": 1_000, "replica_lag_time_max_ms": 8_000,
        "group_initial_rebalance_delay_ms": 100} | configs)
