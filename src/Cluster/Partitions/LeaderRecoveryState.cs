namespace Barnabas.Cluster;

/// <summary>Whether a partition's leader holds everything that was committed (KIP-704). The numbers are the
/// wire's.</summary>
public enum LeaderRecoveryState
{
    /// <summary>It does: it was elected from the replicas in sync.</summary>
    Recovered = 0,

    /// <summary>It may not: the election was unclean and its consequences are not dealt with yet.</summary>
    Recovering = 1,
}
