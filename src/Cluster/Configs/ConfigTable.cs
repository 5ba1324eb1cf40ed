using System.Diagnostics.CodeAnalysis;

namespace Barnabas.Cluster.Configs;

/// <summary>The configs of one kind of thing, by name.</summary>
public sealed class ConfigTable
{
    private const string ListenerPrefix = "listener.name.";
    private static readonly string[] PluginPrefixes = ["rsm.config.", "rlmm.config.", "config.providers."];
    private readonly Dictionary<string, ConfigDefinition> _byName;

    internal ConfigTable(IReadOnlyList<ConfigDefinition> all)
    {
        All = all;
        _byName = all.ToDictionary(d => d.Name, StringComparer.Ordinal);
    }

    /// <summary>Every definition, in the order of their names.</summary>
    public IReadOnlyList<ConfigDefinition> All { get; }

    /// <summary>The definition of a config that must be known.</summary>
    /// <exception cref="KeyNotFoundException">It is not.</exception>
    public ConfigDefinition this[string name] => _byName[name];

    /// <summary>Finds a definition by the config's name.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out ConfigDefinition definition) =>
        _byName.TryGetValue(name, out definition);

    /// <summary>Finds the definition behind a name that may be bound to a listener and a SASL mechanism, as
    /// in
    /// <c>listener.name.public.plain.sasl.jaas.config</c>.</summary>
    public bool TryGetBound(string name, [MaybeNullWhen(false)] out ConfigDefinition definition)
    {
        if (_byName.TryGetValue(name, out definition))
            return true;
        if (!name.StartsWith(ListenerPrefix, StringComparison.Ordinal))
            return false;
        var afterListener = AfterDot(name, ListenerPrefix.Length);
        if (_byName.TryGetValue(afterListener, out definition))
            return true;
        return _byName.TryGetValue(AfterDot(afterListener, 0), out definition);
    }

    /// <summary>True of a name that belongs to a plug-in of Kafka, which alone knows what it means.</summary>
    public static bool IsPluginName(string name) =>
        PluginPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The name of a config bound to a listener.</summary>
    internal static string BoundName(string listener, string name) =>
        $"{ListenerPrefix}{listener.ToLowerInvariant()}.{name}";

    private static string AfterDot(string name, int from)
    {
        var dot = name.IndexOf('.', from);
        return dot < 0 ? "" : name[(dot + 1)..];
    }
}
