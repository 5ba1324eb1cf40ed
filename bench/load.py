"""The measuring behind bench/run."""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from confluent_kafka import Producer
from interop.broker import BINARY, ROOT, Broker, environment
from interop.clients.confluent import Confluent

LOAD = ROOT / "artifacts/bin/Load/release/Barnabas.Bench.Load"
SIZE = 1_000
RUNS = 3


def lines(records: int) -> Path:
    """A file of random lines, each a record: kcat reads it from the page cache."""
    path = ROOT / f"artifacts/bench-{records}.txt"
    if not path.exists():
        chance = random.Random(1)
        some = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789 ", k=SIZE)) + "\n" for _ in range(1_024)]
        with path.open("w", encoding="ascii") as out:
            out.writelines(some[i % len(some)] for i in range(records))
    path.read_bytes()
    return path


def seconds_of(command: list[str], **options: object) -> float:
    """How long a command takes as a whole."""
    started = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.monotonic() - started


def own(*arguments: str) -> float:
    """How long our client took, by its own clock."""
    done = subprocess.run([str(LOAD), *arguments], check=True, capture_output=True, env=environment())
    return json.loads(done.stdout)["seconds"]


def start_up() -> dict[str, float]:
    """Seconds from exec to the first answer, and memory after some quiet."""
    times, memory = [], 0.0
    for _ in range(RUNS):
        broker = Broker()
        started = time.monotonic()
        broker.start()
        times.append(time.monotonic() - started)
        time.sleep(3)
        status = Path(f"/proc/{broker.process.pid}/status").read_text(encoding="ascii")
        memory = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
        broker.close()
    return {"start-up, s": round(statistics.median(times), 3), "idle memory, MiB": round(memory, 1)}


def recovery(records: int) -> dict[str, float]:
    """Seconds from exec to the first answer after kill -9, with everything above the recovery point."""
    with Broker() as broker:
        Confluent(broker.bootstrap).create_topic("lost", 1, {"barnabas.durability": "page-cache"})
        own("produce", broker.bootstrap, "lost", str(records), str(SIZE), "none")
        broker.kill()
        started = time.monotonic()
        broker.start()
        seconds = time.monotonic() - started
    return {"start after kill -9, s": round(seconds, 3), "recovered, MB": records * SIZE / 1e6}


