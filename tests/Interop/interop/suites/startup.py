"""Starting a node: without a configuration, with one, with a bad one, through the launcher."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from ..broker import BINARY, ROOT, Broker, environment, free_port
from ..clients.confluent import Confluent
from ..record import Record
from ..suite import Suite, each
from ..wire import API_VERSIONS, Connection

LAUNCHER = ROOT / "barnabas"


class Startup(Suite):
    """Every test starts its own process in an empty folder."""

    part = "startup"

    @classmethod
    def setUpClass(cls) -> None:
        """There is no shared broker here."""

    def setUp(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="barnabas-start-"))
        self.addCleanup(shutil.rmtree, self.home, True)

    def spawn(self, *arguments: str, binary: Path = BINARY, **variables: str) -> subprocess.Popen[str]:
        """Starts a process whose output goes to a file, so that it never blocks on us."""
        with (self.home / "output").open("w") as output:
            process = subprocess.Popen([str(binary), "start", *arguments], cwd=self.home, stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=output, env=environment() | variables)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def output(self) -> str:
        return (self.home / "output").read_text()

    def wait_for(self, port: int, process: subprocess.Popen[str]) -> None:
        """Returns when the port answers."""
        def answers() -> bool:
            self.assertIsNone(process.poll(), self.output())
            try:
                with Connection(f"127.0.0.1:{port}") as connection:
                    return connection.ask(API_VERSIONS, 0).get("h") == 0
            except OSError:
                return False

        self.eventually(answers, f"nobody answers at {port}", 30)

    def ends(self, process: subprocess.Popen[str]) -> int:
        """The exit code of a process that must not run."""
        return process.wait(30)

    # Without a configuration

    def test_without_a_configuration(self):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", 9092))
            except OSError:
                self.skipTest("somebody else listens on 9092")
        started = time.monotonic()
        process = self.spawn()
        self.wait_for(9092, process)
        print(f"      ready after {time.monotonic() - started:.2f} s")
        client = Confluent("127.0.0.1:9092")
        client.produce("quickstart", [Record(b"hello")])
        self.assertEqual([record.value for record in client.consume("quickstart", 1)], [b"hello"])
        self.assertTrue((self.home / "barnabas-data/quickstart-0").is_dir())
        text = self.eventually(self.output, "it says something")
        for command in ("topic create", "produce", "consume"):
            self.assertIn(f"barnabas {command}", text)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)
        self.assertTrue((self.home / "barnabas-data/.kafka_cleanshutdown").exists())

    def test_it_listens_on_loopback_alone(self):
        port = free_port()
        self.wait_for(port, self.spawn("--override", f"listeners=PLAINTEXT://127.0.0.1:{port}"))
        listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
        addresses = {line.split()[1].split(":")[0] for line in listening if line.split()[1].endswith(f":{port:04X}")}
        self.assertEqual(addresses, {"0100007F"})

    # With one

    def test_the_later_source_wins(self):
        port = free_port()
        (self.home / "server.properties").write_text(
            f"listeners=PLAINTEXT://127.0.0.1:{port}\nlog.dirs={self.home}/from-file\nnum.partitions=2\n")
        process = self.spawn("--config", "server.properties", "--override", "num.partitions=5",
                             BARNABAS_NUM_PARTITIONS="4", BARNABAS_LOG_DIRS=f"{self.home}/from-environment")
        self.wait_for(port, process)
        client = Confluent(f"127.0.0.1:{port}")
        client.produce("auto", [Record(b"x")])
        self.assertEqual(client.topics()["auto"], 5)
        self.assertTrue((self.home / "from-environment/auto-0").is_dir())

    def test_kafkas_own_variables_are_read(self):
        port = free_port()
        process = self.spawn(KAFKA_LISTENERS=f"PLAINTEXT://127.0.0.1:{port}", KAFKA_LOG_DIRS=f"{self.home}/data")
        self.wait_for(port, process)
        self.assertTrue((self.home / "data/meta.properties").exists())

    def test_an_unknown_key_is_a_warning(self):
        port = free_port()
        process = self.spawn("--override", f"listeners=PLAINTEXT://127.0.0.1:{port}", "--override", "num.partitons=3")
        self.wait_for(port, process)
        self.assertIn("num.partitons", self.output())

    def test_several_listeners_have_names(self):
        first, second = free_port(), free_port()
        process = self.spawn(
            "--override", f"listeners=INSIDE://127.0.0.1:{first},OUTSIDE://127.0.0.1:{second}",
            "--override", f"advertised.listeners=INSIDE://127.0.0.1:{first},OUTSIDE://localhost:{second}",
            "--override", "listener.security.protocol.map=INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT",
            "--override", "inter.broker.listener.name=INSIDE")
        self.wait_for(first, process)
        self.wait_for(second, process)
        for port, advertised in ((first, "127.0.0.1"), (second, "localhost")):
            with self.subTest(port=port):
                brokers = Confluent(f"127.0.0.1:{port}").admin.list_topics(timeout=10).brokers
                self.assertEqual([(b.host, b.port) for b in brokers.values()], [(advertised, port)])

    def test_several_log_directories(self):
        with Broker(log_dirs="placeholder") as broker:
            broker.stop()
            broker.configs["log.dirs"] = f"{self.home}/a,{self.home}/b"
            broker.start()
            client = Confluent(broker.bootstrap)
            client.create_topic("spread", 6)
            for partition in range(6):
                client.produce("spread", [Record(b"%d" % partition)], partition=partition)
            self.assertEqual([len(list((self.home / name).glob("spread-*"))) for name in "ab"], [3, 3])
            broker.kill()
            broker.start()
            for partition in range(6):
                self.assertEqual([r.value for r in client.consume("spread", 1, partition=partition)], [b"%d" % partition])

    # With a bad one

    @each("override", ["num.partitions=many", "num.partitions=0", "listeners=nonsense", "log.segment.bytes=5",
                       "barnabas.durability=hope"])
    def test_a_bad_value_stops_with_the_reason(self, override):
        process = self.spawn("--override", f"log.dirs={self.home}/data", "--override", override)
        self.assertNotEqual(self.ends(process), 0)
        self.assertIn(override.partition("=")[0], self.output())
        self.assertFalse((self.home / "data").exists(), "nothing was begun")

    def test_a_missing_file_stops_with_the_reason(self):
        process = self.spawn("--config", "no-such.properties")
        self.assertNotEqual(self.ends(process), 0)
        self.assertIn("no-such.properties", self.output())

    def test_a_port_in_use_stops_with_the_reason(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            process = self.spawn("--override", f"listeners=PLAINTEXT://127.0.0.1:{port}")
            self.assertNotEqual(self.ends(process), 0)
            self.assertIn(str(port), self.output())

    def test_a_damaged_meta_properties_stops_with_the_reason(self):
        (self.home / "data").mkdir()
        (self.home / "data/meta.properties").write_text("version=1\nnonsense\n")
        process = self.spawn("--override", f"log.dirs={self.home}/data", "--override",
                             f"listeners=PLAINTEXT://127.0.0.1:{free_port()}")
        self.assertNotEqual(self.ends(process), 0)
        self.assertIn("meta.properties", self.output())

    # Through the launcher

    def test_the_launcher_passes_exit_codes_from_any_folder_and_by_a_link(self):
        link = self.home / "kafka"
        link.symlink_to(LAUNCHER)
        good = subprocess.run([link, "version"], cwd="/", capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertEqual(subprocess.run([link, "nonsense"], capture_output=True, timeout=60, check=False).returncode, 2)

    def test_the_launcher_becomes_the_process_so_that_signals_arrive(self):
        port = free_port()
        process = self.spawn("--override", f"listeners=PLAINTEXT://127.0.0.1:{port}", binary=LAUNCHER)
        self.wait_for(port, process)
        self.assertEqual(os.readlink(f"/proc/{process.pid}/exe"), str(BINARY))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def test_the_launcher_says_what_is_missing(self):
        tools = self.home / "bin"
        tools.mkdir()
        for tool in ("bash", "env", "dirname", "readlink", "find"):
            (tools / tool).symlink_to(shutil.which(tool))
        done = subprocess.run([LAUNCHER, "version"], env={"PATH": str(tools)}, capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(".NET 10 SDK", done.stderr)


SUITES = [Startup]
