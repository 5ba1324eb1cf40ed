using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>Which configs of the group coordinator may stand together.</summary>
internal static class CoordinatorRules
{
    /// <summary>Says what is wrong with the values taken together, in Kafka's words; null when nothing is.</summary>
    public static string? FaultOf(ConfigValues values)
    {
        if (!values.List(Names.GroupCoordinatorRebalanceProtocols).Contains("classic", StringComparer.Ordinal))
            return "Disabling the 'classic' protocol is not supported.";
        if (values.List(Names.GroupConsumerAssignors).Count == 0)
            return $"{Names.GroupConsumerAssignors} must not be empty";
        return BoundFault(
                values, Names.GroupConsumerHeartbeatIntervalMs, Names.GroupConsumerMinHeartbeatIntervalMs,
                Names.GroupConsumerMaxHeartbeatIntervalMs)
            ?? BoundFault(
                values, Names.GroupConsumerSessionTimeoutMs, Names.GroupConsumerMinSessionTimeoutMs,
                Names.GroupConsumerMaxSessionTimeoutMs)
            ?? (values.Number(Names.GroupConsumerHeartbeatIntervalMs)
                    >= values.Number(Names.GroupConsumerSessionTimeoutMs)
                ? $"{Names.GroupConsumerHeartbeatIntervalMs} must be less than {Names.GroupConsumerSessionTimeoutMs}"
                : null);
    }

    private static string? BoundFault(ConfigValues values, string name, string least, string most)
    {
        if (values.Number(most) < values.Number(least))
            return $"{most} must be greater than or equal to {least}";
        if (values.Number(name) < values.Number(least))
            return $"{name} must be greater than or equal to {least}";
        return values.Number(name) > values.Number(most) ? $"{name} must be less than or equal to {most}" : null;
    }
}
