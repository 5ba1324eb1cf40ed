"""A partition's log moves between log directories of the real disk, under load and through kills."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path

from ..broker import Broker
from ..clients.confluent import Confluent
from ..load import Load
from ..suite import Suite, limit
from ..wire import ALTER_REPLICA_LOG_DIRS, DELETE_RECORDS, DESCRIBE_LOG_DIRS, Connection, Writer

NONE, LOG_DIR_NOT_FOUND = 0, 57


@dataclass(frozen=True)
class Log:
    """A log, or a copy on its way, as DescribeLogDirs shows it."""

    directory: str
    size: int
    lag: int
    is_copy: bool


class Moves(Suite):
    """A broker with two log directories for every test."""

    part = "moves"

    @classmethod
    def setUpClass(cls) -> None:
        """There is no shared broker here."""

    def setUp(self) -> None:
        self.broker = Broker(num_partitions=1, file_delete_delay_ms=0, log_retention_check_interval_ms=500)
        self.addCleanup(self.broker.close)
        self.places = [str(self.broker.home / name) for name in ("a", "b")]
        self.broker.configs["log.dirs"] = ",".join(self.places)
        self.broker.start()
        self.client = Confluent(self.broker.bootstrap)

    def topic(self, partitions: int = 1) -> str:
        topic = self.unique()
        self.client.create_topic(topic, partitions, {"segment.bytes": "1048576", "file.delete.delay.ms": "0"})
        return topic

    def logs(self, topic: str, partition: int) -> list[Log]:
        """The partition's log and the copies of it."""
        with Connection(self.broker.bootstrap) as connection:
            answer = connection.ask(DESCRIBE_LOG_DIRS, 1, Writer().put("i", -1).bytes)
        answer.get("i")
        found: list[Log] = []

        def log(directory: str, name: str) -> None:
            index, size, lag, is_copy = answer.get("iqqb")
            if (name, index) == (topic, partition):
                found.append(Log(directory, size, lag, bool(is_copy)))

        def topic_of(directory: str) -> None:
            name = answer.string()
            answer.array(lambda: log(directory, name))

        def directory_of() -> None:
            self.assertEqual(answer.get("h"), NONE)
            directory = answer.string()
            answer.array(lambda: topic_of(directory))

        answer.array(directory_of)
        answer.done()
        return found

    def place(self, topic: str, partition: int) -> str:
        [log] = [log for log in self.logs(topic, partition) if not log.is_copy]
        return log.directory

    def move(self, topic: str, partition: int, to: str) -> int:
        """Asks for a move; returns the error code."""
        body = Writer().put("i", 1).string(to).put("i", 1).string(topic).put("ii", 1, partition)
        with Connection(self.broker.bootstrap) as connection:
            answer = connection.ask(ALTER_REPLICA_LOG_DIRS, 1, body.bytes)
        self.assertEqual(answer.get("ii"), (0, 1))
        self.assertEqual(answer.string(), topic)
        self.assertEqual(answer.get("ii"), (1, partition))
        return answer.get("h")

    def other(self, place: str) -> str:
        return next(other for other in self.places if other != place)

    def folders(self, place: str, topic: str) -> list[str]:
        return sorted(path.name for path in Path(place).glob(f"{topic}*"))

    @limit(240)
    def test_a_log_moves_under_load_and_through_kills(self):
        topic = self.topic(2)
        chance = random.Random(5)
        with Load(self.broker.bootstrap, topic, 2) as load:
            for turn in range(8):
                self.eventually(lambda goal=1_000 * (turn + 1): len(load.acked) > goal, "the load goes on", 60)
                to = self.other(self.place(topic, turn % 2))
                self.assertEqual(self.move(topic, turn % 2, to), NONE)
                if turn % 2:
                    time.sleep(chance.random() * 0.15)
                    self.broker.kill()
                    self.broker.start()
                    # A kill may come before the copy is on disk: then nobody goes on with it.
                    self.assertEqual(self.move(topic, turn % 2, to), NONE)
                self.eventually(lambda to=to, turn=turn: self.place(topic, turn % 2) == to, "the log has moved", 60)
            self.assertEqual(load.finish(), 0)
        self.assertEqual(load.refused, [])
        for partition in range(2):
            end = self.client.offsets(topic, partition)[1]
            values = [record.value for record in self.client.consume(topic, end, partition=partition)]
            self.assertEqual(values, [b"value-%d" % i for i in range(partition, load.sent, 2)])
            own, other = self.place(topic, partition), self.other(self.place(topic, partition))
            self.assertIn(f"{topic}-{partition}", self.folders(own, topic))
            gone = f"{topic}-{partition}"
            self.eventually(lambda at=other, gone=gone: not self.folders(at, gone), "the old log is gone", 20)
        self.assertEqual(self.broker.stop(), 0)
        self.broker.start()
        self.assertEqual(sum(self.client.offsets(topic, partition)[1] for partition in range(2)), load.sent)

    @limit(180)
    def test_a_move_is_slow_when_told_so_and_can_be_called_off(self):
        self.broker.stop()
        self.broker.configs["replica.alter.log.dirs.io.max.bytes.per.second"] = "200000"
        self.broker.start()
        topic = self.topic()
        with Load(self.broker.bootstrap, topic, 1) as load:
            self.eventually(lambda: sum(log.size for log in self.logs(topic, 0)) > 2_000_000, "there are 2 MB", 60)
            load.finish()
        place = self.place(topic, 0)
        self.assertEqual(self.move(topic, 0, self.other(place)), NONE)
        begun = lambda: [log for log in self.logs(topic, 0) if log.is_copy and log.size]
        [copy] = self.eventually(begun, "the copy has begun")
        self.assertEqual(copy.directory, self.other(place))
        self.assertGreater(copy.lag, 0)
        [folder] = self.folders(self.other(place), topic)
        self.assertRegex(folder, rf"^{topic}-0\.[0-9a-f]{{32}}-future$")
        self.assertEqual(self.move(topic, 0, place), NONE)
        self.assertEqual([log.is_copy for log in self.logs(topic, 0)], [False])
        self.assertEqual(self.folders(self.other(place), topic), [])
        self.assertEqual(self.move(topic, 0, str(self.broker.home / "c")), LOG_DIR_NOT_FOUND)

    def test_what_was_deleted_on_demand_stays_deleted_after_a_kill(self):
        topic = self.topic()
        with Load(self.broker.bootstrap, topic, 1) as load:
            self.eventually(lambda: len(load.acked) > 200, "200 records")
            load.finish()
        body = Writer().put("i", 1).string(topic).put("iiq", 1, 0, 150).put("i", 10_000)
        with Connection(self.broker.bootstrap) as connection:
            answer = connection.ask(DELETE_RECORDS, 0, body.bytes)
        self.assertEqual(answer.get("ii"), (0, 1))
        self.assertEqual(answer.string(), topic)
        self.assertEqual(answer.get("iiqh"), (1, 0, 150, NONE))
        self.broker.kill()
        self.broker.start()
        self.assertEqual(self.client.offsets(topic)[0], 150)


SUITES = [Moves]
