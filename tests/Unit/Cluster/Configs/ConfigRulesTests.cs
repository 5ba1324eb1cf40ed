using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster.Configs;

public sealed class ConfigRulesTests
{
    [Fact]
    public void Good_topic_configs_pass() => Assert.Equal(
        ConfigOutcome.Good, ConfigRules.CheckTopic(Pairs("segment.bytes=2097152", "cleanup.policy=compact,delete")));

    [Theory]
    [InlineData("segmnt.bytes=1", "Unknown topic config name: segmnt.bytes")]
    [InlineData("log.segment.bytes=1048576", "Unknown topic config name: log.segment.bytes")]
    [InlineData("retention.ms", "Null value not supported for topic configs: retention.ms")]
    [InlineData(
        "min.compaction.lag.ms=2000;max.compaction.lag.ms=1000",
        "conflict topic config setting min.compaction.lag.ms (2000) > max.compaction.lag.ms (1000)")]
    [InlineData(
        "remote.storage.enable=true",
        "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.")]
    [InlineData("max.message.bytes=x", "Invalid value x for configuration max.message.bytes: Not a number of type INT")]
    public void Bad_topic_configs_are_INVALID_CONFIG(string configs, string message) => Assert.Equal(
        new ConfigOutcome(ErrorCode.InvalidConfig, message), ConfigRules.CheckTopic(Pairs(configs.Split(';'))));

    [Fact]
    public void What_a_topic_inherits_counts_in_checks_across_configs()
    {
        var outcome = ConfigRules.CheckTopic(
            Pairs("max.compaction.lag.ms=1000"), name => name == "min.compaction.lag.ms" ? "5000" : null);

        Assert.Equal("conflict topic config setting min.compaction.lag.ms (5000) > max.compaction.lag.ms (1000)",
            outcome.Message);
    }

    [Theory]
    [InlineData("7", "log.retention.ms=1000;message.max.bytes=2000000", null)]
    [InlineData("", "log.retention.ms=1000", null)]
    [InlineData("7", "a.config.of.some.plugin=1", null)]
    [InlineData("7", "node.id=8;log.dirs=/x;log.retention.ms=1",
        "Cannot update these configs dynamically: [log.dirs, node.id]")]
    [InlineData("7", "log.segment.bytes=14",
        "Invalid value 14 for configuration log.segment.bytes: Value must be at least 1048576")]
    [InlineData("7", "log.retention.ms=0", "log.retention.ms must be unlimited (-1) or, greater than or equal to 1")]
    [InlineData("7", "listener.name.x.ssl.keystore.location=/k", null)]
    [InlineData(
        "", "ssl.keystore.location=/k",
        "Cannot update these configs at default cluster level, broker id must be specified: [ssl.keystore.location]")]
    [InlineData("seven", "log.retention.ms=1", "Unable to parse broker name as a base 10 number.")]
    [InlineData("-7", "log.retention.ms=1", "Invalid negative broker ID.")]
    public void Broker_configs_are_refused_with_INVALID_REQUEST(string broker, string configs, string? message)
    {
        var outcome = ConfigRules.Check(new(ConfigResourceType.Broker, broker), Pairs(configs.Split(';')));

        Assert.Equal(message is null ? ConfigOutcome.Good : new(ErrorCode.InvalidRequest, message), outcome);
    }

    [Theory]
    [InlineData(ConfigResourceType.Topic, "", "Default topic resources are not allowed.")]
    [InlineData(ConfigResourceType.Group, "", "Default group resources are not allowed.")]
    [InlineData(ConfigResourceType.ClientMetrics, "", "Subscription name can't be empty")]
    [InlineData(ConfigResourceType.Unknown, "x", "Unexpected resource type UNKNOWN.")]
    public void Things_without_configs_are_refused(ConfigResourceType type, string name, string message) =>
        Assert.Equal(
        ConfigOutcome.Refused(message), ConfigRules.Check(new(type, name), []));

    [Theory]
    [InlineData("consumer.heartbeat.interval.ms", 4_999,
        "greater than or equal to group.consumer.min.heartbeat.interval.ms")]
    [InlineData("consumer.heartbeat.interval.ms", 15_001,
        "less than or equal to group.consumer.max.heartbeat.interval.ms")]
    [InlineData("consumer.session.timeout.ms", 44_999,
        "greater than or equal to group.consumer.min.session.timeout.ms")]
    [InlineData("consumer.session.timeout.ms", 60_001,
        "less than or equal to group.consumer.max.session.timeout.ms")]
    [InlineData("share.session.timeout.ms", 4_000, "greater than share.heartbeat.interval.ms")]
    public void A_groups_times_keep_to_the_brokers_bounds_and_to_each_other(string name, int ms, string bound) =>
        Assert.Equal(
            ConfigOutcome.Invalid($"{name} must be {bound}"),
            ConfigRules.Check(new(ConfigResourceType.Group, "g"), Pairs($"{name}={ms}")));

    [Fact]
    public void The_bounds_of_a_groups_times_and_what_it_leaves_out_are_the_brokers()
    {
        static string? OfBroker(string name) => name switch
        {
            "group.consumer.min.session.timeout.ms" => "1000",
            "consumer.heartbeat.interval.ms" => "6000",
            _ => null,
        };
        var group = new ConfigResource(ConfigResourceType.Group, "g");
        Assert.Equal(
            ConfigOutcome.Good, ConfigRules.Check(group, Pairs("consumer.session.timeout.ms=6001"), OfBroker));
        Assert.Equal(
            ConfigOutcome.Invalid("consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms"),
            ConfigRules.Check(group, Pairs("consumer.session.timeout.ms=6000"), OfBroker));
    }

    private static IEnumerable<KeyValuePair<string, string?>> Pairs(params string[] texts) =>
        texts.Select(text => text.Split('=', 2)).Select(p => KeyValuePair.Create(p[0], p.Length > 1 ? p[1] : null));
}
