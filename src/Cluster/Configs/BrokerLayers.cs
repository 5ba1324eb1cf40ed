using System.Runtime.CompilerServices;
using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>The places below a topic or a group that give configs their values, in order: this broker, all
/// brokers, the node's file, the defaults.</summary>
internal sealed class BrokerLayers
{
    private const string WithoutEffect = " Accepted, but without effect in this version.";
    private readonly PersistentMap<string, string> _own;
    private readonly PersistentMap<string, string> _all;
    private readonly (PersistentMap<string, string> Values, ConfigSource Source)[] _layers;
    private readonly ServerConfigs _server;
    private readonly ConditionalWeakTable<PersistentMap<string, string>, TopicConfig> _topics = [];
    private readonly ConditionalWeakTable<PersistentMap<string, string>, ConsumerGroupConfig> _groups = [];
    private BrokerConfig? _broker;

    public BrokerLayers(
        PersistentMap<string, string> own, PersistentMap<string, string> all, ServerConfigs server)
    {
        (_own, _all, _server) = (own, all, server);
        _layers =
        [
            (own, ConfigSource.DynamicBroker), (all, ConfigSource.DynamicDefaultBroker),
            (server.Values, ConfigSource.StaticBroker),
        ];
    }

    /// <summary>The names that any place but the defaults gives a value; some may come twice.</summary>
    public IEnumerable<string> Names => _layers.SelectMany(layer => layer.Values).Select(pair => pair.Key);

    /// <summary>This node's configs; read once.</summary>
    public BrokerConfig Broker =>
        _broker ??= BrokerConfig.From(
            new(ConfigDefinitions.Broker, name => ResolveBroker(name).Value), _server);

    /// <summary>True when these layers were made of the given configs of this broker and of all.</summary>
    public bool IsOf(PersistentMap<string, string> own, PersistentMap<string, string> all) =>
        ReferenceEquals(own, _own) && ReferenceEquals(all, _all);

    /// <summary>The configs of a topic with the given overrides; read once for each object that holds
    /// overrides.</summary>
    public TopicConfig Topic(PersistentMap<string, string> overrides) =>
        _topics.TryGetValue(overrides, out var topic) ? topic : _topics.GetValue(overrides, ReadTopic);

    /// <summary>The configs of a group of the consumer protocol with the given overrides; read once for each object
    /// that holds overrides.</summary>
    public ConsumerGroupConfig ConsumerGroup(PersistentMap<string, string> overrides)
    {
        if (overrides.Count == 0)
            return Broker.Groups.Consumer;
        return _groups.TryGetValue(overrides, out var group) ? group : _groups.GetValue(overrides, ReadGroup);
    }

    /// <summary>What a broker config comes to, also one bound to a listener, and one nobody here
    /// knows.</summary>
    public ConfigEntry ResolveBroker(string name)
    {
        if (ConfigDefinitions.Broker.TryGetBound(name, out var definition))
        {
            return Resolve(definition, name, null, ConfigSource.DynamicBroker) with
            {
                IsReadOnly = definition.UpdateMode == ConfigUpdateMode.ReadOnly,
            };
        }

        List<ConfigSynonym> synonyms = [];
        foreach (var (values, source) in _layers)
        {
            if (values.ContainsKey(name))
                synonyms.Add(new(name, null, source));
        }

        var from = synonyms.Count > 0 ? synonyms[0].Source : ConfigSource.Default;
        return new(name, null, from, ConfigType.Unknown, synonyms, null)
        {
            IsReadOnly = true,
            IsSensitive = true,
        };
    }

