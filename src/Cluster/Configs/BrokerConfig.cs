using Barnabas.Base;
using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>Everything a node is configured with, as real types; the defaults of topics are in
/// <see cref="TopicConfig"/>.</summary>
/// <remarks>Sizes are bytes. What can be changed while the node runs is as it was when this was
/// read.</remarks>
public sealed record BrokerConfig
{
    /// <summary><c>node.id</c>.</summary>
    public required BrokerId Id { get; init; }

    /// <summary><c>broker.rack</c>; null where it was not given.</summary>
    public required string? Rack { get; init; }

    /// <summary><c>log.dirs</c>, or <c>log.dir</c>: the data directories, at least one, each once.</summary>
    public required IReadOnlyList<string> LogDirs { get; init; }

    /// <summary>Membership of the cluster.</summary>
    public required MembershipConfig Membership { get; init; }

    /// <summary>Listeners and connections.</summary>
    public required NetworkConfig Network { get; init; }

    /// <summary><c>telemetry.max.bytes</c>: of one push of a client's metrics.</summary>
    public required int TelemetryMaxBytes { get; init; }

    /// <summary>How long quotas remember.</summary>
    public required QuotaConfig Quotas { get; init; }

    /// <summary>The ensemble that keeps the cluster's metadata; null for a node that keeps its own.</summary>
    public required ZooKeeperConfig? ZooKeeper { get; init; }

    /// <summary>The cluster's own log.</summary>
    public required MetadataLogConfig MetadataLog { get; init; }

    /// <summary><c>auto.create.topics.enable</c>.</summary>
    public required bool AutoCreateTopics { get; init; }

    /// <summary><c>delete.topic.enable</c>.</summary>
    public required bool DeletesTopics { get; init; }

    /// <summary><c>num.partitions</c>: of topics created without a number.</summary>
    public required int Partitions { get; init; }

    /// <summary><c>default.replication.factor</c>: of topics created without one.</summary>
    public required int ReplicationFactor { get; init; }

    /// <summary><c>fetch.max.bytes</c>.</summary>
    public required int FetchMaxBytes { get; init; }

    /// <summary><c>max.incremental.fetch.session.cache.slots</c>.</summary>
    public required int FetchSessions { get; init; }

    /// <summary><c>max.request.partition.size.limit</c>: partitions in one answer of
    /// DescribeTopicPartitions.</summary>
    public required int DescribedPartitions { get; init; }

    /// <summary><c>num.recovery.threads.per.data.dir</c>.</summary>
    public required int RecoveryThreadsPerDir { get; init; }

    /// <summary><c>log.initial.task.delay.ms</c>: before the periodic jobs begin.</summary>
    public required TimeSpan FirstJobDelay { get; init; }

    /// <summary><c>log.retention.check.interval.ms</c>.</summary>
    public required TimeSpan RetentionCheckInterval { get; init; }

    /// <summary><c>log.flush.offset.checkpoint.interval.ms</c>.</summary>
    public required TimeSpan RecoveryPointInterval { get; init; }

    /// <summary><c>log.flush.start.offset.checkpoint.interval.ms</c>.</summary>
    public required TimeSpan LogStartInterval { get; init; }

    /// <summary><c>replica.high.watermark.checkpoint.interval.ms</c>.</summary>
    public required TimeSpan HighWatermarkInterval { get; init; }

    /// <summary><c>num.replica.alter.log.dirs.threads</c>: moves between data directories worked on at a time; null for
    /// one a directory.</summary>
    public required int? MoveThreads { get; init; }

    /// <summary><c>replica.alter.log.dirs.io.max.bytes.per.second</c>: of all such moves together.</summary>
    public required long MoveBytesPerSecond { get; init; }

    /// <summary><c>alter.log.dirs.replication.quota.window.num</c>: over how many windows that is measured.</summary>
    public required int MoveQuotaWindows { get; init; }

    /// <summary><c>alter.log.dirs.replication.quota.window.size.seconds</c>: how long each of them is.</summary>
    public required TimeSpan MoveQuotaWindow { get; init; }

    /// <summary>The compaction of logs.</summary>
    public required CleanerConfig Cleaner { get; init; }

    /// <summary>How replicas follow their leaders.</summary>
    public required ReplicationConfig Replication { get; init; }

    /// <summary><c>producer.id.expiration.ms</c>.</summary>
    public required TimeSpan ProducerIdExpiration { get; init; }

    /// <summary><c>producer.id.expiration.check.interval.ms</c>.</summary>
    public required TimeSpan ProducerIdCheckInterval { get; init; }

    /// <summary><c>barnabas.http.listener</c>: where metrics and health are; empty for nowhere.</summary>
    public required string HttpListener { get; init; }

    /// <summary><c>barnabas.otlp.endpoint</c>: the collector; empty for none.</summary>
    public required string OtlpEndpoint { get; init; }

