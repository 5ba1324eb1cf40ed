namespace Barnabas.Cluster.Configs;

/// <summary>Which configs may stand together on a group.</summary>
internal static class GroupConfigRules
{
    private static readonly string[] SessionProtocols = ["consumer", "share", "streams"];

    public static ConfigOutcome Check(IEnumerable<KeyValuePair<string, string?>> configs)
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

        var values = new ConfigValues(ConfigDefinitions.Group, set.GetValueOrDefault);
        foreach (var protocol in SessionProtocols)
        {
            var (session, heartbeat) = ($"{protocol}.session.timeout.ms", $"{protocol}.heartbeat.interval.ms");
            if (values.Number(session) <= values.Number(heartbeat))
                return ConfigOutcome.Invalid($"{session} must be greater than {heartbeat}");
        }

        return ConfigOutcome.Good;
    }
}
