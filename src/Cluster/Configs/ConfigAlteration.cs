using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>A change of one config: a ConfigRecord to be.</summary>
/// <param name="Name">The config.</param>
/// <param name="Value">Its new value; null where it is removed.</param>
public readonly record struct ConfigChange(string Name, string? Value);

/// <summary>What a request to alter the configs of one resource comes to.</summary>
/// <remarks>Whether the resource exists, and whether it stands in the request once, is the caller's to
/// check.</remarks>
/// <param name="Outcome">Whether it is allowed.</param>
/// <param name="Changes">The changes to record, by name; empty where it is not allowed or changes
/// nothing.</param>
public sealed record ConfigAlteration(ConfigOutcome Outcome, IReadOnlyList<ConfigChange> Changes)
{
    /// <summary>Kafka takes no longer value: records hold its length in 16 bits in some places.</summary>
    private const int LongestValue = short.MaxValue;

    /// <summary>IncrementalAlterConfigs: the given operations, all others as they are (KIP-339).</summary>
    /// <param name="resource">Whose configs.</param>
    /// <param name="current">What is set on it now.</param>
    /// <param name="operations">The operations, at most one a config.</param>
    /// <param name="inherited">The value a topic config has where the topic does not set it; null for the
    /// defaults.</param>
    public static ConfigAlteration Incremental(
        ConfigResource resource, PersistentMap<string, string> current,
        IReadOnlyList<ConfigOperation> operations, Func<string, string?>? inherited = null)
    {
        var nulls = operations
            .Where(o => o.Value is null && o.Kind != ConfigOperationKind.Delete)
            .Select(o => o.Name)
            .ToList();
        if (nulls.Count > 0)
            return Refused($"Null value not supported for : {string.Join(", ", nulls)}");
        if (operations.DistinctBy(o => o.Name).Count() != operations.Count)
            return Refused("Error due to duplicate config keys");

        var after = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in current)
            after[name] = value;
        foreach (var operation in operations)
        {
            var fault = Perform(resource, after, operation);
            if (!fault.IsGood)
                return new(fault, []);
        }

        return Checked(resource, current, after, inherited);
    }

    /// <summary>AlterConfigs: exactly the given configs, all others are removed.</summary>
    /// <param name="resource">Whose configs.</param>
    /// <param name="current">What is set on it now.</param>
    /// <param name="wanted">What is to be set.</param>
    /// <param name="inherited">The value a topic config has where the topic does not set it; null for the
    /// defaults.</param>
    public static ConfigAlteration Replacing(
        ConfigResource resource, PersistentMap<string, string> current,
        IReadOnlyList<KeyValuePair<string, string?>> wanted, Func<string, string?>? inherited = null)
    {
        var nulls = wanted.Where(w => w.Value is null).Select(w => w.Key).ToList();
        if (nulls.Count > 0)
            return Refused($"Null value not supported for : {string.Join(",", nulls)}");
        var after = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in wanted)
        {
            if (value is not null && !after.TryAdd(name, value))
                return Refused("Error due to duplicate config keys");
        }

        return Checked(resource, current, after, inherited);
    }

    private static ConfigOutcome Perform(
        ConfigResource resource, SortedDictionary<string, string> after, ConfigOperation operation)
    {
        var (name, kind, value) = operation;
        switch (kind)
        {
            case ConfigOperationKind.Set when value is not null:
                after[name] = value;
                return ConfigOutcome.Good;
            case ConfigOperationKind.Delete:
                after.Remove(name);
                return ConfigOutcome.Good;
            case ConfigOperationKind.Append or ConfigOperationKind.Subtract when value is not null:
                return PerformOnList(resource, after, kind == ConfigOperationKind.Append, name, value);
            default:
                return ConfigOutcome.Refused($"Unknown operation type id {(sbyte)kind} for config {name}.");
        }
    }

    private static ConfigOutcome PerformOnList(
        ConfigResource resource, SortedDictionary<string, string> after, bool appends, string name,
        string elements)
    {
        ConfigDefinition? definition = null;
        ConfigRules.TableOf(resource.Type)?.TryGetBound(name, out definition);
        if (definition is not { Type: ConfigType.List })
            return ConfigOutcome.Invalid(SayNoList(resource.Type, definition, appends, name));

        var before = after.TryGetValue(name, out var set) ? set : definition.Default ?? "";
        var list = before.Split(',', StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var element in elements.Split(','))
        {
            if (!appends)
                list.Remove(element);
            else if (!list.Contains(element))
                list.Add(element);
        }

        after[name] = string.Join(',', list);
        return ConfigOutcome.Good;
    }

    /// <summary>Kafka says it differently for brokers, which check before they ask the controller.</summary>
    private static string SayNoList(
        ConfigResourceType type, ConfigDefinition? definition, bool appends, string name)
    {
        if (type != ConfigResourceType.Broker)
            return $"Can't {(appends ? "APPEND" : "SUBTRACT")} to key {name} because its type is not LIST.";
        return definition is null
            ? $"Unknown config name: {name}"
            : $"Config value {(appends ? "append" : "subtract")} is not allowed for config key: {name}";
    }

    private static ConfigAlteration Checked(
        ConfigResource resource, PersistentMap<string, string> current,
        SortedDictionary<string, string> after, Func<string, string?>? inherited)
    {
        if (after.Values.Any(value => value.Length > LongestValue))
        {
            return new(ConfigOutcome.Invalid("The configuration value cannot be added because it exceeds "
                + $"the maximum value size of {LongestValue} bytes."), []);
        }

        var configs = after.Select(p => KeyValuePair.Create(p.Key, (string?)p.Value));
        var outcome = ConfigRules.Check(resource, configs, inherited);
        if (!outcome.IsGood)
            return new(outcome, []);

        var changes = new List<ConfigChange>();
        foreach (var (name, _) in current)
        {
            if (!after.ContainsKey(name))
                changes.Add(new(name, null));
        }

        foreach (var (name, value) in after)
        {
            if (!current.TryGetValue(name, out var old) || old != value)
                changes.Add(new(name, value));
        }

        changes.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new(ConfigOutcome.Good, changes);
    }

    private static ConfigAlteration Refused(string message) => new(ConfigOutcome.Refused(message), []);
}
