using Barnabas.Base;
using Names = Barnabas.Cluster.Configs.TopicConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>Everything a topic is configured with, as real types. Sizes are bytes; null means "no
/// limit".</summary>
public sealed record TopicConfig
{
    /// <summary><c>cleanup.policy</c> contains delete: segments past their retention go.</summary>
    public required bool DeletesOldSegments { get; init; }

    /// <summary><c>cleanup.policy</c> contains compact: the last record of each key stays.</summary>
    public required bool Compacts { get; init; }

    /// <summary><c>compression.type</c>.</summary>
    public required TopicCompression Compression { get; init; }

    /// <summary>The level of the codec in <see cref="Compression"/>; null where it has none.</summary>
    public required int? CompressionLevel { get; init; }

    /// <summary><c>barnabas.durability</c>.</summary>
    public required Durability Durability { get; init; }

    /// <summary><c>file.delete.delay.ms</c>.</summary>
    public required TimeSpan FileDeleteDelay { get; init; }

    /// <summary><c>flush.messages</c>; null means never by count.</summary>
    public required long? FlushMessages { get; init; }

    /// <summary><c>flush.ms</c>; null means never by time.</summary>
    public required TimeSpan? FlushInterval { get; init; }

    /// <summary><c>index.interval.bytes</c>.</summary>
    public required int IndexIntervalBytes { get; init; }

    /// <summary><c>max.message.bytes</c>: the largest batch accepted.</summary>
    public required int MaxMessageBytes { get; init; }

    /// <summary><c>message.timestamp.after.max.ms</c>: how far ahead of the clock a CreateTime may
    /// lie.</summary>
    public required TimeSpan? TimestampAfterMax { get; init; }

    /// <summary><c>message.timestamp.before.max.ms</c>: how far behind the clock a CreateTime may
    /// lie.</summary>
    public required TimeSpan? TimestampBeforeMax { get; init; }

    /// <summary><c>message.timestamp.type</c>.</summary>
    public required TopicTimestampType TimestampType { get; init; }

    /// <summary><c>min.insync.replicas</c>, before it is bounded by the number of replicas.</summary>
    public required int MinInsyncReplicas { get; init; }

    /// <summary><c>preallocate</c>.</summary>
    public required bool Preallocate { get; init; }

    /// <summary><c>retention.bytes</c>.</summary>
    public required long? RetentionBytes { get; init; }

    /// <summary><c>retention.ms</c>.</summary>
    public required TimeSpan? RetentionTime { get; init; }

    /// <summary><c>segment.bytes</c>, or <c>internal.segment.bytes</c> where that is set.</summary>
    public required int SegmentBytes { get; init; }

    /// <summary><c>segment.index.bytes</c>.</summary>
    public required int SegmentIndexBytes { get; init; }

    /// <summary><c>segment.jitter.ms</c>.</summary>
    public required TimeSpan SegmentJitter { get; init; }

    /// <summary><c>segment.ms</c>.</summary>
    public required TimeSpan SegmentAge { get; init; }

    /// <summary><c>delete.retention.ms</c>.</summary>
    public required TimeSpan DeleteRetention { get; init; }

    /// <summary><c>min.cleanable.dirty.ratio</c>, 0 to 1.</summary>
    public required double MinCleanableDirtyRatio { get; init; }

    /// <summary><c>min.compaction.lag.ms</c>.</summary>
    public required TimeSpan MinCompactionLag { get; init; }

    /// <summary><c>max.compaction.lag.ms</c>.</summary>
    public required TimeSpan? MaxCompactionLag { get; init; }

    /// <summary><c>unclean.leader.election.enable</c>.</summary>
    public required bool UncleanLeaderElection { get; init; }

    /// <summary><c>leader.replication.throttled.replicas</c>: those that the leader serves under a quota.</summary>
    public required ThrottledReplicas LeaderThrottledReplicas { get; init; }

    /// <summary><c>follower.replication.throttled.replicas</c>: those that fetch under a
    /// quota.</summary>
    public required ThrottledReplicas FollowerThrottledReplicas { get; init; }

