using Barnabas.Cluster.Configs;

namespace Barnabas.Transactions;

/// <summary>What decisions about transactions are made by, beside the state and the command.</summary>
/// <param name="Config">The coordinator's configs.</param>
/// <param name="Version">The finalized <c>transaction.version</c>, 0 to 2.</param>
/// <param name="Now">The time, in ms since 1970.</param>
public readonly record struct TransactionRules(TransactionConfig Config, short Version, long Now)
{
    /// <summary>The first <c>transaction.version</c> in which every end of a transaction bumps the epoch
    /// (KIP-890).</summary>
    public const short BumpingVersion = 2;

    /// <summary>True where the coordinator's own verdicts bump the epoch as those of clients do.</summary>
    public bool Bumps => Version >= BumpingVersion;
}
