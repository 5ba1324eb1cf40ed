namespace Barnabas.Cluster.Configs;

/// <summary>Which configs may stand together on a group.</summary>
internal static class GroupConfigRules
{
    private static readonly string[] SessionProtocols = ["consumer", "share", "streams"];

    /// <summary>Checks all that is to be set on a group.</summary>
    /// <param name="configs">Every config that will be set on it; each name once.</param>
    /// <param name="inherited">The value a config of groups has where it is not set here, and the value of a broker's
    /// config that bounds it; null for the defaults.</param>
    public static ConfigOutcome Check(
        IEnumerable<KeyValuePair<string, string?>> configs, Func<string, string?>? inherited)
    {
        var set = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in configs)
        {
            if (!ConfigDefinitions.Group.TryGet(name, out var definition))
                return ConfigOutcome.Invalid($"Unknown group config name: {name}");
            if (value is null)
                return ConfigOutcome.Invalid($"Null value not supported for group configs: {name}");
            if (definition.FaultOf(value) is { } fault)
                return ConfigOutcome.Invalid(fault);
            set[name] = value;
        }

        var values = new ConfigValues(
            ConfigDefinitions.Group, name => set.GetValueOrDefault(name) ?? inherited?.Invoke(name));
        var bounds = new ConfigValues(ConfigDefinitions.Broker, name => inherited?.Invoke(name));
        var odd = BoundFault(values, bounds, "heartbeat.interval.ms")
            ?? BoundFault(values, bounds, "session.timeout.ms");
        if (odd is not null)
            return ConfigOutcome.Invalid(odd);
        foreach (var protocol in SessionProtocols)
        {
            var (session, heartbeat) = ($"{protocol}.session.timeout.ms", $"{protocol}.heartbeat.interval.ms");
            if (values.Number(session) <= values.Number(heartbeat))
                return ConfigOutcome.Invalid($"{session} must be greater than {heartbeat}");
        }

        return ConfigOutcome.Good;
    }

    private static string? BoundFault(ConfigValues values, ConfigValues bounds, string time)
    {
        var (name, least, most) = ($"consumer.{time}", $"group.consumer.min.{time}", $"group.consumer.max.{time}");
        if (values.Number(name) < bounds.Number(least))
            return $"{name} must be greater than or equal to {least}";
        return values.Number(name) > bounds.Number(most) ? $"{name} must be less than or equal to {most}" : null;
    }
}
