using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster.Configs;

public sealed class TypedConfigTests
{
    [Fact]
    public void The_defaults_of_a_topic_are_Kafkas() => Assert.Equal(
        new TopicConfig
        {
            DeletesOldSegments = true,
            Compacts = false,
            Compression = TopicCompression.Producer,
            CompressionLevel = null,
            Durability = Durability.Auto,
            FileDeleteDelay = TimeSpan.FromMinutes(1),
            FlushMessages = null,
            FlushInterval = null,
            IndexIntervalBytes = 4096,
            MaxMessageBytes = 1048588,
            TimestampAfterMax = TimeSpan.FromHours(1),
            TimestampBeforeMax = null,
            TimestampType = TopicTimestampType.CreateTime,
            MinInsyncReplicas = 1,
            Preallocate = false,
            RetentionBytes = null,
            RetentionTime = TimeSpan.FromDays(7),
            SegmentBytes = 1 << 30,
            SegmentIndexBytes = 10 << 20,
            SegmentJitter = TimeSpan.Zero,
            SegmentAge = TimeSpan.FromDays(7),
            DeleteRetention = TimeSpan.FromDays(1),
            MinCleanableDirtyRatio = 0.5,
            MinCompactionLag = TimeSpan.Zero,
            MaxCompactionLag = null,
            UncleanLeaderElection = false,
            LeaderThrottledReplicas = ThrottledReplicas.None,
            FollowerThrottledReplicas = ThrottledReplicas.None,
        },
        TopicOf());

    [Fact]
    public void Every_topic_config_reaches_its_property()
    {
        var topic = TopicOf(
            "cleanup.policy=compact", "compression.type=zstd", "compression.zstd.level=7", "barnabas.durability=fsync",
            "flush.messages=10", "flush.ms=20", "message.timestamp.type=LogAppendTime", "retention.ms=-1",
            "retention.bytes=5", "segment.ms=9223372036854775807", "max.compaction.lag.ms=30",
            "leader.replication.throttled.replicas=0:1,1:2");

        Assert.False(topic.DeletesOldSegments);
        Assert.True(topic.Compacts);
        Assert.Equal((TopicCompression.Zstd, (int?)7), (topic.Compression, topic.CompressionLevel));
        Assert.Equal(Durability.Fsync, topic.Durability);
        Assert.Equal((10L, TimeSpan.FromMilliseconds(20)), (topic.FlushMessages, topic.FlushInterval));
        Assert.Equal(TopicTimestampType.LogAppendTime, topic.TimestampType);
        Assert.Equal((null, 5L), (topic.RetentionTime, topic.RetentionBytes));
        Assert.Equal(TimeSpan.MaxValue, topic.SegmentAge);
        Assert.Equal(TimeSpan.FromMilliseconds(30), topic.MaxCompactionLag);
        Assert.True(topic.LeaderThrottledReplicas.Contains(1, new(2)));
        Assert.False(topic.LeaderThrottledReplicas.Contains(1, new(1)));
        Assert.False(topic.FollowerThrottledReplicas.Contains(1, new(2)));
        Assert.True(TopicOf("leader.replication.throttled.replicas=*").LeaderThrottledReplicas.Contains(7, new(9)));
    }

    [Theory]
    [InlineData("auto", 1, true)]
    [InlineData("auto", 3, false)]
    [InlineData("fsync", 3, true)]
    [InlineData("page-cache", 1, false)]
    public void Durability_says_whether_a_write_is_synced_before_its_answer(string value, int replicas, bool syncs) =>
        Assert.Equal(syncs, TopicOf($"barnabas.durability={value}").SyncsBeforeAnswer(replicas));

