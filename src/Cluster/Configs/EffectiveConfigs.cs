using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>What configs come to on this node: what the cluster remembers, over what the node was given, over
/// defaults.</summary>
/// <remarks>A topic's value is its own, else this broker's, else that of all brokers, else that of the node's
/// file, else the default. Safe to use from any lane: it holds no state but the last reading of the brokers' configs,
/// which stays good until one of them changes.</remarks>
public sealed class EffectiveConfigs(ServerConfigs server)
{
    private static readonly PersistentMap<string, string> None =
        PersistentMap<string, string>.Empty(StringComparer.Ordinal);

    private readonly ConfigResource _self = ConfigResource.Broker(server.Id);
    private volatile Reading? _last;

    /// <summary>What the node was given at its start.</summary>
    public ServerConfigs Server => server;

    /// <summary>What is wrong on purpose with what is decided by these configs: nothing, but in tests of the
    /// tests.</summary>
    internal PlantedBug Planted { get; init; }

    /// <summary>True when what is decided by these configs is to have this bug.</summary>
    internal bool Has(PlantedBug bug) => Planted == bug;

    /// <summary>The configs of a topic, typed. The same object as long as nothing that bears on it
    /// changes.</summary>
    /// <param name="stored">The configs of the state that is asked about.</param>
    /// <param name="name">The topic; it need not exist.</param>
    public TopicConfig Topic(StoredConfigs stored, string name) =>
        LayersOf(stored).Topic(stored[ConfigResource.Topic(name)]);

    /// <summary>The configs of this node, typed. The same object as long as they do not change.</summary>
    public BrokerConfig Broker(StoredConfigs stored) => LayersOf(stored).Broker;

    /// <summary>The configs of a group of the consumer protocol, typed; it need not exist. The same object as long as
    /// nothing that bears on it changes.</summary>
    public ConsumerGroupConfig ConsumerGroup(StoredConfigs stored, string id) =>
        LayersOf(stored).ConsumerGroup(stored[ConfigResource.Group(id)]);

    /// <summary>The value a config of a resource has where that does not set it, for <see cref="ConfigRules"/>; for a
    /// group also the values of the broker's configs that bound its own.</summary>
    /// <param name="stored">The configs of the state that is asked about.</param>
    /// <param name="resource">Whose config; client metrics subscriptions inherit nothing.</param>
    public Func<string, string?> Inherited(StoredConfigs stored, ConfigResource resource)
    {
        switch (resource.Type)
        {
            case ConfigResourceType.Topic:
                var layers = LayersOf(stored);
                return name => ConfigDefinitions.Topic.TryGet(name, out var definition)
                    ? layers.Resolve(definition, name, null, ConfigSource.Default).Value
                    : null;
            case ConfigResourceType.Broker:
                var all = resource == ConfigResource.AllBrokers ? None : stored[ConfigResource.AllBrokers];
                var below = new BrokerLayers(None, all, server);
                return name => below.ResolveBroker(name).Value;
            case ConfigResourceType.Group:
                var groups = LayersOf(stored);
                return name => ConfigDefinitions.Group.TryGet(name, out var definition)
                    ? groups.Resolve(definition, name, null, ConfigSource.Default).Value
                    : groups.ResolveBroker(name).Value;
            default:
                return _ => null;
        }
    }

    /// <summary>Says whether a resource can be described here.</summary>
    /// <remarks>Whether a topic exists is the caller's to check.</remarks>
    public ConfigOutcome CheckDescribed(ConfigResource resource) => resource.Type switch
    {
        ConfigResourceType.Topic => ConfigOutcome.Good,
        ConfigResourceType.Broker => CheckBroker(resource.Name),
        ConfigResourceType.Group when resource.Name.Length == 0 =>
            ConfigOutcome.Refused("Group name must not be empty"),
        ConfigResourceType.ClientMetrics when resource.Name.Length == 0 =>
            ConfigOutcome.Refused("Client metrics subscription name must not be empty"),
        ConfigResourceType.Group or ConfigResourceType.ClientMetrics => ConfigOutcome.Good,
        _ => ConfigOutcome.Refused(
            $"Unsupported resource type: {resource.Type.Name()}"),
    };

