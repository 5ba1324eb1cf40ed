namespace Barnabas.Cluster.Configs;

/// <summary>Where a config's value comes from, as DescribeConfigs numbers it.</summary>
public enum ConfigSource : sbyte
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>Set on the topic.</summary>
    DynamicTopic = 1,

    /// <summary>Set on this broker while the cluster runs.</summary>
    DynamicBroker = 2,

    /// <summary>Set for all brokers while the cluster runs.</summary>
    DynamicDefaultBroker = 3,

    /// <summary>Given to the node at its start: file, environment, command line.</summary>
    StaticBroker = 4,

    /// <summary>Set nowhere: what the program assumes.</summary>
    Default = 5,

    /// <summary>The level of a logger, set while the broker runs.</summary>
    DynamicBrokerLogger = 6,

    /// <summary>Set on the client metrics subscription.</summary>
    DynamicClientMetrics = 7,

    /// <summary>Set on the group.</summary>
    DynamicGroup = 8,
}
