namespace Barnabas.Client;

/// <summary>How members of a group and its coordinator agree on who reads what.</summary>
public enum GroupProtocol
{
    /// <summary>All members join anew for each generation, and one of them shares the partitions out.</summary>
    Classic,

    /// <summary>The coordinator shares the partitions out, and each member follows in its own time (KIP-848).</summary>
    Consumer,
}