    /// <summary>What <see cref="Durability"/> comes to for a partition with so many replicas: true when an
    /// acks=all write is synced before it is answered.</summary>
    public bool SyncsBeforeAnswer(int replicas)
    {
        Invariant.Holds(replicas > 0, "a partition has a replica");
        return Durability == Durability.Fsync || (Durability == Durability.Auto && replicas == 1);
    }

    /// <summary>Reads a topic's configs.</summary>
    public static TopicConfig From(ConfigValues values)
    {
        var policy = values.List(Names.CleanupPolicy);
        var compression = CompressionOf(values.Word(Names.CompressionType));
        return new()
        {
            DeletesOldSegments = policy.Contains("delete"),
            Compacts = policy.Contains("compact"),
            Compression = compression,
            CompressionLevel = LevelOf(values, compression),
            Durability = DurabilityOf(values.Word(Names.BarnabasDurability)),
            FileDeleteDelay = values.Time(Names.FileDeleteDelayMs),
            FlushMessages = values.Limit(Names.FlushMessages),
            FlushInterval = values.TimeLimit(Names.FlushMs),
            IndexIntervalBytes = values.Whole(Names.IndexIntervalBytes),
            MaxMessageBytes = values.Whole(Names.MaxMessageBytes),
            TimestampAfterMax = values.TimeLimit(Names.MessageTimestampAfterMaxMs),
            TimestampBeforeMax = values.TimeLimit(Names.MessageTimestampBeforeMaxMs),
            TimestampType = values.Word(Names.MessageTimestampType) == "LogAppendTime"
                ? TopicTimestampType.LogAppendTime
                : TopicTimestampType.CreateTime,
            MinInsyncReplicas = values.Whole(Names.MinInsyncReplicas),
            Preallocate = values.Flag(Names.Preallocate),
            RetentionBytes = values.Limit(Names.RetentionBytes),
            RetentionTime = values.TimeLimit(Names.RetentionMs),
            SegmentBytes = (int?)values.NumberOrNull(Names.InternalSegmentBytes) ?? values.Whole(Names.SegmentBytes),
            SegmentIndexBytes = values.Whole(Names.SegmentIndexBytes),
            SegmentJitter = values.Time(Names.SegmentJitterMs),
            SegmentAge = values.Time(Names.SegmentMs),
            DeleteRetention = values.Time(Names.DeleteRetentionMs),
            MinCleanableDirtyRatio = values.Fraction(Names.MinCleanableDirtyRatio),
            MinCompactionLag = values.Time(Names.MinCompactionLagMs),
            MaxCompactionLag = values.TimeLimit(Names.MaxCompactionLagMs),
            UncleanLeaderElection = values.Flag(Names.UncleanLeaderElectionEnable),
            LeaderThrottledReplicas = ThrottledReplicas.From(
                values.List(Names.LeaderReplicationThrottledReplicas)),
            FollowerThrottledReplicas = ThrottledReplicas.From(
                values.List(Names.FollowerReplicationThrottledReplicas)),
        };
    }

    private static TopicCompression CompressionOf(string word) => word switch
    {
        "uncompressed" => TopicCompression.Uncompressed,
        "gzip" => TopicCompression.Gzip,
        "snappy" => TopicCompression.Snappy,
        "lz4" => TopicCompression.Lz4,
        "zstd" => TopicCompression.Zstd,
        _ => TopicCompression.Producer,
    };

    private static int? LevelOf(ConfigValues values, TopicCompression compression) => compression switch
    {
        TopicCompression.Gzip => values.Whole(Names.CompressionGzipLevel),
        TopicCompression.Lz4 => values.Whole(Names.CompressionLz4Level),
        TopicCompression.Zstd => values.Whole(Names.CompressionZstdLevel),
        _ => null,
    };

    private static Durability DurabilityOf(string word) => word switch
    {
        "fsync" => Durability.Fsync,
        "page-cache" => Durability.PageCache,
        _ => Durability.Auto,
    };
}
