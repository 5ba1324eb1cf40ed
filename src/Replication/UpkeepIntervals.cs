using Barnabas.Cluster.Configs;

namespace Barnabas.Replication;

/// <summary>How often the upkeep of the logs is due.</summary>
public sealed record UpkeepIntervals
{
    /// <summary><c>log.initial.task.delay.ms</c>: before any of it is done, but for high watermarks.</summary>
    public required TimeSpan FirstDelay { get; init; }

    /// <summary><c>replica.high.watermark.checkpoint.interval.ms</c>.</summary>
    public required TimeSpan HighWatermarks { get; init; }

    /// <summary><c>log.flush.offset.checkpoint.interval.ms</c>.</summary>
    public required TimeSpan RecoveryPoints { get; init; }

    /// <summary><c>log.flush.start.offset.checkpoint.interval.ms</c>.</summary>
    public required TimeSpan LogStarts { get; init; }

    /// <summary><c>log.retention.check.interval.ms</c>.</summary>
    public required TimeSpan Retention { get; init; }

    /// <summary><c>producer.id.expiration.check.interval.ms</c>.</summary>
    public required TimeSpan ProducerExpiry { get; init; }

    /// <summary>Half of <c>replica.lag.time.max.ms</c>: to see who is in sync no longer.</summary>
    public required TimeSpan InSync { get; init; }

    /// <summary>The intervals a node is configured with.</summary>
    public static UpkeepIntervals Of(BrokerConfig config) => new()
    {
        FirstDelay = config.FirstJobDelay,
        HighWatermarks = config.HighWatermarkInterval,
        RecoveryPoints = config.RecoveryPointInterval,
        LogStarts = config.LogStartInterval,
        Retention = config.RetentionCheckInterval,
        ProducerExpiry = config.ProducerIdCheckInterval,
        InSync = config.Replication.LagLimit / 2,
    };
}
