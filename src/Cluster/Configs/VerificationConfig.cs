using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>How a leader makes sure that a transaction is open before it takes records of it (KIP-890).</summary>
public sealed record VerificationConfig
{
    /// <summary><c>transaction.partition.verification.enable</c>: whether it does.</summary>
    public required bool IsEnabled { get; init; }

    /// <summary><c>add.partitions.to.txn.retry.backoff.ms</c>: between two questions to the coordinator.</summary>
    public required TimeSpan RetryBackoff { get; init; }

    /// <summary><c>add.partitions.to.txn.retry.backoff.max.ms</c>: for how long it asks.</summary>
    public required TimeSpan RetryTime { get; init; }

    internal static VerificationConfig From(ConfigValues values) => new()
    {
        IsEnabled = values.Flag(Names.TransactionPartitionVerificationEnable),
        RetryBackoff = values.Time(Names.AddPartitionsToTxnRetryBackoffMs),
        RetryTime = values.Time(Names.AddPartitionsToTxnRetryBackoffMaxMs),
    };
}
