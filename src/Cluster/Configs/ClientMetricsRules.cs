namespace Barnabas.Cluster.Configs;

/// <summary>Which configs may stand together on a subscription to client metrics.</summary>
internal static class ClientMetricsRules
{
    public static ConfigOutcome Check(IEnumerable<KeyValuePair<string, string?>> configs)
    {
        foreach (var (name, value) in configs.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            if (!ConfigDefinitions.ClientMetrics.TryGet(name, out var definition))
                return ConfigOutcome.Refused($"Unknown client metrics configuration: {name}");
            if (value is null)
                continue;
            var fault = definition.FaultOf(value);
            if (fault is not null && name == ClientMetricsConfigNames.IntervalMs)
            {
                return ConfigOutcome.Refused(
                    $"Invalid value {value} for interval.ms, interval must be between 100 and 3600000 (1 hour)");
            }

            if (fault is null && name == ClientMetricsConfigNames.Match)
                fault = FaultOf(value);
            if (fault is not null)
                return ConfigOutcome.Invalid(fault);
        }

        return ConfigOutcome.Good;
    }

    private static string? FaultOf(string match)
    {
        var odd = ConfigSyntax.List(match.Trim()).FirstOrDefault(pattern => ClientPattern.TryParse(pattern) is null);
        return odd is null ? null : $"Illegal client matching pattern: {odd}";
    }
}
