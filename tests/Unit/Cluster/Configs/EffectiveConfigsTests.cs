using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster.Configs;

public sealed class EffectiveConfigsTests
{
    private static readonly ConfigResource Orders = ConfigResource.Topic("orders");
    private static readonly ConfigResource Self = ConfigResource.Broker(new(1));

    [Fact]
    public void A_topic_without_anything_has_the_defaults()
    {
        var entry = Topic(Given(), StoredConfigs.Empty, "segment.bytes");

        Assert.Equal("1073741824", entry.Value);
        Assert.Equal(ConfigSource.Default, entry.Source);
        Assert.True(entry.IsDefault);
        Assert.Equal([new("log.segment.bytes", "1073741824", ConfigSource.Default)], entry.Synonyms);
        Assert.Equal(ConfigType.Int, entry.Type);
        Assert.Equal("The size at which a segment is closed and the next one begun.", entry.Documentation);
        Assert.False(entry.IsReadOnly);
    }

    [Fact]
    public void The_nearest_place_counts_and_all_are_told()
    {
        var stored = StoredConfigs.Empty
            .With(Orders, "segment.bytes", "1100000")
            .With(Self, "log.segment.bytes", "1200000")
            .With(ConfigResource.AllBrokers, "log.segment.bytes", "1300000")
            .With(ConfigResource.Broker(new(2)), "log.segment.bytes", "7777777");
        var configs = Given("log.segment.bytes=1400000");

        var entry = Topic(configs, stored, "segment.bytes");

        Assert.Equal("1100000", entry.Value);
        Assert.Equal(
            [
                new("segment.bytes", "1100000", ConfigSource.DynamicTopic),
                new("log.segment.bytes", "1200000", ConfigSource.DynamicBroker),
                new("log.segment.bytes", "1300000", ConfigSource.DynamicDefaultBroker),
                new("log.segment.bytes", "1400000", ConfigSource.StaticBroker),
                new("log.segment.bytes", "1073741824", ConfigSource.Default),
            ],
            entry.Synonyms);

        stored = stored.With(Orders, "segment.bytes", null);
        Assert.Equal(("1200000", ConfigSource.DynamicBroker), ValueOf(configs, stored));
        stored = stored.With(Self, "log.segment.bytes", null);
        Assert.Equal(("1300000", ConfigSource.DynamicDefaultBroker), ValueOf(configs, stored));
        stored = stored.With(ConfigResource.AllBrokers, "log.segment.bytes", null);
        Assert.Equal(("1400000", ConfigSource.StaticBroker), ValueOf(configs, stored));

        static (string?, ConfigSource) ValueOf(EffectiveConfigs configs, StoredConfigs stored)
        {
            var entry = Topic(configs, stored, "segment.bytes");
            return (entry.Value, entry.Source);
        }
    }

    [Theory]
    [InlineData("log.retention.hours=2", "7200000", "log.retention.hours")]
    [InlineData("log.retention.hours=2;log.retention.minutes=3", "180000", "log.retention.minutes")]
    [InlineData("log.retention.hours=2;log.retention.minutes=3;log.retention.ms=4", "4", "log.retention.ms")]
    [InlineData("log.retention.minutes=-1", "-1", "log.retention.minutes")]
    public void Time_may_be_given_in_several_units(string given, string value, string from)
    {
        var entry = Topic(Given(given.Split(';')), StoredConfigs.Empty, "retention.ms");

        Assert.Equal(value, entry.Value);
        Assert.Equal(from, entry.Synonyms[0].Name);
        Assert.Equal(ConfigSource.StaticBroker, entry.Source);
    }

    [Fact]
    public void A_stored_value_that_cannot_be_read_counts_as_not_set()
    {
        var stored = StoredConfigs.Empty.With(Orders, "segment.bytes", "big");

        Assert.Equal(ConfigSource.Default, Topic(Given(), stored, "segment.bytes").Source);
        Assert.Equal(1 << 30, Given().Topic(stored, "orders").SegmentBytes);
    }

    [Fact]
    public void Internal_configs_are_told_only_where_they_are_set()
    {
        var configs = Given();
        var stored = StoredConfigs.Empty.With(Orders, "internal.segment.bytes", "100");

        Assert.DoesNotContain(configs.Describe(StoredConfigs.Empty, Orders), e => e.Name == "internal.segment.bytes");
        Assert.Contains(configs.Describe(stored, Orders), e => e.Name == "internal.segment.bytes");
        Assert.Equal(100, configs.Topic(stored, "orders").SegmentBytes);
    }

