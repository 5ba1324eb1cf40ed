namespace Barnabas.Cluster.Configs;

/// <summary>Whose config it is, as the protocol and ConfigRecord number it.</summary>
public enum ConfigResourceType : sbyte
{
    /// <summary>Nothing known.</summary>
    Unknown = 0,

    /// <summary>A topic.</summary>
    Topic = 2,

    /// <summary>A broker by its id, or all brokers where the name is empty.</summary>
    Broker = 4,

    /// <summary>The loggers of a broker.</summary>
    BrokerLogger = 8,

    /// <summary>A client metrics subscription (KIP-714).</summary>
    ClientMetrics = 16,

    /// <summary>A group.</summary>
    Group = 32,
}
