namespace Barnabas.Cluster.Configs;

/// <summary>What Kafka's messages call the kinds of things that have configs.</summary>
internal static class ConfigResourceTypeExtensions
{
    /// <summary>The name of a kind; UNKNOWN of a number that is none.</summary>
    public static string Name(this ConfigResourceType type) => type switch
    {
        ConfigResourceType.Topic => "TOPIC",
        ConfigResourceType.Broker => "BROKER",
        ConfigResourceType.BrokerLogger => "BROKER_LOGGER",
        ConfigResourceType.ClientMetrics => "CLIENT_METRICS",
        ConfigResourceType.Group => "GROUP",
        _ => "UNKNOWN",
    };
}
