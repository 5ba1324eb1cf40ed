"""The measuring behind bench/run cluster: three brokers, each a process of its own, and one ZooKeeper."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import confluent_kafka as ck
import confluent_kafka.admin as ckadmin
from interop.broker import ROOT, Broker, environment
from interop.ensemble import ZooKeeper, member

LOAD = ROOT / "artifacts/bin/Load/release/Barnabas.Bench.Load"
SIZE = 1_000
RUNS = 5
QUICK = {"broker_session_timeout_ms": 1_000, "broker_heartbeat_interval_ms": 200, "zookeeper_session_timeout_ms": 3_000}
USUAL = {"broker_session_timeout_ms": 9_000, "broker_heartbeat_interval_ms": 2_000,
         "zookeeper_session_timeout_ms": 18_000}


class Trio:
    """Three brokers over one ensemble."""

    def __init__(self, connect: str, configs: dict[str, object]) -> None:
        self.brokers: dict[int, Broker] = {node: member(node, connect, **configs) for node in (1, 2, 3)}
        self.bootstrap = ""

    def start(self) -> None:
        """Starts all, and returns when they serve."""
        for broker in self.brokers.values():
            broker.spawn()
        for broker in self.brokers.values():
            broker.wait_ready()
        self.bootstrap = ",".join(broker.bootstrap for broker in self.brokers.values())
        self.admin = ckadmin.AdminClient({"bootstrap.servers": self.bootstrap, "reconnect.backoff.ms": 20,
                                          "reconnect.backoff.max.ms": 100, "log_level": 0})

    def topic(self, name: str, partitions: int, replicas: int, **configs: str) -> None:
        """Makes a topic; returns when all its replicas are in sync."""
        self.admin.create_topics([ckadmin.NewTopic(name, partitions, replicas, config=configs)],
                                 request_timeout=120)[name].result(120)
        wait(lambda: self.in_sync([name]) == partitions * replicas)

    def partitions(self, topics: list[str]) -> Iterator[object]:
        """What is known of the partitions of topics."""
        known = self.admin.list_topics(timeout=60).topics
        for topic in topics:
            if topic in known:
                yield from known[topic].partitions.values()

    def in_sync(self, topics: list[str]) -> int:
        """How many replicas are in sync."""
        return sum(len(partition.isrs) for partition in self.partitions(topics))

    def leader(self, topic: str) -> int:
        """Who leads partition 0."""
        return next(self.partitions([topic])).leader


def wait(reached: Callable[[], bool], limit: float = 600, pause: float = 0.02) -> float:
    """How long it takes until something is so; whoever is asked about much is asked less often."""
    started = time.monotonic()
    while not reached():
        if time.monotonic() - started > limit:
            raise TimeoutError("it did not come to pass")
        time.sleep(pause)
    return time.monotonic() - started


@contextmanager
def trio(**configs: object) -> Iterator[Trio]:
    """A cluster that runs."""
    with ExitStack() as stack:
        keeper = ZooKeeper("minSessionTimeout=1000")
        stack.callback(keeper.close)
        keeper.start()
        cluster = Trio(f"{keeper.address}/bench", configs)
        for broker in cluster.brokers.values():
            stack.callback(broker.close)
        cluster.start()
        yield cluster


def failover(configs: dict[str, object]) -> dict[str, float]:
    """Seconds from kill -9 of a leader to the next acknowledged write to what it led."""
    seconds = []
    with trio(**configs) as cluster:
        cluster.topic("led", 1, 3, **{"min.insync.replicas": "2"})
        producer = ck.Producer({
            "bootstrap.servers": cluster.bootstrap, "acks": -1, "linger.ms": 0, "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 50, "retry.backoff.ms": 20, "log_level": 0,
            "topic.metadata.refresh.fast.interval.ms": 50})
        for _ in range(RUNS):
            send(producer, "led")
            victim = cluster.leader("led")
            cluster.brokers[victim].kill()
            started = time.monotonic()
            send(producer, "led")
            seconds.append(time.monotonic() - started)
            cluster.brokers[victim].start()
            wait(lambda: cluster.in_sync(["led"]) == 3)
    return {"median, s": round(statistics.median(seconds), 2), "least, s": round(min(seconds), 2),
            "most, s": round(max(seconds), 2)}


def send(producer: ck.Producer, topic: str) -> None:
    """Sends a record and waits until it is acknowledged."""
    told: list[object] = []
    producer.produce(topic, b"x" * 100, partition=0, on_delivery=lambda error, _: told.append(error))
    producer.flush(120)
    if told != [None]:
        raise RuntimeError(f"not written: {told}")


def throughput(records: int) -> dict[str, float]:
    """MB/s of values into one partition with acks=all: of one replica, and of three."""
    rates: dict[int, list[float]] = {1: [], 3: []}
    with trio() as cluster:
        for run in range(3):
            for replicas, measured in rates.items():
                name = f"of-{replicas}-{run}"
                cluster.topic(name, 1, replicas, **{"min.insync.replicas": str(min(replicas, 2))})
                done = subprocess.run([str(LOAD), "produce", cluster.bootstrap, name, str(records), str(SIZE), "none"],
                                      check=True, capture_output=True, env=environment())
                measured.append(records * SIZE / 1e6 / json.loads(done.stdout)["seconds"])
    one, three = statistics.median(rates[1]), statistics.median(rates[3])
    return {"one replica, MB/s": round(one, 1), "three replicas, MB/s": round(three, 1),
            "three / one": round(three / one, 2)}


def many(partitions: int) -> dict[str, float]:
    """Seconds to make so many partitions of three replicas, to lead on without a broker, and to have it back."""
    topics = [f"many-{i}" for i in range(partitions // 100)]
    with trio() as cluster:
        started = time.monotonic()
        for first in range(0, len(topics), 10):
            for made in cluster.admin.create_topics(
                    [ckadmin.NewTopic(topic, 100, 3) for topic in topics[first:first + 10]],
                    request_timeout=60).values():
                made.result(60)
        told = time.monotonic() - started
        wait(lambda: cluster.in_sync(topics) == 3 * partitions, pause=0.5)
        made_all = time.monotonic() - started
        victim = cluster.leader(topics[0])
        cluster.brokers[victim].kill()
        led = wait(lambda: all(p.leader not in (victim, -1) for p in cluster.partitions(topics)), pause=0.5)
        started = time.monotonic()
        cluster.brokers[victim].start(limit=600)
        serves = time.monotonic() - started
        wait(lambda: cluster.in_sync(topics) == 3 * partitions, pause=0.5)
        memory = max(broker.memory() for broker in cluster.brokers.values())
        files = max(broker.open_files() for broker in cluster.brokers.values())
        return {"made, s": round(told, 1), "made and in sync, s": round(made_all, 1),
                "led by others after kill -9, s": round(led, 1), "started again, s": round(serves, 1),
                "in sync again, s": round(time.monotonic() - started, 1),
                "memory of a broker, MiB": round(memory / 2**20), "open files of a broker": files}


def main() -> None:
    """Measures, prints a table, writes JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--partitions", type=int, default=10_000)
    parser.add_argument("--json", type=Path, default=ROOT / "artifacts/bench-cluster.json")
    options = parser.parse_args()
    results = {
        "kill -9 of a leader to the next write, sessions of 1 s": failover(QUICK),
        "kill -9 of a leader to the next write, usual sessions": failover(USUAL),
        "produce, acks=all": throughput(options.megabytes * 1_000_000 // SIZE),
        f"{options.partitions} partitions on three nodes": many(options.partitions),
    }
    for title, figures in results.items():
        print(title)
        for name, value in figures.items():
            print(f"  {name:<32} {value:>10}")
    options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="ascii")
    print(f"written to {options.json}", file=sys.stderr)


if __name__ == "__main__":
    main()
