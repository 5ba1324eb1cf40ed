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


class Corpus(Suite, abstract=True):
    """The text, a broker and a topic with a short segment; what both directions do alike."""

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

    def kill_and_start(self) -> None:
        """kill -9, a moment without a broker, and a start on what it left."""
        self.broker.kill()
        time.sleep(0.3)
        self.broker.start()

    def check_all_there(self) -> None:
        """As many records as lines, none lost and none twice."""
        self.assertEqual(Confluent(self.broker.bootstrap).offsets(self.topic), (0, self.expected[0]))

    def check_survives_a_kill(self) -> None:
        """Nothing is lost once all is written, either."""
        self.kill_and_start()
        self.check_all_there()

    def read_by(self, command: list[str], **options: object) -> tuple[int, str]:
        """Count and hash of the lines that a command prints."""
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), **options) as process:
            result = digest_of(process.stdout)
        self.assertEqual(process.returncode, 0)
        return result


class FromLibrdkafka(Corpus):
    """librdkafka writes while the broker is killed twice; it is killed once more; three other clients read."""

    part = "corpus"

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
                self.kill_and_start()

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
        self.check_all_there()

    @limit(120)
    def test_2_survives_one_more_kill(self):
        self.check_survives_a_kill()

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


class FromOurOwnClient(Corpus):
    """The other way: our own client writes while the broker is killed twice, librdkafka reads."""

    part = "corpus_back"

    @limit(600)
    def test_1_goes_in_with_two_kills_on_the_way(self):
        command = [str(BINARY), "produce", self.topic, "-b", self.broker.bootstrap, "-p", "0",
                   "-X", "delivery.timeout.ms=300000", "-X", "reconnect.backoff.max.ms=200"]
        third = self.text.stat().st_size // 3
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
            with self.text.open("rb") as text:
                process.stdin.write(text.read(third))
                for size in (third, -1):
                    # What was written last is on its way or in the client's memory, and more comes meanwhile.
                    killer = threading.Thread(target=self.kill_and_start)
                    killer.start()
                    process.stdin.write(text.read(size))
                    killer.join()
            said = process.communicate()[1].decode()
        self.assertEqual((process.returncode, said), (0, ""))
        self.check_all_there()

    @limit(120)
    def test_2_survives_one_more_kill(self):
        self.check_survives_a_kill()

    @limit(300)
    def test_3_comes_out_through_kcat(self):
        self.assertEqual(self.read_by(["kcat", "-b", self.broker.bootstrap, "-C", "-q", "-e", "-t", self.topic, "-o",
                                       "beginning"]), self.expected)


SUITES = [FromLibrdkafka, FromOurOwnClient]
