using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster.Configs;

public sealed class ConfigAlterationTests
{
    private static readonly ConfigResource Orders = ConfigResource.Topic("orders");
    private static readonly ConfigResource Broker = ConfigResource.Broker(new(1));

    [Fact]
    public void Set_and_delete_come_to_records_only_where_something_changes()
    {
        var current = Map("retention.ms=1000", "segment.bytes=2097152", "flush.ms=5");

        var alteration = ConfigAlteration.Incremental(Orders, current,
        [
            new("retention.ms", ConfigOperationKind.Set, "2000"),
            new("segment.bytes", ConfigOperationKind.Set, "2097152"),
            new("flush.ms", ConfigOperationKind.Delete, null),
            new("flush.messages", ConfigOperationKind.Delete, null),
        ]);

        Assert.Equal(ConfigOutcome.Good, alteration.Outcome);
        Assert.Equal([new("flush.ms", null), new("retention.ms", "2000")], alteration.Changes);
    }

    [Theory]
    [InlineData("", ConfigOperationKind.Append, "compact", "delete,compact")]
    [InlineData("cleanup.policy=compact", ConfigOperationKind.Append, "compact,delete", "compact,delete")]
    [InlineData("cleanup.policy=compact,delete", ConfigOperationKind.Subtract, "compact", "delete")]
    [InlineData("cleanup.policy=compact", ConfigOperationKind.Subtract, "compact,delete", "")]
    [InlineData("", ConfigOperationKind.Subtract, "delete", "")]
    public void Lists_are_added_to_and_taken_from(string current, ConfigOperationKind kind, string value, string after)
    {
        var alteration = ConfigAlteration.Incremental(Orders, Map(current), [new("cleanup.policy", kind, value)]);

        Assert.Equal(ConfigOutcome.Good, alteration.Outcome);
        Assert.Equal([new("cleanup.policy", after)], alteration.Changes);
    }

    [Fact]
    public void Taking_what_is_not_there_changes_nothing()
    {
        var alteration = ConfigAlteration.Incremental(
            Orders, Map("cleanup.policy=delete"), [new("cleanup.policy", ConfigOperationKind.Subtract, "compact")]);

        Assert.Equal(ConfigOutcome.Good, alteration.Outcome);
        Assert.Empty(alteration.Changes);
    }

    [Fact]
    public void Only_lists_can_be_added_to() => Assert.Equal(
        ConfigOutcome.Invalid("Can't APPEND to key segment.bytes because its type is not LIST."),
        ConfigAlteration.Incremental(Orders, Map(), [new("segment.bytes", ConfigOperationKind.Append, "1")]).Outcome);

    [Theory]
    [InlineData("message.max.bytes", "Config value subtract is not allowed for config key: message.max.bytes")]
    [InlineData("no.such.config", "Unknown config name: no.such.config")]
    public void Of_a_brokers_configs_only_lists_can_be_taken_from(string name, string message) => Assert.Equal(
        ConfigOutcome.Invalid(message),
        ConfigAlteration.Incremental(Broker, Map(), [new(name, ConfigOperationKind.Subtract, "1")]).Outcome);

    [Fact]
    public void Values_may_not_be_null_nor_names_come_twice_nor_operations_be_unknown()
    {
        ConfigAlteration Alter(params ConfigOperation[] operations) =>
            ConfigAlteration.Incremental(Orders, Map(), operations);

        Assert.Equal(
            ConfigOutcome.Refused("Null value not supported for : retention.ms"),
            Alter(new ConfigOperation("retention.ms", ConfigOperationKind.Set, null)).Outcome);
        Assert.Equal(
            ConfigOutcome.Refused("Error due to duplicate config keys"),
            Alter(new("flush.ms", ConfigOperationKind.Set, "1"),
                new("flush.ms", ConfigOperationKind.Delete, null)).Outcome);
        Assert.Equal(
            ErrorCode.InvalidRequest,
            Alter(new ConfigOperation("flush.ms", (ConfigOperationKind)9, "1")).Outcome.Error);
    }

    [Fact]
    public void One_bad_value_stops_all_changes()
    {
        var alteration = ConfigAlteration.Incremental(Orders, Map(),
            [new("flush.ms", ConfigOperationKind.Set, "1"), new("segment.bytes", ConfigOperationKind.Set, "1")]);

        Assert.Equal(ErrorCode.InvalidConfig, alteration.Outcome.Error);
        Assert.Empty(alteration.Changes);
    }

    [Fact]
    public void A_value_longer_than_records_hold_is_refused()
    {
        var value = string.Join(',', Enumerable.Repeat("1:1", 10_000));

        var alteration = ConfigAlteration.Incremental(
            Orders, Map(), [new("leader.replication.throttled.replicas", ConfigOperationKind.Set, value)]);

        Assert.Equal(ErrorCode.InvalidConfig, alteration.Outcome.Error);
    }

    [Fact]
    public void Replacing_removes_what_is_not_wanted_any_more()
    {
        var alteration = ConfigAlteration.Replacing(
            Orders, Map("flush.ms=5", "retention.ms=1000"), [new("retention.ms", "1000"), new("segment.ms", "7")]);

        Assert.Equal([new("flush.ms", null), new("segment.ms", "7")], alteration.Changes);
    }

    [Fact]
    public void A_brokers_read_only_config_cannot_be_altered() => Assert.Equal(
        ConfigOutcome.Refused("Cannot update these configs dynamically: [log.dirs]"),
        ConfigAlteration.Incremental(Broker, Map(), [new("log.dirs", ConfigOperationKind.Append, "/b")]).Outcome);

    private static PersistentMap<string, string> Map(params string[] pairs)
    {
        var map = PersistentMap<string, string>.Empty(StringComparer.Ordinal);
        foreach (var pair in pairs.Where(p => p.Length > 0).Select(p => p.Split('=')))
            map = map.With(pair[0], pair[1]);
        return map;
    }
}
