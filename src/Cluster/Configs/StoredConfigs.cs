using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>The configs the cluster remembers: what ConfigRecords have set, nothing derived, nothing of
/// files.</summary>
/// <remarks>Immutable. A part of the cluster's state; a resource without configs is not in it.</remarks>
public sealed class StoredConfigs
{
    private static readonly PersistentMap<string, string> None =
        PersistentMap<string, string>.Empty(StringComparer.Ordinal);
    private readonly PersistentMap<ConfigResource, PersistentMap<string, string>> _all;

    private StoredConfigs(PersistentMap<ConfigResource, PersistentMap<string, string>> all) => _all = all;

    /// <summary>Nothing set.</summary>
    public static StoredConfigs Empty { get; } =
        new(PersistentMap<ConfigResource, PersistentMap<string, string>>.Empty());

    /// <summary>Every resource that has configs, in order.</summary>
    public IEnumerable<KeyValuePair<ConfigResource, PersistentMap<string, string>>> All => _all;

    /// <summary>The configs of a resource by name; empty where it has none.</summary>
    public PersistentMap<string, string> this[ConfigResource resource] =>
        _all.TryGetValue(resource, out var configs) ? configs : None;

    /// <summary>The configs after a ConfigRecord: <paramref name="value"/> is null where it removes
    /// one.</summary>
    public StoredConfigs With(ConfigResource resource, string name, string? value)
    {
        var configs = value is null ? this[resource].Without(name) : this[resource].With(name, value);
        return new(configs.Count == 0 ? _all.Without(resource) : _all.With(resource, configs));
    }

    /// <summary>The resources whose configs differ from an earlier version's.</summary>
    public IEnumerable<ConfigResource> ChangesSince(StoredConfigs before) =>
        _all.ChangesSince(before._all).Select(change => change.Key);

    /// <summary>The configs without those of a resource, as when a topic is deleted.</summary>
    public StoredConfigs Without(ConfigResource resource) =>
        _all.ContainsKey(resource) ? new(_all.Without(resource)) : this;
}
