namespace Barnabas.Cluster.Configs;

/// <summary>Which broker configs may stand together, whether given at the start or set while the broker runs.</summary>
public static class BrokerRules
{
    /// <summary>Says what is wrong with the values taken together, in Kafka's words; null when nothing is.</summary>
    public static string? CheckTogether(ConfigValues values)
    {
        if (values.NumberOrNull(BrokerConfigNames.LogRollMs) is < 1)
            return "log.roll.ms must be greater than or equal to 1";
        if (values.NumberOrNull(BrokerConfigNames.LogRollJitterMs) is < 0)
            return "log.roll.jitter.ms must be greater than or equal to 0";
        if (values.NumberOrNull(BrokerConfigNames.LogRetentionMs) is 0 or < -1)
            return "log.retention.ms must be unlimited (-1) or, greater than or equal to 1";
        var waiting = values.Number(BrokerConfigNames.QueuedMaxRequestBytes);
        if (waiting > 0 && waiting < values.Number(BrokerConfigNames.SocketRequestMaxBytes))
            return "queued.max.request.bytes must be larger or equal to socket.request.max.bytes";
        if (values.Number(BrokerConfigNames.LogCleanerMinCompactionLagMs)
            > values.Number(BrokerConfigNames.LogCleanerMaxCompactionLagMs))
        {
            return "log.cleaner.min.compaction.lag.ms must not be greater than log.cleaner.max.compaction.lag.ms";
        }

        return CheckOverrides(values.Word(BrokerConfigNames.MaxConnectionsPerIpOverrides));
    }

    private static string? CheckOverrides(string text)
    {
        foreach (var pair in ConfigSyntax.List(text))
        {
            var colon = pair.LastIndexOf(':');
            if (colon <= 0 || !int.TryParse(pair.AsSpan(colon + 1), out var count) || count < 0)
            {
                return $"Error parsing max.connections.per.ip.overrides: '{pair}' is not host:count";
            }
        }

        return null;
    }
}