    /// <summary>What a config comes to.</summary>
    /// <param name="definition">The config.</param>
    /// <param name="name">The name asked for: the definition's, or one bound to a listener.</param>
    /// <param name="own">What is set on the topic or group itself; null for a broker config.</param>
    /// <param name="ownSource">What to call that place.</param>
    public ConfigEntry Resolve(
        ConfigDefinition definition, string name, PersistentMap<string, string>? own, ConfigSource ownSource)
    {
        var synonyms = new List<ConfigSynonym>();
        if (own is not null && own.TryGetValue(name, out var set) && CanRead(definition, set))
            synonyms.Add(new(name, set, ownSource));
        var sources = SourcesOf(definition, name);
        foreach (var (values, source) in _layers)
            AddSet(synonyms, sources, values, source);
        foreach (var (standIn, d) in sources)
        {
            if (d.Default is { } standard && standIn.Name == d.Name)
                synonyms.Add(new(d.Name, standard, ConfigSource.Default));
        }

        var value = definition.Default;
        var counts = HeadOf(synonyms, definition, name);
        if (counts is { Value: { } first } head)
        {
            var factor = sources.FirstOrDefault(s => s.StandIn.Name == head.Name).StandIn;
            value = definition.Canonical(head.Source == ownSource && own is not null
                ? first
                : ConfigDefinition.Convert(first, factor));
        }

        if (definition.IsSensitive)
            synonyms = [.. synonyms.Select(s => s with { Value = null })];
        var from = counts?.Source ?? ConfigSource.Default;
        var meaning = definition.HasEffect ? definition.Meaning : definition.Meaning + WithoutEffect;
        return new(name, definition.IsSensitive ? null : value, from, definition.Type, synonyms, meaning)
        {
            IsSensitive = definition.IsSensitive,
        };
    }

    /// <summary>The place that counts: the first, but what is bound to a listener is never overruled by what holds for
    /// all.</summary>
    private static ConfigSynonym? HeadOf(List<ConfigSynonym> synonyms, ConfigDefinition definition, string name)
    {
        var bound = name == definition.Name ? -1 : synonyms.FindIndex(s => s.Name == name);
        return bound >= 0 ? synonyms[bound] : synonyms.Count > 0 ? synonyms[0] : null;
    }

    private TopicConfig ReadTopic(PersistentMap<string, string> overrides) =>
        TopicConfig.From(new(ConfigDefinitions.Topic, name =>
            Resolve(ConfigDefinitions.Topic[name], name, overrides, ConfigSource.DynamicTopic).Value));

    private ConsumerGroupConfig ReadGroup(PersistentMap<string, string> overrides)
    {
        var values = new ConfigValues(ConfigDefinitions.Group, name =>
            Resolve(ConfigDefinitions.Group[name], name, overrides, ConfigSource.DynamicGroup).Value);
        return Broker.Groups.Consumer with
        {
            SessionTimeout = values.Time(GroupConfigNames.ConsumerSessionTimeoutMs),
            HeartbeatInterval = values.Time(GroupConfigNames.ConsumerHeartbeatIntervalMs),
        };
    }

    private static void AddSet(
        List<ConfigSynonym> synonyms, List<(ConfigStandIn StandIn, ConfigDefinition Definition)> sources,
        PersistentMap<string, string> values, ConfigSource source)
    {
        foreach (var (standIn, definition) in sources)
        {
            if (values.TryGetValue(standIn.Name, out var text) && CanRead(definition, text))
                synonyms.Add(new(standIn.Name, text, source));
        }
    }

    /// <summary>The broker configs that can give the value: the name itself where it is one, then those
    /// standing in.</summary>
    private static List<(ConfigStandIn StandIn, ConfigDefinition Definition)> SourcesOf(
        ConfigDefinition definition, string name)
    {
        var sources = new List<(ConfigStandIn, ConfigDefinition)>();
        if (ConfigDefinitions.Broker.TryGetBound(name, out var self) && ReferenceEquals(self, definition))
        {
            sources.Add((new(name, 1), self));
            if (name != self.Name)
                sources.Add((new(self.Name, 1), self));
        }

        foreach (var standIn in definition.StandIns)
            sources.Add((standIn, ConfigDefinitions.Broker[standIn.Name]));
        return sources;
    }

    private static bool CanRead(ConfigDefinition definition, string text) =>
        ConfigSyntax.TryParse(definition.Type, text, out _, out _);
}
