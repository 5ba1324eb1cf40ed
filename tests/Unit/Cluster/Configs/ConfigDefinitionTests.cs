using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster.Configs;

public sealed class ConfigDefinitionTests
{
    public static TheoryData<string, string> GoodTopicValues => new()
    {
        { "segment.bytes", " 1048576 " },
        { "cleanup.policy", "" },
        { "cleanup.policy", "compact , delete" },
        { "compression.gzip.level", "-1" },
        { "compression.gzip.level", "9" },
        { "compression.zstd.level", "-131072" },
        { "preallocate", "TRUE" },
        { "min.cleanable.dirty.ratio", "1" },
        { "min.cleanable.dirty.ratio", "1e-3" },
        { "retention.ms", "-1" },
        { "retention.bytes", "-5" },
        { "leader.replication.throttled.replicas", "*" },
        { "leader.replication.throttled.replicas", "0:1,12:101" },
        { "barnabas.durability", "page-cache" },
    };

    public static TheoryData<string, string, string> BadTopicValues => new()
    {
        { "segment.bytes", "1048575",
            "Invalid value 1048575 for configuration segment.bytes: Value must be at least 1048576" },
        { "segment.bytes", "1g", "Invalid value 1g for configuration segment.bytes: Not a number of type INT" },
        { "segment.bytes", "2147483648",
            "Invalid value 2147483648 for configuration segment.bytes: Not a number of type INT" },
        { "retention.ms", "", "Invalid value  for configuration retention.ms: Not a number of type LONG" },
        { "retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1" },
        {
            "preallocate", "yes",
            "Invalid value yes for configuration preallocate: Expected value to be either true or false"
        },
        {
            "min.cleanable.dirty.ratio", "1.5",
            "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1"
        },
        {
            "compression.gzip.level", "0",
            "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1"
        },
        {
            "compression.type", "GZIP",
            "Invalid value GZIP for configuration compression.type: "
                + "String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer"
        },
        {
            "cleanup.policy", "delete,shrink",
            "Invalid value shrink for configuration cleanup.policy: String must be one of: compact, delete"
        },
        { "cleanup.policy", "delete,delete", "Configuration 'cleanup.policy' values must not be duplicated." },
        { "cleanup.policy", "delete,", "Configuration 'cleanup.policy' values must not be empty." },
        {
            "leader.replication.throttled.replicas", "1:2,x",
            "Invalid value [1:2, x] for configuration leader.replication.throttled.replicas: "
                + "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the "
                + "following format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."
        },
    };

    [Theory]
    [MemberData(nameof(GoodTopicValues))]
    public void A_good_value_has_no_fault(string name, string value) =>
        Assert.Null(ConfigDefinitions.Topic[name].FaultOf(value));

    [Theory]
    [MemberData(nameof(BadTopicValues))]
    public void A_bad_value_is_refused_in_Kafkas_words(string name, string value, string fault) =>
        Assert.Equal(fault, ConfigDefinitions.Topic[name].FaultOf(value));

    [Theory]
    [InlineData("group.consumer.migration.policy", "Upgrade", true)]
    [InlineData("group.consumer.migration.policy", "sideways", false)]
    [InlineData("remote.log.metadata.manager.impl.prefix", "", false)]
    public void Broker_values_are_checked_alike(string name, string value, bool isGood) =>
        Assert.Equal(isGood, ConfigDefinitions.Broker[name].FaultOf(value) is null);

    [Theory]
    [InlineData("by_duration:P3DT12H", true)]
    [InlineData("earliest", true)]
    [InlineData("never", false)]
    public void A_star_in_a_choice_stands_for_any_rest(string value, bool isGood) =>
        Assert.Equal(isGood, ConfigDefinitions.Group["share.auto.offset.reset"].FaultOf(value) is null);

    [Theory]
    [InlineData("segment.bytes", " 5", "5")]
    [InlineData("segment.bytes", "five", "five")]
    [InlineData("preallocate", "TRUE", "true")]
    [InlineData("cleanup.policy", "compact ,  delete", "compact,delete")]
    [InlineData("min.cleanable.dirty.ratio", "1", "1.0")]
    [InlineData("min.cleanable.dirty.ratio", ".25", "0.25")]
    [InlineData("min.cleanable.dirty.ratio", "2e20", "2.0E20")]
    [InlineData("min.cleanable.dirty.ratio", "1e400", "Infinity")]
    public void Values_have_one_form(string name, string value, string canonical) =>
        Assert.Equal(canonical, ConfigDefinitions.Topic[name].Canonical(value));

    [Theory]
    [InlineData("24", 3600000, "86400000")]
    [InlineData(" 1 ", 60000, "60000")]
    [InlineData("-1", 3600000, "-1")]
    [InlineData("-7", 60000, "-1")]
    [InlineData("-7", 1, "-7")]
    public void A_stand_in_is_converted_to_the_unit_it_stands_in_for(string text, int factor, string converted) =>
        Assert.Equal(converted, ConfigDefinition.Convert(text, new("x", factor)));

    [Fact]
    public void Every_default_is_a_good_value()
    {
        foreach (var definition in Everything())
        {
            if (definition.Default is { } standard)
                Assert.Null(definition.FaultOf(standard));
        }
    }

    [Fact]
    public void A_topics_default_is_that_of_the_broker_config_standing_in_for_it()
    {
        foreach (var topic in ConfigDefinitions.Topic.All.Where(d => d.StandIns.Count > 0))
        {
            var standIn = topic.StandIns.First(s => ConfigDefinitions.Broker[s.Name].Default is not null);
            var standard = ConfigDefinition.Convert(ConfigDefinitions.Broker[standIn.Name].Default!, standIn);
            Assert.Equal(topic.Default, standard);
        }
    }

    [Fact]
    public void Every_config_says_what_it_means()
    {
        foreach (var definition in Everything())
            Assert.EndsWith(".", definition.Meaning);
    }

    [Theory]
    [InlineData("listener.name.public.ssl.keystore.location", "ssl.keystore.location")]
    [InlineData("listener.name.public.scram-sha-256.sasl.jaas.config", "sasl.jaas.config")]
    [InlineData("log.dirs", "log.dirs")]
    [InlineData("listener.name.public.nothing", null)]
    [InlineData("listener.name.", null)]
    public void A_config_may_be_bound_to_a_listener_and_a_mechanism(string name, string? found)
    {
        ConfigDefinitions.Broker.TryGetBound(name, out var definition);
        Assert.Equal(found, definition?.Name);
    }

    private static IEnumerable<ConfigDefinition> Everything() =>
    [
        .. ConfigDefinitions.Topic.All, .. ConfigDefinitions.Broker.All, .. ConfigDefinitions.Group.All,
        .. ConfigDefinitions.ClientMetrics.All,
    ];
}
