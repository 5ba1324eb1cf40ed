using System.Globalization;

namespace Barnabas.Cluster.Configs;

/// <summary>Which broker configs may stand together, whether given at the start or set while the broker
/// runs.</summary>
public static class BrokerRules
{
    /// <summary>Says what is wrong with the values taken together, in Kafka's words; null when nothing
    /// is.</summary>
    public static string? CheckTogether(ConfigValues values)
    {
        if (values.NumberOrNull(BrokerConfigNames.LogRollMs) is < 1)
            return "log.roll.ms must be greater than or equal to 1";
        if (values.NumberOrNull(BrokerConfigNames.LogRollJitterMs) is < 0)
            return "log.roll.jitter.ms must be greater than or equal to 0";
        if (RetentionOf(values) == 0)
            return "log.retention.ms must be unlimited (-1) or, greater than or equal to 1";
        var waiting = values.Number(BrokerConfigNames.QueuedMaxRequestBytes);
        if (waiting > 0 && waiting < values.Number(BrokerConfigNames.SocketRequestMaxBytes))
            return "queued.max.request.bytes must be larger or equal to socket.request.max.bytes";
        if (values.Number(BrokerConfigNames.LogCleanerMinCompactionLagMs)
            > values.Number(BrokerConfigNames.LogCleanerMaxCompactionLagMs))
        {
            return "log.cleaner.min.compaction.lag.ms must not be greater than "
                + "log.cleaner.max.compaction.lag.ms";
        }

        var wait = values.Number(BrokerConfigNames.ReplicaFetchWaitMaxMs);
        if (wait > values.Number(BrokerConfigNames.ReplicaSocketTimeoutMs))
        {
            return "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent "
                + "unnecessary socket timeouts";
        }

        if (wait > values.Number(BrokerConfigNames.ReplicaLagTimeMaxMs))
        {
            return "replica.fetch.wait.max.ms should always be lower than or equal to replica.lag.time.max.ms to "
                + "prevent frequent changes in ISR";
        }

        if (values.Text(BrokerConfigNames.ReplicaSelectorClass) is { } selector
            and not (ReplicationConfig.RackAwareSelector or ReplicationConfig.LeaderSelector))
        {
            return $"Invalid value {selector} for configuration {BrokerConfigNames.ReplicaSelectorClass}: "
                + $"it is neither {ReplicationConfig.RackAwareSelector} nor {ReplicationConfig.LeaderSelector}";
        }

        return CoordinatorRules.FaultOf(values) ?? OverridesFault(values);
    }

    /// <summary>The limits in <c>max.connections.per.ip.overrides</c>, by host; what cannot be read is left
    /// out.</summary>
    internal static SortedDictionary<string, int> Overrides(string text)
    {
        var overrides = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var pair in ConfigSyntax.List(text))
        {
            if (TryParseOverride(pair, out var host, out var count))
                overrides[host] = count;
        }

        return overrides;
    }

    private static string? OverridesFault(ConfigValues values)
    {
        const string Overrides = BrokerConfigNames.MaxConnectionsPerIpOverrides;
        var pairs = values.List(Overrides);
        var odd = pairs.FirstOrDefault(pair => !TryParseOverride(pair, out _, out _));
        if (odd is not null)
            return $"Invalid value {odd} for configuration {Overrides}: it is not host:count";
        return values.Number(BrokerConfigNames.MaxConnectionsPerIp) == 0 && pairs.Count == 0
            ? $"{BrokerConfigNames.MaxConnectionsPerIp} can be set to zero only if {Overrides} property is set."
            : null;
    }

    /// <summary>The retention in whatever unit it is given; what is below zero means no limit.</summary>
    private static long? RetentionOf(ConfigValues values) =>
        values.NumberOrNull(BrokerConfigNames.LogRetentionMs)
        ?? values.NumberOrNull(BrokerConfigNames.LogRetentionMinutes)
        ?? values.NumberOrNull(BrokerConfigNames.LogRetentionHours);

    private static bool TryParseOverride(string pair, out string host, out int count)
    {
        var colon = pair.LastIndexOf(':');
        host = colon > 0 ? pair[..colon].Trim('[', ']') : "";
        count = 0;
        return host.Length > 0
            && int.TryParse(
                pair.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }
}