    /// <summary><c>barnabas.otlp.interval.ms</c>.</summary>
    public required TimeSpan OtlpInterval { get; init; }

    /// <summary><c>barnabas.otlp.traced.share</c>: 0 to 1.</summary>
    public required double OtlpTracedShare { get; init; }

    /// <summary><c>barnabas.log.format</c>: text or json.</summary>
    public required string LogFormat { get; init; }

    /// <summary>The group coordinator.</summary>
    public required GroupConfig Groups { get; init; }

    /// <summary>How transactions are verified before records of them are taken.</summary>
    public required VerificationConfig Verification { get; init; }

    /// <summary>The transaction coordinator.</summary>
    public required TransactionConfig Transactions { get; init; }

    /// <summary><c>offsets.topic.num.partitions</c>.</summary>
    public required int OffsetsTopicPartitions { get; init; }

    /// <summary><c>offsets.topic.replication.factor</c>.</summary>
    public required int OffsetsTopicReplicationFactor { get; init; }

    /// <summary><c>offsets.topic.segment.bytes</c>.</summary>
    public required int OffsetsTopicSegmentBytes { get; init; }

    /// <summary>Reads a node's configs.</summary>
    public static BrokerConfig From(ConfigValues values, ServerConfigs server)
    {
        var dirs = values.List(Names.LogDirs).Distinct(StringComparer.Ordinal).ToList();
        Invariant.Holds(dirs.Count > 0, "a node has a data directory");
        return new()
        {
            Id = server.Id,
            Rack = values.Text(Names.BrokerRack),
            LogDirs = dirs,
            Membership = MembershipConfig.From(values),
            Network = NetworkConfig.From(values, server.Listeners),
            TelemetryMaxBytes = values.Whole(Names.TelemetryMaxBytes),
            Quotas = QuotaConfig.From(values),
            ZooKeeper = ZooKeeperConfig.From(values, server),
            MetadataLog = MetadataLogConfig.From(values, dirs),
            AutoCreateTopics = values.Flag(Names.AutoCreateTopicsEnable),
            DeletesTopics = values.Flag(Names.DeleteTopicEnable),
            Partitions = values.Whole(Names.NumPartitions),
            ReplicationFactor = values.Whole(Names.DefaultReplicationFactor),
            FetchMaxBytes = values.Whole(Names.FetchMaxBytes),
            FetchSessions = values.Whole(Names.MaxIncrementalFetchSessionCacheSlots),
            DescribedPartitions = values.Whole(Names.MaxRequestPartitionSizeLimit),
            RecoveryThreadsPerDir = values.Whole(Names.NumRecoveryThreadsPerDataDir),
            FirstJobDelay = values.Time(Names.LogInitialTaskDelayMs),
            RetentionCheckInterval = values.Time(Names.LogRetentionCheckIntervalMs),
            RecoveryPointInterval = values.Time(Names.LogFlushOffsetCheckpointIntervalMs),
            LogStartInterval = values.Time(Names.LogFlushStartOffsetCheckpointIntervalMs),
            HighWatermarkInterval = values.Time(Names.ReplicaHighWatermarkCheckpointIntervalMs),
            MoveThreads = (int?)values.NumberOrNull(Names.NumReplicaAlterLogDirsThreads),
            MoveBytesPerSecond = values.Number(Names.ReplicaAlterLogDirsIoMaxBytesPerSecond),
            MoveQuotaWindows = values.Whole(Names.AlterLogDirsReplicationQuotaWindowNum),
            MoveQuotaWindow = TimeSpan.FromSeconds(
                values.Whole(Names.AlterLogDirsReplicationQuotaWindowSizeSeconds)),
            Cleaner = CleanerConfig.From(values),
            Replication = ReplicationConfig.From(values),
            ProducerIdExpiration = values.Time(Names.ProducerIdExpirationMs),
            ProducerIdCheckInterval = values.Time(Names.ProducerIdExpirationCheckIntervalMs),
            HttpListener = values.Word(Names.BarnabasHttpListener),
            OtlpEndpoint = values.Word(Names.BarnabasOtlpEndpoint),
            OtlpInterval = values.Time(Names.BarnabasOtlpIntervalMs),
            OtlpTracedShare = values.Fraction(Names.BarnabasOtlpTracedShare),
            LogFormat = values.Word(Names.BarnabasLogFormat),
            Groups = GroupConfig.From(values),
            Verification = VerificationConfig.From(values),
            Transactions = TransactionConfig.From(values),
            OffsetsTopicPartitions = values.Whole(Names.OffsetsTopicNumPartitions),
            OffsetsTopicReplicationFactor = values.Whole(Names.OffsetsTopicReplicationFactor),
            OffsetsTopicSegmentBytes = values.Whole(Names.OffsetsTopicSegmentBytes),
        };
    }
}
