using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Node.Configuration;

namespace Barnabas.Tests.Unit.Node;

public sealed class ServerConfigLoaderTests
{
    /// <summary>What Kafka 4.2 ships for a single node in KRaft mode, key for key.</summary>
    private const string Stock = """
        # One node, broker and controller
        process.roles=broker,controller
        node.id=1
        controller.quorum.bootstrap.servers=localhost:9093
        listeners=PLAINTEXT://:9092,CONTROLLER://:9093
        inter.broker.listener.name=PLAINTEXT
        advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,\
            SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
        num.network.threads=3
        num.io.threads=8
        socket.send.buffer.bytes=102400
        socket.receive.buffer.bytes=102400
        socket.request.max.bytes=104857600
        log.dirs=/tmp/kraft-combined-logs
        num.partitions=1
        num.recovery.threads.per.data.dir=1
        offsets.topic.replication.factor=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        #log.flush.interval.messages=10000
        #log.flush.interval.ms=1000
        log.retention.hours=168
        #log.retention.bytes=1073741824
        log.segment.bytes=1073741824
        log.retention.check.interval.ms=300000
        """;

    [Fact]
    public void Kafkas_own_file_for_one_node_starts_unchanged()
    {
        var loaded = FromFile(Stock);

        Assert.Empty(loaded.Faults);
        var configs = loaded.Configs!;
        Assert.Equal(1, configs.Id.Value);
        Assert.Equal(["PLAINTEXT://:9092"], configs.Listeners.ForClients.Select(l => l.ToString()));
        Assert.Equal(["CONTROLLER://:9093"], configs.Listeners.ForControllers.Select(l => l.ToString()));
        Assert.Equal(["PLAINTEXT://localhost:9092"], configs.Listeners.Advertised.Select(l => l.ToString()));
        Assert.Equal("PLAINTEXT", configs.Listeners.InterBroker);

        var broker = new EffectiveConfigs(configs).Broker(StoredConfigs.Empty);
        Assert.Equal(["/tmp/kraft-combined-logs"], broker.LogDirs);
        Assert.Equal(1, broker.RecoveryThreadsPerDir);
        Assert.Equal(1, broker.OffsetsTopicReplicationFactor);
        Assert.Equal(
            "accepted, but without effect in this version: "
                + "share.coordinator.state.topic.min.isr, share.coordinator.state.topic.replication.factor",
            Assert.Single(loaded.Warnings));
    }

    [Fact]
    public void Without_a_file_the_node_listens_on_this_machine_alone()
    {
        var loaded = ServerConfigLoader.Load(new());

        Assert.Empty(loaded.Warnings);
        Assert.Equal(["PLAINTEXT://127.0.0.1:9092"], loaded.Configs!.Listeners.ForClients.Select(l => l.ToString()));
        Assert.Equal(1, loaded.Configs.Id.Value);
        Assert.Equal(["./barnabas-data"], new EffectiveConfigs(loaded.Configs).Broker(StoredConfigs.Empty).LogDirs);
    }

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        var loaded = ServerConfigLoader.Load(new()
        {
            File = new("server.properties",
                "num.partitions=1\nlog.segment.bytes=2000000\nlog.retention.ms=3000\nmessage.max.bytes=4"),
            Environment =
            [
                new("KAFKA_LOG_SEGMENT_BYTES", "2000001"), new("BARNABAS_LOG_RETENTION_MS", "3001"),
                new("KAFKA_LOG_RETENTION_MS", "3002"), new("KAFKA_MESSAGE_MAX_BYTES", "5"),
                new("BARNABAS_DURABILITY", "fsync"), new("PATH", "/bin"),
            ],
            Overrides = ["message.max.bytes=6", "message.max.bytes=7"],
        });

