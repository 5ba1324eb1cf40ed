namespace Barnabas.Cluster;

/// <summary>The features of a cluster that its parts ask for.</summary>
public static class FeatureNames
{
    /// <summary>The protocol of transactions: from 1 on their records are flexible, from 2 on the epoch is bumped at
    /// the end of each (KIP-890).</summary>
    public const string TransactionVersion = "transaction.version";

    /// <summary>Whether replicas that hold everything committed are known, and may lead, when they are in sync no
    /// longer: from 1 on (KIP-966).</summary>
    public const string EligibleLeaderReplicas = "eligible.leader.replicas.version";
}
