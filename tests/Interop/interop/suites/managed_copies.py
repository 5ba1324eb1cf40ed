"""The managed client copies a topic in transactions while it and its broker are killed: the copy is exact."""

from __future__ import annotations

import random
import subprocess
import threading
import time

from ..broker import ROOT, Broker, environment
from ..clients.barnabas import barnabas
from ..clients.confluent import Confluent
from ..record import Record
from ..suite import Suite, limit

LOAD = ROOT / "artifacts/bin/Load/release/Barnabas.Bench.Load"
TOTAL = 2_000
STEP = 400


class ManagedCopies(Suite):
    """The copier is that of bench/Load: a consumer of a group, and a transactional producer that takes its positions
    along."""

    part = "managed_copies"

    @classmethod
    def setUpClass(cls) -> None:
        """There is no shared broker here."""

    def setUp(self) -> None:
        self.broker = Broker(num_partitions=1, offsets_topic_num_partitions=3, transaction_state_log_num_partitions=3)
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.over = threading.Event()
        self.copiers: list[subprocess.Popen] = []

    def keep_copying(self, source: str, target: str) -> None:
        """A copier that ends is followed by another."""
        while not self.over.is_set():
            if not self.copiers or self.copiers[-1].poll() is not None:
                self.copiers.append(subprocess.Popen(
                    [str(LOAD), "copy", self.broker.bootstrap, source, target, "copy"], env=environment(),
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            time.sleep(0.1)

    def copied(self, topic: str, partition: int) -> list[str]:
        """What a reader of what is committed finds in a partition now."""
        read = barnabas("consume", topic, "-p", str(partition), "-e", "-b", self.broker.bootstrap)
        return read.out.splitlines() if read.code == 0 else []

    @limit(150)
    def test_a_copy_is_exact_though_broker_and_copier_are_killed(self):
        source, target = self.unique(), self.unique()
        client = Confluent(self.broker.bootstrap)
        for topic in (source, target):
            client.create_topic(topic, 2)
        chance = random.Random(7)
        work = threading.Thread(target=self.keep_copying, args=(source, target), daemon=True)
        work.start()
        try:
            for first in range(0, TOTAL, STEP):
                for partition in range(2):
                    values = [Record(b"%d" % i) for i in range(first + partition, first + STEP, 2)]
                    client.produce(source, values, partition=partition)
                if first + STEP < TOTAL:
                    self.eventually(lambda: len(self.copied(target, 0)) > first // 3, "the copy goes on", 40)
                    time.sleep(chance.random())
                    if first // STEP % 2:
                        self.broker.kill()
                        self.broker.start()
                    else:
                        self.copiers[-1].kill()
            self.eventually(
                lambda: sum(len(self.copied(target, p)) for p in range(2)) >= TOTAL, "all is copied", 60)
        finally:
            self.over.set()
            work.join()
            for copier in self.copiers:
                copier.kill()
                copier.wait()
        for partition in range(2):
            self.assertEqual(self.copied(target, partition), [f"copied {i}" for i in range(partition, TOTAL, 2)])
        self.note(f"{TOTAL} records by {len(self.copiers)} copiers")


SUITES = [ManagedCopies]
