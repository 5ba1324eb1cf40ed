namespace Barnabas.Cluster.Configs;

/// <summary>Whether a broker config can be changed while the broker runs.</summary>
public enum ConfigUpdateMode
{
    /// <summary>Only by a restart.</summary>
    ReadOnly,

    /// <summary>Yes, for one broker at a time.</summary>
    PerBroker,

    /// <summary>Yes, for one broker or for all.</summary>
    ClusterWide,
}
