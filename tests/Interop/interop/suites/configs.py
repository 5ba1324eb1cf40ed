"""Configs of a broker, described and changed while it runs."""

from __future__ import annotations

from confluent_kafka.admin import ConfigResource

from ..clients.barnabas import Barnabas
from ..clients.confluent import Confluent, answer
from ..record import Record
from ..suite import Suite

BROKER = ConfigResource.Type.BROKER


class Configs(Suite):
    """Against one broker, which is number 1; what a test sets it takes back."""

    part = "configs"
    configs = {"log.retention.hours": 24}

    def setUp(self) -> None:
        self.client = Confluent(self.broker.bootstrap)
        self.cli = Barnabas(self.broker.bootstrap)

    def alter(self, **values: str) -> None:
        """Replaces all that is set on the broker; an underscore stands for a dot."""
        settings = {name.replace("_", "."): value for name, value in values.items()}
        answer(self.client.admin.alter_configs([ConfigResource(BROKER, "1", settings)]))

    def entry(self, name: str):
        """What librdkafka is told of a broker's config."""
        return answer(self.client.admin.describe_configs([ConfigResource(BROKER, "1")]))[name]

    def test_a_brokers_config_holds_at_once(self):
        topic = self.unique()
        self.client.create_topic(topic)
        large = [Record(b"x" * 3000)]
        self.client.produce(topic, large)
        self.alter(message_max_bytes="1000")
        self.addCleanup(self.alter, message_max_bytes="1048588")
        with self.refused("MESSAGE_TOO_LARGE", "MSG_SIZE_TOO_LARGE"):
            self.client.produce(topic, large)
        found = self.entry("message.max.bytes")
        self.assertEqual(("1000", False), (found.value, found.is_default))
        self.alter(message_max_bytes="1048588")
        self.client.produce(topic, large)
        self.assertEqual((0, 2), self.client.offsets(topic))

    def test_sources_and_synonyms_are_told(self):
        self.alter(log_retention_ms="5000000")
        self.addCleanup(self.alter, message_max_bytes="1048588")
        found = self.entry("log.retention.ms")
        self.assertEqual("5000000", found.value)
        # A dictionary: of log.retention.hours, which the file sets and which has a default, it keeps the last.
        self.assertEqual({"log.retention.ms": "5000000", "log.retention.hours": "168"},
                         {name: synonym.value for name, synonym in found.synonyms.items()})
        self.assertEqual("24", self.entry("log.retention.hours").value)
        self.assertTrue(self.entry("node.id").is_read_only)
        self.assertFalse(self.entry("max.connections").is_read_only)
        secret = self.entry("ssl.key.password")
        self.assertEqual((None, True), (secret.value, secret.is_sensitive))

    def test_what_cannot_change_is_refused(self):
        with self.refused("INVALID_REQUEST"):
            self.alter(log_dirs="/elsewhere")
        with self.refused("INVALID_REQUEST"):
            self.alter(max_connections="many")

    def test_log_levels_change_while_the_node_runs(self):
        def levels() -> dict[str, str]:
            listed = self.cli.run("config", "list", "broker-logger", "1", "-o", "json").json
            return {entry["name"]: entry["value"] for entry in listed}

        logger = "Barnabas.Server.SocketServer"
        self.assertEqual(("INFO", "INFO"), (levels()["root"], levels()[logger]))
        self.cli.run("config", "set", "broker-logger", "1", f"{logger}=DEBUG")
        self.addCleanup(self.cli.run, "config", "unset", "broker-logger", "1", logger)
        self.assertEqual(("INFO", "DEBUG"), (levels()["root"], levels()[logger]))
        with self.refused("INVALID_CONFIG"):
            self.cli.run("config", "set", "broker-logger", "1", "no.such.logger=DEBUG")


SUITES = [Configs]
