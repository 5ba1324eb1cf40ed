using System.Globalization;

namespace Barnabas.Cluster.Configs;

/// <summary>Which configs may stand together on a thing: the checks before any of them is recorded.</summary>
/// <remarks>Kafka's texts, as clients and tools show them. Pure.</remarks>
public static class ConfigRules
{
    /// <summary>The definitions for a kind of resource; null where it has no configs.</summary>
    public static ConfigTable? TableOf(ConfigResourceType type) => type switch
    {
        ConfigResourceType.Topic => ConfigDefinitions.Topic,
        ConfigResourceType.Broker => ConfigDefinitions.Broker,
        ConfigResourceType.Group => ConfigDefinitions.Group,
        ConfigResourceType.ClientMetrics => ConfigDefinitions.ClientMetrics,
        _ => null,
    };

    /// <summary>Checks all that is to be set on a resource.</summary>
    /// <param name="resource">Whose configs.</param>
    /// <param name="configs">Every config that will be set on it, not only what changes; each name
    /// once.</param>
    /// <param name="inherited">The value a config has where the resource does not set it; null for the
    /// defaults.</param>
    public static ConfigOutcome Check(
        ConfigResource resource, IEnumerable<KeyValuePair<string, string?>> configs,
        Func<string, string?>? inherited = null) =>
        resource.Type switch
        {
            ConfigResourceType.Topic => resource.Name.Length == 0
                ? ConfigOutcome.Refused("Default topic resources are not allowed.")
                : CheckTopic(configs, inherited),
            ConfigResourceType.Broker => CheckBroker(resource.Name, configs, inherited),
            ConfigResourceType.Group => resource.Name.Length == 0
                ? ConfigOutcome.Refused("Default group resources are not allowed.")
                : GroupConfigRules.Check(configs, inherited),
            ConfigResourceType.ClientMetrics => resource.Name.Length == 0
                ? ConfigOutcome.Refused("Subscription name can't be empty")
                : ClientMetricsRules.Check(configs),
            _ => ConfigOutcome.Refused(
                $"Unexpected resource type {resource.Type.Name()}."),
        };

    /// <summary>Checks what is to be set on a topic, at its creation or later.</summary>
    /// <param name="configs">Every config that will be set on it; each name once.</param>
    /// <param name="inherited">The value a config has where the topic does not set it; null for the
    /// defaults.</param>
    public static ConfigOutcome CheckTopic(
        IEnumerable<KeyValuePair<string, string?>> configs, Func<string, string?>? inherited = null)
    {
        var set = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in configs)
            set[name] = value;
        var nulls = set.Where(c => c.Value is null).Select(c => c.Key).ToList();
        if (nulls.Count > 0)
        {
            return ConfigOutcome.Invalid(
                $"Null value not supported for topic configs: {string.Join(",", nulls)}");
        }

        var table = ConfigDefinitions.Topic;
        var unknown = set.Keys.FirstOrDefault(name => !table.TryGet(name, out _));
        if (unknown is not null)
            return ConfigOutcome.Invalid($"Unknown topic config name: {unknown}");
        foreach (var (name, value) in set)
        {
            if (value is not null && table[name].FaultOf(value) is { } fault)
                return ConfigOutcome.Invalid(fault);
        }

        var values = new ConfigValues(table, name => set.GetValueOrDefault(name) ?? inherited?.Invoke(name));
        return CheckTogether(values);
    }

    /// <summary>Checks what is to be set on brokers while they run.</summary>
    /// <param name="name">The broker's id, or empty for all brokers.</param>
    /// <param name="configs">Every config that will be set; each name once.</param>
    /// <param name="inherited">The value a config has where it is not set here; null for the defaults.</param>
    /// <returns>InvalidRequest where Kafka says so, though InvalidConfig would be truer
    /// (KAFKA-13609).</returns>
    public static ConfigOutcome CheckBroker(
        string name, IEnumerable<KeyValuePair<string, string?>> configs, Func<string, string?>? inherited = null)
    {
        var isNumber = int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        if (name.Length > 0 && !isNumber)
            return ConfigOutcome.Refused("Unable to parse broker name as a base 10 number.");
        if (name.StartsWith('-'))
            return ConfigOutcome.Refused("Invalid negative broker ID.");

        var set = configs.OrderBy(c => c.Key, StringComparer.Ordinal).ToList();
        var frozen = Named(set, ConfigUpdateMode.ReadOnly);
        if (frozen.Length > 0)
            return ConfigOutcome.Refused($"Cannot update these configs dynamically: [{frozen}]");
        foreach (var (key, value) in set)
        {
            if (value is null)
                return ConfigOutcome.Refused($"Null value not supported for : {key}");
            ConfigDefinitions.Broker.TryGetBound(key, out var definition);
            if (definition?.FaultOf(value) is { } fault)
                return ConfigOutcome.Refused(fault);
        }

        var single = Named(set, ConfigUpdateMode.PerBroker);
        if (name.Length == 0 && single.Length > 0)
        {
            return ConfigOutcome.Refused("Cannot update these configs at default cluster level, "
                + $"broker id must be specified: [{single}]");
        }

        var values = new ConfigValues(
            ConfigDefinitions.Broker, key => set.Find(c => c.Key == key).Value ?? inherited?.Invoke(key));
        return BrokerRules.CheckTogether(values) is { } odd ? ConfigOutcome.Refused(odd) : ConfigOutcome.Good;
    }

    private static string Named(List<KeyValuePair<string, string?>> set, ConfigUpdateMode mode) =>
        string.Join(", ", set
            .Where(c => ConfigDefinitions.Broker.TryGetBound(c.Key, out var d) && d.UpdateMode == mode)
            .Select(c => c.Key));

    private static ConfigOutcome CheckTogether(ConfigValues values)
    {
        var least = values.Number(TopicConfigNames.MinCompactionLagMs);
        var most = values.Number(TopicConfigNames.MaxCompactionLagMs);
        if (least > most)
        {
            return ConfigOutcome.Invalid("conflict topic config setting "
                + $"{TopicConfigNames.MinCompactionLagMs} ({least}) > {TopicConfigNames.MaxCompactionLagMs} ({most})");
        }

        return values.Flag(TopicConfigNames.RemoteStorageEnable)
            ? ConfigOutcome.Invalid("Tiered Storage functionality is disabled in the broker. "
                + "Topic cannot be configured with remote log storage.")
            : ConfigOutcome.Good;
    }
}