    [Fact]
    public void A_broker_tells_what_can_change_and_hides_secrets_and_what_it_does_not_know()
    {
        var configs = Given("ssl.key.password=hush", "some.plugin.key=x", "log.retention.hours=1");
        var entries = configs.Describe(StoredConfigs.Empty, Self).ToDictionary(e => e.Name);

        Assert.True(entries["node.id"].IsReadOnly);
        Assert.False(entries["log.retention.ms"].IsReadOnly);
        Assert.Equal("3600000", entries["log.retention.ms"].Value);
        Assert.Equal(
            ("./barnabas-data", ConfigSource.Default), (entries["log.dirs"].Value, entries["log.dirs"].Source));

        var secret = entries["ssl.key.password"];
        Assert.Equal((null, true, ConfigSource.StaticBroker), (secret.Value, secret.IsSensitive, secret.Source));
        Assert.All(secret.Synonyms, s => Assert.Null(s.Value));

        var unknown = entries["some.plugin.key"];
        Assert.Equal((null, true, ConfigType.Unknown), (unknown.Value, unknown.IsSensitive, unknown.Type));
    }

    [Fact]
    public void What_holds_for_all_brokers_is_described_alone()
    {
        var stored = StoredConfigs.Empty
            .With(ConfigResource.AllBrokers, "message.max.bytes", "5000")
            .With(Self, "message.max.bytes", "6000");

        var entry = Assert.Single(Given("message.max.bytes=7000").Describe(stored, ConfigResource.AllBrokers));

        Assert.Equal(("message.max.bytes", "5000"), (entry.Name, entry.Value));
        Assert.Equal([new("message.max.bytes", "5000", ConfigSource.DynamicDefaultBroker)], entry.Synonyms);
    }

    [Theory]
    [InlineData(ConfigResourceType.Broker, "1", null)]
    [InlineData(ConfigResourceType.Broker, "", null)]
    [InlineData(ConfigResourceType.Broker, "2", "Unexpected broker id, expected 1 or empty string, but received 2")]
    [InlineData(ConfigResourceType.Broker, "x", "Broker id must be an integer, but it is: x")]
    [InlineData(ConfigResourceType.Group, "", "Group name must not be empty")]
    [InlineData(ConfigResourceType.Unknown, "", "Unsupported resource type: UNKNOWN")]
    public void Only_what_is_here_can_be_described(ConfigResourceType type, string name, string? message) =>
        Assert.Equal(message, Given().CheckDescribed(new(type, name)).Message);

    [Fact]
    public void Groups_and_subscriptions_are_described_alike()
    {
        var group = new ConfigResource(ConfigResourceType.Group, "g");
        var stored = StoredConfigs.Empty.With(group, "consumer.session.timeout.ms", "50000");

        var entry = Given().Describe(stored, group).Single(e => e.Name == "consumer.session.timeout.ms");

        Assert.Equal(("50000", ConfigSource.DynamicGroup), (entry.Value, entry.Source));
        Assert.Equal("group.consumer.session.timeout.ms", entry.Synonyms[1].Name);
        Assert.Equal(3, Given().Describe(stored, new(ConfigResourceType.ClientMetrics, "m")).Count);
    }

    [Fact]
    public void Typed_configs_are_the_same_object_until_something_bears_on_them()
    {
        var configs = Given();
        var stored = StoredConfigs.Empty.With(Orders, "retention.ms", "1000");
        var (orders, broker) = (configs.Topic(stored, "orders"), configs.Broker(stored));

        var elsewhere = stored.With(ConfigResource.Topic("other"), "retention.ms", "2000");
        Assert.Same(orders, configs.Topic(elsewhere, "orders"));
        Assert.Same(broker, configs.Broker(elsewhere));
        Assert.Same(configs.Topic(elsewhere, "a"), configs.Topic(elsewhere, "b"));

        var below = stored.With(ConfigResource.AllBrokers, "log.segment.bytes", "2000000");
        Assert.Equal(orders with { SegmentBytes = 2000000 }, configs.Topic(below, "orders") with
        {
            LeaderThrottledReplicas = orders.LeaderThrottledReplicas,
            FollowerThrottledReplicas = orders.FollowerThrottledReplicas,
        });
    }

    [Fact]
    public void A_check_across_configs_sees_what_brokers_set()
    {
        var stored = StoredConfigs.Empty.With(ConfigResource.AllBrokers, "log.cleaner.min.compaction.lag.ms", "5000");

        Assert.Equal("5000", Given().Inherited(stored, Orders)("min.compaction.lag.ms"));
        Assert.Null(Given().Inherited(stored, Orders)("no.such.config"));
    }

    internal static EffectiveConfigs Given(params string[] settings)
    {
        var values = PersistentMap<string, string>.Empty(StringComparer.Ordinal);
        foreach (var pair in settings.Select(s => s.Split('=', 2)))
            values = values.With(pair[0], pair[1]);
        var listener = new Listener("PLAINTEXT", SecurityProtocol.Plaintext, "127.0.0.1", 9092);
        return new(new ServerConfigs(new(1), values, new([listener], [], [listener], "PLAINTEXT")));
    }

    private static ConfigEntry Topic(EffectiveConfigs configs, StoredConfigs stored, string name) =>
        configs.Describe(stored, Orders).Single(e => e.Name == name);
}
