namespace Barnabas.Log;

/// <summary>The topic configs a partition's log obeys, with Kafka's defaults.</summary>
public sealed record LogSettings
{
    /// <summary><c>segment.bytes</c>: a segment never grows beyond it; also the largest batch the log
    /// takes.</summary>
    public int SegmentBytes { get; init; } = 1 << 30;

    /// <summary><c>segment.ms</c>: age, by the timestamps of the records, at which a segment is rolled.</summary>
    public TimeSpan SegmentAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary><c>segment.jitter.ms</c>: up to this much, chosen at random, is taken off
    /// <see cref="SegmentAge"/>.</summary>
    public TimeSpan SegmentJitter { get; init; } = TimeSpan.Zero;

    /// <summary><c>index.interval.bytes</c>: bytes of batches between two entries of the sparse indexes.</summary>
    public int IndexIntervalBytes { get; init; } = 4096;

    /// <summary><c>segment.index.bytes</c>: the size of each sparse index file while its segment is active.</summary>
    public int SegmentIndexBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary><c>flush.messages</c>: records after which a flush is due; null for never.</summary>
    public long? FlushMessages { get; init; }

    /// <summary><c>flush.ms</c>: time after which a flush is due; null for never.</summary>
    public TimeSpan? FlushInterval { get; init; }

    /// <summary><c>preallocate</c>: reserve a segment's blocks when it is made, instead of a stretch ahead of its
    /// end.</summary>
    public bool Preallocate { get; init; }

    /// <summary>True where <c>cleanup.policy</c> holds <c>delete</c>: old segments go by time and size.</summary>
    public bool DeletesOldSegments { get; init; } = true;

    /// <summary><c>retention.bytes</c>: size above which the oldest segments go; null for no limit.</summary>
    public long? RetentionBytes { get; init; }

    /// <summary><c>retention.ms</c>: age at which segments go; null for no limit.</summary>
    public TimeSpan? RetentionTime { get; init; } = TimeSpan.FromDays(7);

    /// <summary><c>file.delete.delay.ms</c>: time between a file's renaming to <c>.deleted</c> and its
    /// removal.</summary>
    public TimeSpan FileDeleteDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary><c>delete.retention.ms</c>: how long a compacted log keeps tombstones and transaction markers after it
    /// came by them.</summary>
    public TimeSpan DeleteRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary><c>producer.id.expiration.ms</c>: how long an idle producer is remembered.</summary>
    public TimeSpan ProducerIdExpiration { get; init; } = TimeSpan.FromDays(1);
}