    /// <summary>The configs of a resource that <see cref="CheckDescribed"/> let pass, by name.</summary>
    public IReadOnlyList<ConfigEntry> Describe(StoredConfigs stored, ConfigResource resource)
    {
        var own = stored[resource];
        return resource.Type switch
        {
            ConfigResourceType.Topic => DescribeTopic(stored, own),
            ConfigResourceType.Broker when resource.Name.Length == 0 => DescribeAllBrokers(stored),
            ConfigResourceType.Broker => DescribeBroker(stored),
            ConfigResourceType.Group =>
                DescribeOwned(stored, ConfigDefinitions.Group, own, ConfigSource.DynamicGroup),
            ConfigResourceType.ClientMetrics =>
                DescribeOwned(stored, ConfigDefinitions.ClientMetrics, own, ConfigSource.DynamicClientMetrics),
            _ => [],
        };
    }

    /// <summary>The configs of a topic with the given overrides, which may be one that is not created
    /// yet.</summary>
    public IReadOnlyList<ConfigEntry> DescribeTopic(
        StoredConfigs stored, PersistentMap<string, string> overrides) =>
        DescribeOwned(stored, ConfigDefinitions.Topic, overrides, ConfigSource.DynamicTopic);

    private List<ConfigEntry> DescribeOwned(
        StoredConfigs stored, ConfigTable table, PersistentMap<string, string> own, ConfigSource ownSource)
    {
        var layers = LayersOf(stored);
        var entries = new List<ConfigEntry>();
        foreach (var definition in table.All)
        {
            if (!definition.IsInternal || own.ContainsKey(definition.Name))
                entries.Add(layers.Resolve(definition, definition.Name, own, ownSource));
        }

        return entries;
    }

    private List<ConfigEntry> DescribeBroker(StoredConfigs stored)
    {
        var layers = LayersOf(stored);
        var names = new SortedSet<string>(layers.Names, StringComparer.Ordinal);
        names.UnionWith(ConfigDefinitions.Broker.All.Where(d => !d.IsInternal).Select(d => d.Name));
        return [.. names.Select(layers.ResolveBroker)];
    }

    private List<ConfigEntry> DescribeAllBrokers(StoredConfigs stored)
    {
        var all = stored[ConfigResource.AllBrokers];
        var shared = new BrokerLayers(None, all, server);
        return [.. all.Select(c => Only(shared.ResolveBroker(c.Key)))];

        static ConfigEntry Only(ConfigEntry entry) => entry with
        {
            Synonyms = [.. entry.Synonyms.Where(s => s.Source == ConfigSource.DynamicDefaultBroker)],
        };
    }

    private ConfigOutcome CheckBroker(string name)
    {
        if (name.Length == 0 || name == _self.Name)
            return ConfigOutcome.Good;
        return ConfigOutcome.Refused(int.TryParse(name, out _)
            ? $"Unexpected broker id, expected {_self.Name} or empty string, but received {name}"
            : $"Broker id must be an integer, but it is: {name}");
    }

    private BrokerLayers LayersOf(StoredConfigs stored)
    {
        var last = _last;
        if (last is not null && last.Stored == stored)
            return last.Layers;
        var (own, all) = (stored[_self], stored[ConfigResource.AllBrokers]);
        var layers = last is not null && last.Layers.IsOf(own, all)
            ? last.Layers
            : new BrokerLayers(own, all, server);
        _last = new Reading(stored, layers);
        return layers;
    }

    /// <summary>What the brokers' configs came to in a state: who asks of the same again need not look.</summary>
    private sealed record Reading(StoredConfigs Stored, BrokerLayers Layers);
}
