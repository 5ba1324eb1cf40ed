namespace Barnabas.Cluster.Configs;

/// <summary>How much a config matters.</summary>
public enum ConfigImportance
{
    /// <summary>Rarely touched.</summary>
    Low,

    /// <summary>Sometimes touched.</summary>
    Medium,

    /// <summary>Looked at in every installation.</summary>
    High,
}
