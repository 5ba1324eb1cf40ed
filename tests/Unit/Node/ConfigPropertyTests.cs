using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Node.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What holds of configs whatever their values: texts of every kind, good and bad, for every config there
/// is.</summary>
public sealed class ConfigPropertyTests
{
    private static readonly Gen<string> Values = Gen.OneOf(
        ArbMap.Default.ArbFor<string>().Generator.Where(text => text is not null),
        ArbMap.Default.ArbFor<long>().Generator.Select(number => $"{number}"),
        Gen.Elements(
            "", " ", "true", "FALSE", "-1", "0", "1", " 5 ", "2147483647", "9223372036854775807",
            "-9223372036854775808",
            "0.5", "1e400", "NaN", ",", "a,,b", "delete", "compact,delete", "gzip", "by_duration:PT1H", "0:1,1:2", "*",
            "PLAINTEXT://:0", "a:1,[::1]:2", "12345678901234567890"));

    private static readonly Gen<(ConfigDefinition Definition, string Value)> OfBrokers =
        Settings(ConfigDefinitions.Broker);

    [Fact]
    public void A_value_is_good_or_refused_and_its_one_form_stays_as_it_is()
    {
        foreach (var table in Tables)
        {
            Check.QuickThrowOnFailure(Prop.ForAll(Settings(table).ToArbitrary(), setting =>
            {
                var (definition, value) = setting;
                if (definition.FaultOf(value) is { } fault)
                    return fault.Contains(definition.Name, StringComparison.Ordinal);
                var canonical = definition.Canonical(value);
                return definition.FaultOf(canonical) is null && definition.Canonical(canonical) == canonical;
            }));
        }
    }

    [Fact]
    public void Whatever_may_be_set_on_a_topic_can_be_read()
    {
        var topic = ConfigResource.Topic("t");
        Check.QuickThrowOnFailure(Prop.ForAll(Settings(ConfigDefinitions.Topic).ListOf().ToArbitrary(), settings =>
        {
            var outcome = ConfigAlteration.Incremental(topic, None, Operations(settings));
            var stored = outcome.Changes.Aggregate(
                StoredConfigs.Empty, (configs, change) => configs.With(topic, change.Name, change.Value));
            return Given().Topic(stored, "t").SegmentBytes > 0 && Given().Describe(stored, topic).Count > 0;
        }));
    }

    [Fact]
    public void Whatever_may_be_set_on_a_running_broker_can_be_read()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(OfBrokers.ListOf().ToArbitrary(), settings =>
        {
            var all = ConfigResource.AllBrokers;
            var outcome = ConfigAlteration.Incremental(all, None, Operations(settings));
            var stored = outcome.Changes.Aggregate(
                StoredConfigs.Empty, (configs, change) => configs.With(all, change.Name, change.Value));
            return Given().Broker(stored).Id == new BrokerId(1) && Given().Topic(stored, "t").SegmentBytes > 0;
        }));
    }

    [Fact]
    public void Altering_twice_alters_once()
    {
        var topic = ConfigResource.Topic("t");
        Check.QuickThrowOnFailure(Prop.ForAll(Settings(ConfigDefinitions.Topic).ListOf().ToArbitrary(), settings =>
        {
            var operations = Operations(settings);
            var first = ConfigAlteration.Incremental(topic, None, operations);
            var after = first.Changes.Aggregate(None, (map, change) => map.With(change.Name, change.Value!));
            var second = ConfigAlteration.Incremental(topic, after, operations);
            return first.Outcome.IsGood == second.Outcome.IsGood && second.Changes.Count == 0;
        }));
    }

    [Fact]
    public void A_node_is_given_configs_or_told_what_is_wrong()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(OfBrokers.ListOf().ToArbitrary(), settings =>
        {
            var overrides = settings.Select(s => $"{s.Definition.Name}={s.Value}").ToList();
            var loaded = ServerConfigLoader.Load(new() { Overrides = overrides });
            if (loaded.Configs is not { } configs)
                return loaded.Faults.Count > 0;
            var broker = new EffectiveConfigs(configs).Broker(StoredConfigs.Empty);
            return loaded.Faults.Count == 0 && broker.Network.Listeners.ForClients.Count > 0;
        }));
    }

    [Fact]
    public void Of_several_places_the_nearest_counts()
    {
        var places = from file in Gen.Choose(0, 9)
                     from environment in Gen.Choose(0, 9)
                     from line in Gen.Choose(0, 9)
                     select (file, environment, line);
        Check.QuickThrowOnFailure(Prop.ForAll(places.ToArbitrary(), place =>
        {
            var (file, environment, line) = place;
            var loaded = ServerConfigLoader.Load(new()
            {
                File = new("f", file == 0 ? "" : $"num.partitions={file}"),
                Environment = environment == 0 ? [] : [new("KAFKA_NUM_PARTITIONS", $"{environment}")],
                Overrides = line == 0 ? [] : [$"num.partitions={line}"],
            });
            var wanted = new[] { line, environment, file, 1 }.First(n => n != 0);
            return new EffectiveConfigs(loaded.Configs!).Broker(StoredConfigs.Empty).Partitions == wanted;
        }));
    }

    private static IEnumerable<ConfigTable> Tables =>
        [ConfigDefinitions.Topic, ConfigDefinitions.Broker, ConfigDefinitions.Group, ConfigDefinitions.ClientMetrics];

    private static PersistentMap<string, string> None => PersistentMap<string, string>.Empty(StringComparer.Ordinal);

    private static Gen<(ConfigDefinition Definition, string Value)> Settings(ConfigTable table) =>
        from definition in Gen.Elements(table.All.ToArray())
        from value in Gen.Frequency((3, Values), (1, Gen.Constant(definition.Default ?? "7")))
        select (definition, value);

    private static List<ConfigOperation> Operations(
        IEnumerable<(ConfigDefinition Definition, string Value)> settings) =>
    [
        .. settings.DistinctBy(s => s.Definition.Name)
            .Where(s => s.Definition.FaultOf(s.Value) is null)
            .Select(s => new ConfigOperation(s.Definition.Name, ConfigOperationKind.Set, s.Value)),
    ];

    private static EffectiveConfigs Given()
    {
        var listener = new Listener("PLAINTEXT", SecurityProtocol.Plaintext, "127.0.0.1", 9092);
        return new(new ServerConfigs(new(1), None, new([listener], [], [listener], "PLAINTEXT")));
    }
}
