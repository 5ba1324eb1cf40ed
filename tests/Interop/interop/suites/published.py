"""The one file that eng/publish makes, held to tests of the built binary: what trimming took away is missed here."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .. import broker
from ..broker import ROOT, Broker, environment
from ..suite import Suite, each, limit

RUNTIME = "linux-x64"
PUBLISHED = ROOT / "artifacts/published" / RUNTIME / "barnabas"
NO_PACKS = re.compile(r"error NU1(101|102|103|301)|NETSDK1112")

# All commands, their forms of output, TLS and JSON, a collector: whatever is found by a name or loaded by need.
PARTS = ("kcat", "cli", "cli_log", "observability", "configs")


class Published(Suite):
    """The file is published once, for this machine alone."""

    part = "published"

    @classmethod
    def setUpClass(cls) -> None:
        begun = time.monotonic()
        done = subprocess.run([str(ROOT / "eng/publish"), RUNTIME], capture_output=True, text=True, check=False,
                              timeout=600)
        if done.returncode:
            if NO_PACKS.search(done.stderr):
                cls.skipTest(cls, f"NuGet does not serve what publishing takes: {done.stderr.splitlines()[0][:200]}")
            raise AssertionError(done.stderr)
        cls.published_in = time.monotonic() - begun

    def test_is_one_file(self):
        self.assertEqual([file.name for file in PUBLISHED.parent.iterdir()], ["barnabas"])
        self.note(f"{PUBLISHED.stat().st_size / 2**20:.0f} MiB, published in {self.published_in:.0f} s")

    def test_runs_without_dotnet(self):
        with tempfile.TemporaryDirectory(prefix="barnabas-") as home:
            done = subprocess.run([str(PUBLISHED), "version"], capture_output=True, text=True, check=False, cwd=home,
                                  env={"PATH": "/nowhere", "DOTNET_ROOT": "/nowhere"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("barnabas", done.stdout)
            self.assertEqual(list(Path(home).iterdir()), [])

    def test_starts_and_stops(self):
        binary, broker.BINARY = broker.BINARY, PUBLISHED
        self.addCleanup(setattr, broker, "BINARY", binary)
        node = Broker()
        self.addCleanup(node.close)
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.monotonic()
        node.start()
        ready = time.monotonic() - begun
        memory = node.memory()
        self.assertEqual(node.stop(), 0, node.tail_of_log())
        spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        self.note(f"first reply after {ready * 1000:.0f} ms, {memory / 2**20:.0f} MiB; to the end {spent:.2f} CPU s")

    def test_compiles_little_at_a_start(self):
        with tempfile.TemporaryDirectory(prefix="barnabas-") as home:
            trace = Path(home, "trace")
            binary, broker.BINARY = broker.BINARY, PUBLISHED
            self.addCleanup(setattr, broker, "BINARY", binary)
            traced = {"DOTNET_EnableEventPipe": "1", "DOTNET_EventPipeRundown": "0",
                      "DOTNET_EventPipeOutputPath": str(trace),
                      "DOTNET_EventPipeConfig": "Microsoft-Windows-DotNETRuntime:0x10:5"}
            node = Broker()
            self.addCleanup(node.close)
            node.start(("env", *(f"{name}={value}" for name, value in traced.items())))
            self.assertEqual(node.stop(), 0, node.tail_of_log())
            boxes = trace.read_bytes().count("+AsyncStateMachineBox`1[".encode("utf-16-le"))
            self.assertLess(boxes, 20, "methods of a start were not compiled ahead; did eng/publish use its profile?")

    def test_simulates(self):
        done = subprocess.run([str(PUBLISHED), "sim", "--seeds", "3"], capture_output=True, text=True, check=False,
                              env=environment())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @limit(240)
    @each("part", PARTS)
    def test_passes_the_tests_of(self, part: str):
        done = subprocess.run([sys.executable, "-m", "interop", part], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", check=False,
                              env=os.environ | {"INTEROP_BINARY": str(PUBLISHED)})
        self.assertEqual(done.returncode, 0, done.stdout)
        self.note(done.stdout.splitlines()[-1])


SUITES = [Published]
