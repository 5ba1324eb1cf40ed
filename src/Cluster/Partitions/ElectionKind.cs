namespace Barnabas.Cluster;

/// <summary>Who may come to lead a partition.</summary>
internal enum ElectionKind
{
    /// <summary>The leader as long as it may lead; else who is in sync, else who is eligible, else the last known
    /// leader.</summary>
    Clean,

    /// <summary>As <see cref="Clean"/>, but the first of the replicas before the leader (KIP-460).</summary>
    Preferred,

    /// <summary>As <see cref="Clean"/>, and where nobody is found whoever is alive: what it lacks is lost.</summary>
    Unclean,
}