    [Fact]
    public void A_broker_with_defaults_is_what_Kafka_documents()
    {
        var broker = BrokerOf();

        Assert.Equal(["./barnabas-data"], broker.LogDirs);
        Assert.Equal("./barnabas-data", broker.MetadataLog.Directory);
        Assert.Equal(TimeSpan.FromHours(1), broker.MetadataLog.SnapshotInterval);
        Assert.Equal(100 << 20, broker.Network.RequestMaxBytes);
        Assert.Equal(TimeSpan.FromMinutes(10), broker.Network.MaxIdle);
        Assert.Null(broker.Network.MaxRequestBytesInWork);
        Assert.Equal(TimeSpan.FromDays(1), broker.ProducerIdExpiration);
        Assert.Equal((true, true, 1, 1),
            (broker.AutoCreateTopics, broker.DeletesTopics, broker.Partitions, broker.ReplicationFactor));
    }

    [Fact]
    public void Every_broker_config_reaches_its_property()
    {
        var broker = BrokerOf(
            "log.dirs=/a, /b,/a", "metadata.log.dir=/m", "metadata.log.max.snapshot.interval.ms=0",
            "socket.receive.buffer.bytes=65536", "connections.max.idle.ms=-1", "queued.max.request.bytes=200000000",
            "listener.name.plaintext.max.connections=7", "max.connections.per.ip.overrides=10.0.0.1:3,[::1]:4,desk:5",
            "broker.rack=r1");

        Assert.Equal(["/a", "/b"], broker.LogDirs);
        Assert.Equal("/m", broker.MetadataLog.Directory);
        Assert.Null(broker.MetadataLog.SnapshotInterval);
        Assert.Null(broker.Network.SendBufferBytes);
        Assert.Equal(65536, broker.Network.ReceiveBufferBytes);
        Assert.Null(broker.Network.MaxIdle);
        Assert.Equal(7, broker.Network.MaxConnectionsOfListener["PLAINTEXT"]);
        Assert.Equal(200_000_000, broker.Network.MaxRequestBytesInWork);
        Assert.Equal(
            [new("10.0.0.1", 3), new("::1", 4), new("desk", 5)],
            broker.Network.MaxConnectionsPerIpOverrides.OrderBy(o => o.Value));
        Assert.Equal("r1", broker.Rack);
    }

    [Fact]
    public void A_broker_config_changed_while_it_runs_is_seen()
    {
        var configs = EffectiveConfigsTests.Given("max.connections=10");
        var stored = StoredConfigs.Empty.With(ConfigResource.Broker(new(1)), "max.connections", "20");

        Assert.Equal(10, configs.Broker(StoredConfigs.Empty).Network.MaxConnections);
        Assert.Equal(20, configs.Broker(stored).Network.MaxConnections);
    }

    [Fact]
    public void A_listeners_own_limit_is_not_lifted_by_the_limit_of_all()
    {
        var configs = EffectiveConfigsTests.Given("listener.name.plaintext.max.connections=5");
        var stored = StoredConfigs.Empty.With(ConfigResource.Broker(new(1)), "max.connections", "20");
        var network = configs.Broker(stored).Network;
        Assert.Equal((20, 5), (network.MaxConnections, network.MaxConnectionsOfListener["PLAINTEXT"]));

        stored = stored.With(ConfigResource.AllBrokers, "listener.name.plaintext.max.connections", "7");
        Assert.Equal(7, configs.Broker(stored).Network.MaxConnectionsOfListener["PLAINTEXT"]);
        stored = stored.With(ConfigResource.Broker(new(1)), "listener.name.plaintext.max.connections", "9");
        Assert.Equal(9, configs.Broker(stored).Network.MaxConnectionsOfListener["PLAINTEXT"]);
    }

    private static BrokerConfig BrokerOf(params string[] settings) =>
        EffectiveConfigsTests.Given(settings).Broker(StoredConfigs.Empty);

    private static TopicConfig TopicOf(params string[] overrides)
    {
        var stored = StoredConfigs.Empty;
        foreach (var pair in overrides.Select(o => o.Split('=', 2)))
            stored = stored.With(ConfigResource.Topic("t"), pair[0], pair[1]);
        return EffectiveConfigsTests.Given().Topic(stored, "t");
    }
}
