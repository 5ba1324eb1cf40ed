using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>What the transaction coordinator is configured with. Sizes are bytes.</summary>
public sealed record TransactionConfig
{
    /// <summary><c>transaction.max.timeout.ms</c>: the longest timeout a producer may ask for.</summary>
    public required int MaxTimeoutMs { get; init; }

    /// <summary><c>transactional.id.expiration.ms</c>.</summary>
    public required TimeSpan IdExpiration { get; init; }

    /// <summary><c>transaction.remove.expired.transaction.cleanup.interval.ms</c>.</summary>
    public required TimeSpan ExpirationInterval { get; init; }

    /// <summary><c>transaction.abort.timed.out.transaction.cleanup.interval.ms</c>.</summary>
    public required TimeSpan AbortInterval { get; init; }

    /// <summary><c>request.timeout.ms</c>: how long anybody waits until what was decided is committed.</summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary><c>transaction.state.log.load.buffer.size</c>: read at a time when transactions are
    /// loaded.</summary>
    public required int LoadBufferBytes { get; init; }

    /// <summary><c>transaction.state.log.num.partitions</c>.</summary>
    public required int LogPartitions { get; init; }

    /// <summary><c>transaction.state.log.replication.factor</c>.</summary>
    public required int LogReplicationFactor { get; init; }

    /// <summary><c>transaction.state.log.min.isr</c>.</summary>
    public required int LogMinIsr { get; init; }

    /// <summary><c>transaction.state.log.segment.bytes</c>.</summary>
    public required int LogSegmentBytes { get; init; }

    internal static TransactionConfig From(ConfigValues values) => new()
    {
        MaxTimeoutMs = values.Whole(Names.TransactionMaxTimeoutMs),
        IdExpiration = values.Time(Names.TransactionalIdExpirationMs),
        ExpirationInterval = values.Time(Names.TransactionRemoveExpiredTransactionCleanupIntervalMs),
        AbortInterval = values.Time(Names.TransactionAbortTimedOutTransactionCleanupIntervalMs),
        RequestTimeout = values.Time(Names.RequestTimeoutMs),
        LoadBufferBytes = values.Whole(Names.TransactionStateLogLoadBufferSize),
        LogPartitions = values.Whole(Names.TransactionStateLogNumPartitions),
        LogReplicationFactor = values.Whole(Names.TransactionStateLogReplicationFactor),
        LogMinIsr = values.Whole(Names.TransactionStateLogMinIsr),
        LogSegmentBytes = values.Whole(Names.TransactionStateLogSegmentBytes),
    };
}
