"""More than 100 MB of real text go in through one client and come out identical through others."""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from collections.abc import Iterable

import confluent_kafka as ck

from ..broker import BINARY, Broker, environment
from ..clients.confluent import Confluent
from ..clients.node import FOLDER
from ..corpus import corpus
from ..suite import Suite, limit


def digest_of(lines: Iterable[bytes]) -> tuple[int, str]:
    """How many lines and their hash, each with its line end."""
    hashed, count = hashlib.sha256(), 0
    for line in lines:
        hashed.update(line)
        count += 1
    return count, hashed.hexdigest()


class Corpus(Suite):
    """librdkafka writes while the broker is killed twice; it is killed once more; three other clients read."""

    part = "corpus"
    topic = "corpus"

    @classmethod
    def setUpClass(cls) -> None:
        cls.text = corpus()
        with cls.text.open("rb") as lines:
            cls.expected = digest_of(lines)
        cls.broker = Broker()
        cls.addClassCleanup(cls.broker.close)
        cls.broker.start()
        Confluent(cls.broker.bootstrap).create_topic(cls.topic, 1, {"segment.bytes": "16777216"})

    @limit(600)
    def test_1_goes_in_with_two_kills_on_the_way(self):
        problems: list[str] = []
        done = [0]

        def delivered(error, _):
            done[0] += 1
            if error is not None:
                problems.append(error.str())

        producer = ck.Producer({"bootstrap.servers": self.broker.bootstrap, "enable.idempotence": True, "acks": -1,
                                "compression.type": "lz4", "linger.ms": 20, "message.timeout.ms": 300_000,
                                "queue.buffering.max.messages": 200_000, "reconnect.backoff.max.ms": 200})

        def kill_twice() -> None:
            for share in (1 / 3, 2 / 3):
                while done[0] < share * self.expected[0] and not problems:
                    time.sleep(0.01)
                self.broker.kill()
                time.sleep(0.3)
                self.broker.start()

        killer = threading.Thread(target=kill_twice)
        killer.start()
        with self.text.open("rb") as lines:
            for line in lines:
                while True:
                    try:
                        producer.produce(self.topic, line[:-1], partition=0, on_delivery=delivered)
                        break
                    except BufferError:
                        producer.poll(0.05)
                producer.poll(0)
        self.assertEqual(producer.flush(300), 0)
        killer.join(60)
        self.assertEqual((problems, done[0]), ([], self.expected[0]))
        self.assertEqual(Confluent(self.broker.bootstrap).offsets(self.topic), (0, self.expected[0]))

    @limit(120)
    def test_2_survives_one_more_kill(self):
        self.broker.kill()
        self.broker.start()
        self.assertEqual(Confluent(self.broker.bootstrap).offsets(self.topic), (0, self.expected[0]))

    @limit(300)
    def test_3_comes_out_through_kcat(self):
        self.assertEqual(self.read_by(["kcat", "-b", self.broker.bootstrap, "-C", "-q", "-e", "-t", self.topic, "-o",
                                       "beginning"]), self.expected)

    @limit(300)
    def test_4_comes_out_through_our_own_client(self):
        self.assertEqual(self.read_by([str(BINARY), "consume", self.topic, "-b", self.broker.bootstrap, "-o", "earliest",
                                       "-e", "-f", "%s\\n"]), self.expected)

    @limit(400)
    def test_5_comes_out_through_kafkajs(self):
        self.assertEqual(self.read_by(["node", "--no-warnings", "dump.mjs", "kafkajs", self.broker.bootstrap, self.topic],
                                      cwd=FOLDER), self.expected)

    def read_by(self, command: list[str], **options: object) -> tuple[int, str]:
        """Count and hash of the lines that a command prints."""
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), **options) as process:
            result = digest_of(process.stdout)
        self.assertEqual(process.returncode, 0)
        return result


SUITES = [Corpus]