        Assert.Empty(loaded.Faults);
        Assert.Equal(
            [
                new("barnabas.durability", "fsync"), new("log.retention.ms", "3001"),
                new("log.segment.bytes", "2000001"),
                new("message.max.bytes", "7"), new("num.partitions", "1"),
            ],
            loaded.Configs!.Values);
    }

    [Theory]
    [InlineData("KAFKA_LISTENER_NAME_PUBLIC_SSL_KEYSTORE_LOCATION", "listener.name.public.ssl.keystore.location")]
    [InlineData("KAFKA_LISTENER_NAME_PUBLIC_SCRAM___SHA___256_SASL_JAAS_CONFIG",
        "listener.name.public.scram-sha-256.sasl.jaas.config")]
    [InlineData("KAFKA_LISTENER_NAME_MY__HOST_SSL_KEY_PASSWORD", "listener.name.my_host.ssl.key.password")]
    [InlineData("BARNABAS_BARNABAS_DURABILITY", "barnabas.durability")]
    public void Underscores_stand_for_dots_underscores_and_dashes(string variable, string key)
    {
        var loaded = ServerConfigLoader.Load(new() { Environment = [new(variable, "auto")] });

        Assert.True(loaded.Configs!.Values.ContainsKey(key));
    }

    [Fact]
    public void Variables_of_other_programs_are_let_be_but_misspelt_ones_are_told()
    {
        var loaded = ServerConfigLoader.Load(new()
        {
            Environment =
            [
                new("KAFKA_HEAP_OPTS", "-Xmx1g"), new("KAFKA_PORT", "tcp://10.0.0.1:9092"), new("KAFKA_HOME", "/opt"),
                new("BARNABAS_BROKERS", "x:9092"), new("KAFKA_LOG_SEGMENTS_BYTES", "5"),
            ],
        });

        Assert.Empty(loaded.Faults);
        Assert.Equal(
            "environment variable KAFKA_LOG_SEGMENTS_BYTES: log.segments.bytes is no config; did you mean "
            + "log.segment.bytes?",
            Assert.Single(loaded.Warnings));
    }

    public static TheoryData<string, string> Faults => new()
    {
        {
            "\nnum.partitions=lots",
            "server.properties line 2: Invalid value lots for configuration num.partitions: Not a number of type INT"
        },
        {
            "log.segment.bytes=1",
            "server.properties line 1: Invalid value 1 for configuration log.segment.bytes: Value must be at "
            + "least 1048576"
        },
        { "node.id=1\nbroker.id=2", "server.properties line 2: Invalid value 2 for configuration broker.id: "
            + "You must set `node.id` to the same value as `broker.id`" },
        { "process.roles=broker", "server.properties line 1: Invalid value broker for configuration process.roles: "
            + "this version runs every node as both: process.roles=broker,controller" },
        { "controller.quorum.voters=1@a:1,2@b:1", "server.properties line 1: Invalid value 1@a:1,2@b:1 for "
            + "configuration controller.quorum.voters: this version runs clusters of one node: name node 1 "
            + "alone, or nobody" },
        { "log.dirs=/a,,/b", "server.properties line 1: Invalid value /a,,/b for configuration log.dirs: "
            + "At least one log directory must be defined via log.dirs or log.dir, none of them empty" },
        {
            "queued.max.request.bytes=5",
            "queued.max.request.bytes must be larger or equal to socket.request.max.bytes"
        },
        { "group.coordinator.rebalance.protocols=consumer", "Disabling the 'classic' protocol is not supported." },
        { "group.consumer.assignors=", "group.consumer.assignors must not be empty" },
        { "group.consumer.heartbeat.interval.ms=4999", "group.consumer.heartbeat.interval.ms must be greater than or "
            + "equal to group.consumer.min.heartbeat.interval.ms" },
        { "group.consumer.session.timeout.ms=60001", "group.consumer.session.timeout.ms must be less than or equal to "
            + "group.consumer.max.session.timeout.ms" },
        { "group.consumer.max.session.timeout.ms=44999", "group.consumer.max.session.timeout.ms must be greater than "
            + "or equal to group.consumer.min.session.timeout.ms" },
        { "zookeeper.connect=zk:2181", "node.id: a node of a cluster needs a number of its own: set node.id, or "
            + "broker.id" },
        { "node.id=1\nzookeeper.connect=zk:2181,:1", "server.properties line 2: Invalid value zk:2181,:1 for "
            + "configuration zookeeper.connect: ':1' names no host" },
        { "node.id=1\nzookeeper.connect=zk\nzookeeper.set.acl=true", "server.properties line 3: Invalid value true for "
            + "configuration zookeeper.set.acl: what is made would be nobody's: it needs a login "
            + "(barnabas.zookeeper.sasl.jaas.config), or a certificate (zookeeper.ssl.keystore.location)" },
        { "node.id=1\nzookeeper.connect=zk\nzookeeper.ssl.enabled.protocols=TLSv1.2,SSLv3", "server.properties line "
            + "3: Invalid value TLSv1.2,SSLv3 for configuration zookeeper.ssl.enabled.protocols: SSLv3 is not "
            + "spoken: there are TLSv1.2 and TLSv1.3" },
        { "node.id=1\nzookeeper.connect=zk\nzookeeper.ssl.cipher.suites=TLS_AES_128_GCM_SHA256,5", "server."
            + "properties line 3: Invalid value TLS_AES_128_GCM_SHA256,5 for configuration zookeeper.ssl.cipher.suites:"
            + " there is no cipher suite 5" },
        { "node.id=1\nzookeeper.connect=zk\nzookeeper.ssl.crl.enable=true", "server.properties line 3: Invalid value "
            + "true for configuration zookeeper.ssl.crl.enable: this version does not ask whether certificates were "
            + "revoked" },
        { "node.id=1\nzookeeper.connect=zk\nbarnabas.zookeeper.sasl.jaas.config=a required username=\"b\";",
            "server.properties line 3: Invalid value [hidden] for configuration barnabas.zookeeper.sasl.jaas.config: "
            + "it has to give a username and a password" },
        { "node.id=1\nzookeeper.connect=zk\ncontroller.quorum.voters=1@a:9093", "server.properties line 3: Invalid "
            + "value 1@a:9093 for configuration controller.quorum.voters: zookeeper.connect says who keeps the "
            + "metadata: remove one of them" },
        { "a=\\u1", "server.properties line 1: \\u must be followed by four hexadecimal digits" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_bad_value_stops_the_node_and_says_where_it_stands(string text, string fault)
    {
        var loaded = FromFile(text);

        Assert.Null(loaded.Configs);
        Assert.Equal([fault], loaded.Faults);
    }

    [Fact]
    public void An_authorizer_that_would_not_be_obeyed_stops_the_node() =>
        Assert.Contains("no authorization", Assert.Single(FromFile("authorizer.class.name=a.B").Faults));

    [Fact]
    public void All_faults_are_told_at_once() =>
        Assert.Equal(2, FromFile("num.partitions=0\nnum.io.threads=x").Faults.Count);

    [Fact]
    public void An_override_without_a_value_is_a_fault() => Assert.Equal(
        ["--override num.partitions: it reads --override key=value"],
        ServerConfigLoader.Load(new() { Overrides = ["num.partitions"] }).Faults);

    [Theory]
    [InlineData("log.dir.s=/a", "server.properties line 1: log.dir.s is no config; did you mean log.dirs?")]
    [InlineData("nonsense.of.mine=1", "server.properties line 1: nonsense.of.mine is no config that is known here")]
    [InlineData(
        "retention.ms=1",
        "server.properties line 1: retention.ms is no config of a node but of topics; for all topics set "
        + "log.retention.ms")]
    [InlineData(
        "zookeeper.metadata.migration.enable=true",
        "server.properties line 1: zookeeper.metadata.migration.enable has no effect: of ZooKeeper zookeeper.connect, "
            + "its timeouts, zookeeper.set.acl and zookeeper.ssl.* are known")]
    [InlineData("port=9092",
        "server.properties line 1: port has no effect: use listeners, as in listeners=PLAINTEXT://host:9092")]
    [InlineData(
        "num.partitions=1\nnum.partitions=2",
        "server.properties: num.partitions stands on lines 1 and 2; the last one counts")]
    [InlineData("num.io.threads=4", "accepted, but without effect in this version: num.io.threads")]
    public void What_will_not_do_what_it_says_is_told(string text, string warning) =>
        Assert.Equal([warning], FromFile(text).Warnings);

    [Fact]
    public void Where_an_ensemble_keeps_the_metadata_topics_have_the_copies_of_a_cluster()
    {
        string[] cluster = ["node.id=1", "zookeeper.connect=zk:2181/kafka"];
        Assert.Equal([1, 3], new[] { [], cluster }
            .Select(static given => ServerConfigLoader.Load(new() { Overrides = given }).Configs!)
            .Select(static configs => new EffectiveConfigs(configs).Broker(StoredConfigs.Empty))
            .Select(static broker => broker.OffsetsTopicReplicationFactor));
    }

    [Fact]
    public void The_login_to_an_ensemble_is_known_to_the_node_and_told_to_nobody()
    {
        const string key = "barnabas.zookeeper.sasl.jaas.config";
        var configs = new EffectiveConfigs(FromFile(
            $"node.id=1\nzookeeper.connect=zk\nzookeeper.set.acl=true\n{key}=a.B required username=\"b\" "
            + "password=\"c\";").Configs!);
        var keeper = configs.Broker(StoredConfigs.Empty).ZooKeeper!;
        Assert.Equal(("b", "c", true), (keeper.Login!["username"], keeper.Login["password"], keeper.SetsAcl));
        var told = configs.Describe(StoredConfigs.Empty, ConfigResource.Broker(new BrokerId(1)))
            .Single(one => one.Name == key);
        Assert.Equal((null, true), (told.Value, told.IsSensitive));
    }

    [Fact]
    public void A_broker_id_of_the_ZooKeeper_age_is_the_nodes_id() =>
        Assert.Equal(7, FromFile("broker.id=7\nzookeeper.connect=zk:2181").Configs!.Id.Value);

    private static LoadedConfigs FromFile(string text) =>
        ServerConfigLoader.Load(new() { File = new("server.properties", text) });
}