def restart(gigabytes: int) -> dict[str, float]:
    """Seconds from exec to the first answer with so much data in 1,000 partitions, all of it acknowledged as durable:
    after kill -9 in the middle of the writing, and after a clean stop."""
    chance = random.Random(1)
    values = [chance.randbytes(900_000) for _ in range(16)]
    with Broker() as broker:
        admin = Confluent(broker.bootstrap)
        for topic in range(10):
            admin.create_topic(f"many-{topic}", 100, {"barnabas.durability": "fsync"})
        producer = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 5, "log_level": 0,
                             "queue.buffering.max.kbytes": 200_000})
        for sent in range(gigabytes * 10**9 // len(values[0])):
            while True:
                try:
                    producer.produce(f"many-{sent % 10}", values[sent % 16], partition=sent // 10 % 100)
                    break
                except BufferError:
                    producer.poll(0.05)
        producer.flush()
        return {"start after kill -9, s": start_after(broker, broker.kill),
                "start after a clean stop, s": start_after(broker, broker.stop)}


def start_after(broker: Broker, end: Callable[[], object]) -> float:
    """Seconds from exec to the first answer."""
    end()
    started = time.monotonic()
    broker.start()
    return round(time.monotonic() - started, 2)


def median(measure: Callable[[int], float]) -> float:
    """The median over a few runs, each told its number."""
    return statistics.median(measure(run) for run in range(RUNS))


def throughput(records: int, durability: str, codec: str) -> dict[str, float]:
    """MB/s of values, one partition, acks=all, 1 kB records."""
    file = lines(records)
    megabytes = records * SIZE / 1e6
    with Broker() as broker:
        admin = Confluent(broker.bootstrap)

        def topic(name: str) -> str:
            admin.create_topic(name, 1, {"barnabas.durability": durability})
            return name

        kcat = ["kcat", "-b", broker.bootstrap, "-q", "-p", "0"]

        def kcat_produce(run: int) -> float:
            with file.open("rb") as source:
                return seconds_of([*kcat, "-P", "-t", topic(f"kcat-{run}"), "-z", codec, "-X", "acks=all", "-X",
                                   "linger.ms=5", "-X", "enable.idempotence=true"], stdin=source)

        produced = {
            "produce, barnabas": median(lambda run: own("produce", broker.bootstrap, topic(f"own-{run}"), str(records),
                                                        str(SIZE), codec)),
            "produce, librdkafka": median(kcat_produce),
            "fetch, barnabas": median(lambda _: own("consume", broker.bootstrap, "own-0", str(records))),
            "fetch, librdkafka": median(lambda _: seconds_of([*kcat, "-C", "-t", "own-0", "-o", "beginning", "-e"])),
        }
        return {f"{name}, MB/s": round(megabytes / seconds, 1) for name, seconds in produced.items()}


def groups(protocol: str, members: int, count: int = 1) -> dict[str, float]:
    """Groups: what their life takes, and what it costs the broker."""
    with Broker() as broker:
        done = subprocess.run([str(BINARY), "bench", "groups", "-b", broker.bootstrap, "--protocol", protocol,
                               "--groups", str(count), "--members", str(members), "--server-pid",
                               str(broker.process.pid), "-o", "json"],
                              check=True, capture_output=True, env=environment())
        figures = json.loads(done.stdout)["figures"]
    return {f"{name}, {figure['unit']}": figure["value"] for name, figure in figures.items()}


def transactions(durability: str, producers: int) -> dict[str, float]:
    """Transactions a second of our client, by how many records of 100 bytes each has."""
    figures = {}
    with Broker() as broker:
        for each, count in ((1, 1_000), (100, 500), (1_000, 100)):
            topic = f"committed-{each}"
            Confluent(broker.bootstrap).create_topic(topic, 4, {"barnabas.durability": durability})
            done = subprocess.run([str(LOAD), "transactions", broker.bootstrap, topic, str(producers),
                                   str(max(count // producers, 20)), str(each)],
                                  check=True, capture_output=True, env=environment())
            measured = json.loads(done.stdout)
            figures[f"of {each} records, transactions/s"] = measured["transactions"]
            figures[f"of {each} records, records/s"] = measured["records"]
    return figures


def compaction(megabytes: int, keys: int, codec: str) -> dict[str, float]:
    """A log of records with keys in random turn, compacted by one thread with the default map of keys."""
    directory = ROOT / "artifacts/bench-compaction"
    done = subprocess.run([str(LOAD), "compact", str(directory), str(megabytes), str(keys), codec], check=True,
                          capture_output=True, env=environment())
    round_ = json.loads(done.stdout)
    return {
        "log, MB": round(round_["bytes"] / 1e6, 1),
        "of it left, MB": round(round_["left"] / 1e6, 1),
        "compacted, MB/s": round(round_["bytes"] / 1e6 / round_["seconds"], 1),
        "compacted, MB/s of processor": round(round_["bytes"] / 1e6 / round_["processor"], 1),
        "more memory at most, MiB": round(round_["memory"] / 2**20, 1),
    }


def main() -> None:
    """Measures, prints a table, writes JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--log-megabytes", type=int, default=2_000, help="the log that is compacted")
    parser.add_argument("--json", type=Path, default=ROOT / "artifacts/bench.json")
    options = parser.parse_args()
    records = options.megabytes * 1_000_000 // SIZE
    results = {"node": start_up() | recovery(records)}
    for gigabytes in (1, 5, 10):
        results[f"{gigabytes} GB in 1,000 partitions"] = restart(gigabytes)
    for durability, codec in (("page-cache", "none"), ("fsync", "none"), ("page-cache", "lz4")):
        results[f"{durability}, {codec}"] = figures = throughput(records, durability, codec)
        for action in ("produce", "fetch"):
            ratio = figures[f"{action}, barnabas, MB/s"] / figures[f"{action}, librdkafka, MB/s"]
            figures[f"{action}, barnabas / librdkafka"] = round(ratio, 2)
    for count, members in ((1_000, 1), (1, 500), (1, 1_000), (1, 2_000)):
        results[f"{count} classic groups, {members} members each"] = groups("classic", members, count)
    for members in (500, 1_000, 2_000):
        results[f"a consumer group of {members} members"] = groups("consumer", members)
    for durability, producers in (("page-cache", 1), ("page-cache", 8), ("fsync", 1), ("fsync", 8)):
        results[f"transactions, {durability}, {producers} producers"] = transactions(durability, producers)
    for keys, codec in ((1_000_000, "none"), (1_000_000, "lz4")):
        results[f"compaction, {keys} keys, {codec}"] = compaction(options.log_megabytes, keys, codec)
    for title, figures in results.items():
        print(title)
        for name, value in figures.items():
            print(f"  {name:<32} {value:>10}")
    options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="ascii")
    print(f"written to {options.json}", file=sys.stderr)


if __name__ == "__main__":
    main()
