"""What a node lets be seen of itself: metrics read by Prometheus' own parser, health, hostile readers, JSON logs."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from ..broker import Broker, free_port
from ..clients.confluent import Confluent
from ..record import Record
from ..suite import Suite, each

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
KINDS = {"counter": {"_total"}, "gauge": {""}, "histogram": {"_bucket", "_sum", "_count"}}


class Collector:
    """A server that keeps what is posted to it."""

    def __init__(self) -> None:
        self._bodies: list[tuple[str, bytes]] = []
        bodies = self._bodies

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Collector:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def received(self, path: str) -> list[bytes]:
        """The bodies posted to a path so far."""
        return [body for at, body in list(self._bodies) if at == path]


class Observability(Suite):
    """A broker of its own for every test."""

    part = "observability"

    @classmethod
    def setUpClass(cls) -> None:
        """There is no shared broker here."""

    def setUp(self) -> None:
        self.pages = free_port()
        self.broker = Broker(barnabas_http_listener=f"127.0.0.1:{self.pages}")
        self.addCleanup(self.broker.close)

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, media type and body of a page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.pages}{path}", timeout=10) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers["Content-Type"], refusal.read().decode()

    def scrape(self) -> Samples:
        """Every sample by name and labels, after a strict look at the whole text."""
        status, media, text = self.get("/metrics")
        self.assertEqual((status, media), (200, "text/plain; version=0.0.4; charset=utf-8"))
        self.assertTrue(text.endswith("\n"))
        samples: Samples = {}
        names: set[str] = set()
        for family in text_string_to_metric_families(text):
            self.assertNotIn(family.name, names, "a family stands in one place")
            names.add(family.name)
            self.assertIn(family.type, KINDS, family.name)
            self.assertTrue(family.documentation, family.name)
            for sample in family.samples:
                self.assertIn(sample.name.removeprefix(family.name), KINDS[family.type], sample.name)
                key = (sample.name, frozenset(sample.labels.items()))
                self.assertNotIn(key, samples, "a series stands there once")
                samples[key] = sample.value
            if family.type == "histogram":
                self.check_histogram(family.samples)
        return samples

    def check_histogram(self, samples: list[Sample]) -> None:
        """Buckets ascend, never lose what was in a lower one, and end in the count."""
        series: dict[frozenset[tuple[str, str]], dict[str, list]] = {}
        for sample in samples:
            labels = {key: value for key, value in sample.labels.items() if key != "le"}
            kind = sample.name.rpartition("_")[2]
            series.setdefault(frozenset(labels.items()), {}).setdefault(kind, []).append(sample)
        for parts in series.values():
            bounds = [float(sample.labels["le"]) for sample in parts["bucket"]]
            counts = [sample.value for sample in parts["bucket"]]
            self.assertEqual(bounds, sorted(set(bounds)))
            self.assertEqual(bounds[-1], float("inf"))
            self.assertEqual(counts, sorted(counts))
            self.assertEqual([counts[-1]], [sample.value for sample in parts["count"]])
            self.assertEqual(len(parts["sum"]), 1)

    @staticmethod
    def value(samples: Samples, name: str, **labels: str) -> float:
        """A sample; 0 where there is none."""
        return samples.get((name, frozenset(labels.items())), 0)

    # Metrics

    def test_what_clients_do_is_counted(self):
        client = Confluent(self.broker.start().bootstrap)
        client.create_topic("orders", 2)
        client.produce("orders", [Record(b"%d" % i) for i in range(100)], partition=0)
        client.produce("orders", [Record(b"x")], partition=1)
        self.assertEqual(len(client.consume("orders", 100, partition=0)), 100)

        seen = self.scrape()
        for name, wanted in (("messagesin", 101), ("failedproducerequests", 0), ("failedfetchrequests", 0)):
            full = f"kafka_server_brokertopicmetrics_{name}_total"
            self.assertEqual(self.value(seen, full, topic="orders"), wanted, name)
            self.assertEqual(self.value(seen, full), wanted, name)
        self.assertGreater(self.value(seen, "kafka_server_brokertopicmetrics_bytesout_total", topic="orders"), 100)
        self.assertEqual(self.value(seen, "kafka_log_log_logendoffset", topic="orders", partition="0"), 100)
        size = sum(path.stat().st_size for path in self.broker.data.glob("orders-0/*.log"))
        self.assertEqual(self.value(seen, "kafka_log_log_size", topic="orders", partition="0"), size)
        # A consumer with a group asks for its coordinator, and so there is __consumer_offsets too.
        led = [path for name in ("orders", "__consumer_offsets") for path in self.broker.data.glob(f"{name}-*")]
        self.assertEqual(self.value(seen, "kafka_server_replicamanager_leadercount"), len(led))
        self.assertEqual(self.value(seen, "kafka_server_kafkaserver_brokerstate"), 3)
        software = {dict(labels)["client_software_name"] for name, labels in seen
                    if name == "kafka_server_socketservermetrics_connections"}
        self.assertTrue(any("kafka" in name for name in software), software)
        self.assertGreater(self.value(seen, "process_resident_memory_bytes"), 1e6)
        self.assertGreater(self.value(seen, "process_open_fds"), 10)
        self.assertAlmostEqual(self.value(seen, "process_start_time_seconds"), time.time(), delta=120)

    def test_the_parts_of_a_request_add_up_to_its_time(self):
        client = Confluent(self.broker.start().bootstrap)
        client.create_topic("orders", 1)
        for i in range(50):
            client.produce("orders", [Record(b"%d" % i)], partition=0)
        seen = self.scrape()
        prefix = "kafka_network_requestmetrics_"
        sums = {part: self.value(seen, f"{prefix}{part}_sum", request="Produce")
                for part in ("requestqueuetimems", "localtimems", "remotetimems", "responsequeuetimems",
                             "responsesendtimems", "totaltimems")}
        count = self.value(seen, f"{prefix}totaltimems_count", request="Produce")
        self.assertGreaterEqual(count, 1)
        total = sums.pop("totaltimems")
        self.assertGreater(sums["remotetimems"], 0, "an fsync takes time")
        # Each part is cut to whole microseconds.
        self.assertAlmostEqual(sum(sums.values()), total, delta=0.006 * count)
        served = sum(value for (name, labels), value in seen.items()
                     if name == f"{prefix}requests_total" and ("request", "Produce") in labels)
        self.assertEqual(served, count)
        self.assertEqual(self.value(seen, f"{prefix}errors_total", request="Produce", error="NONE"), count)

    def test_counters_never_go_back_and_series_of_deleted_topics_go(self):
        client = Confluent(self.broker.start().bootstrap)
        before = self.scrape()
        for i in range(3):
            client.create_topic(f"t{i}", 2)
            client.produce(f"t{i}", [Record(b"x")], partition=0)
            self.assertTrue(any(("topic", f"t{i}") in labels for _, labels in self.scrape()))
            client.delete_topic(f"t{i}")
            self.eventually(
                lambda i=i: not any(("topic", f"t{i}") in labels for _, labels in self.scrape()), "its series are gone")
            now = self.scrape()
            for (name, labels), value in before.items():
                # How many connections there are is no count of a histogram, though Kafka calls it so.
                if name.endswith(("_total", "_count", "_bucket")) and not name.endswith("_connection_count"):
                    self.assertGreaterEqual(now.get((name, labels), -1), value, (name, labels))
            before = now
        self.assertEqual(self.value(before, "kafka_server_brokertopicmetrics_messagesin_total"), 3)

    # Health

    def test_it_is_alive_and_ready(self):
        self.broker.start()
        self.assertEqual(self.get("/healthz"), (200, "application/json", '{"status":"ok"}\n'))
        self.assertEqual(self.get("/readyz"), (200, "application/json", '{"status":"ok"}\n'))
        self.assertEqual(self.get("/nothing")[0], 404)

    # The listener

    def test_an_address_that_is_taken_stops_the_node_where_it_was_asked_for(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.broker.configs["barnabas.http.listener"] = f"127.0.0.1:{port}"
            self.broker.spawn()
            self.assertNotEqual(self.broker.process.wait(30), 0)
            self.assertIn(str(port), self.broker.tail_of_log())

    def test_a_default_address_that_is_taken_is_a_warning(self):
        del self.broker.configs["barnabas.http.listener"]
        try:
            taken = socket.create_server(("127.0.0.1", 9404))
        except OSError:
            taken = None  # Somebody else has it: as good.
        try:
            self.broker.start()
            self.assertIn("No pages for metrics and health", self.broker.tail_of_log())
        finally:
            if taken:
                taken.close()

    @each("bytes_sent", [b"\x00" * 64, b"GET /metrics\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
                         b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000])
    def test_what_is_no_request_is_refused(self, bytes_sent):
        self.broker.start()
        with socket.create_connection(("127.0.0.1", self.pages), timeout=20) as client:
            client.sendall(bytes_sent)
            client.shutdown(socket.SHUT_WR)
            answer = client.recv(4096)
            self.assertRegex(answer, rb"^HTTP/1\.1 4\d\d |^$")
        self.assertEqual(self.get("/readyz")[0], 200)

    def test_silent_connections_leave_clients_alone(self):
        client = Confluent(self.broker.start().bootstrap)
        held = []
        try:
            for _ in range(200):
                # Those that there is no room for may be reset before they know that they are connected.
                with suppress(ConnectionResetError):
                    connection = socket.create_connection(("127.0.0.1", self.pages), timeout=5)
                    connection.setblocking(False)
                    held.append(connection)
            client.create_topic("orders", 1)
            client.produce("orders", [Record(b"x")], partition=0)
            self.assertEqual([record.value for record in client.consume("orders", 1, partition=0)], [b"x"])
            # They are cut at their deadline, and then there is room again.
            self.eventually(lambda: self.tried("/readyz") == 200, "the pages are back", 30)
        finally:
            for connection in held:
                connection.close()

    def tried(self, path: str) -> int:
        try:
            return self.get(path)[0]
        except OSError:
            return 0

    # OpenTelemetry

    def test_a_collector_is_sent_metrics_and_spans(self):
        with Collector() as collector:
            self.broker.configs |= {"barnabas.otlp.endpoint": collector.url, "barnabas.otlp.interval.ms": 200,
                                    "barnabas.otlp.traced.share": 1}
            client = Confluent(self.broker.start().bootstrap)
            client.create_topic("orders", 1)

            def arrives(path: str, *names: bytes) -> bool:
                # The node serves a moment before the exporter has begun.
                client.produce("orders", [Record(b"x")], partition=0)
                return any(all(name in body for name in names) for body in collector.received(path))

            self.eventually(lambda: arrives(
                "/v1/metrics", b"kafka.server.brokertopicmetrics.messagesin", b"orders", b"barnabas",
                b"kafka.network.requestmetrics.totaltimems"), "metrics arrive", 30)
            self.eventually(
                lambda: arrives("/v1/traces", b"Produce", b"messaging.kafka.api.version"), "spans arrive", 30)
            self.assertEqual(self.broker.stop(), 0)

    def test_a_collector_that_is_not_there_costs_nothing(self):
        self.broker.configs |= {"barnabas.otlp.endpoint": f"http://127.0.0.1:{free_port()}",
                                "barnabas.otlp.interval.ms": 100, "barnabas.otlp.traced.share": 1}
        client = Confluent(self.broker.start().bootstrap)
        client.create_topic("orders", 1)
        client.produce("orders", [Record(b"x")], partition=0)
        self.assertEqual(self.get("/readyz")[0], 200)
        self.assertEqual(self.broker.stop(), 0)

    # Logs

    def test_the_log_may_be_json(self):
        self.broker.configs["barnabas.log.format"] = "json"
        self.broker.start()
        self.broker.stop()
        lines = [line for line in self.broker.log.read_text().splitlines() if line.startswith("{")]
        events = [json.loads(line) for line in lines]
        self.assertGreater(len(events), 2)
        for event in events:
            self.assertLessEqual({"time", "level", "logger", "message"}, event.keys())
        self.assertTrue(any(event["logger"] == "Barnabas.Node.BrokerNode" and "cluster" in event.get("data", {})
                            for event in events))


SUITES = [Observability]
