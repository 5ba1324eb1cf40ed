using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>What the group coordinator is configured with. Sizes are bytes.</summary>
public sealed record GroupConfig
{
    /// <summary><c>group.initial.rebalance.delay.ms</c>: how long an empty classic group waits for more
    /// members.</summary>
    public required TimeSpan InitialRebalanceDelay { get; init; }

    /// <summary><c>group.min.session.timeout.ms</c>: of a member of a classic group.</summary>
    public required TimeSpan MinSessionTimeout { get; init; }

    /// <summary><c>group.max.session.timeout.ms</c>: of a member of a classic group.</summary>
    public required TimeSpan MaxSessionTimeout { get; init; }

    /// <summary><c>group.max.size</c>: members of a classic group.</summary>
    public required int MaxSize { get; init; }

    /// <summary><c>offset.metadata.max.bytes</c>: of the note that is stored with an offset.</summary>
    public required int OffsetMetadataMaxBytes { get; init; }

    /// <summary><c>offsets.retention.minutes</c>: of the offsets of a group without members.</summary>
    public required TimeSpan OffsetsRetention { get; init; }

    /// <summary><c>offsets.commit.timeout.ms</c>: how long anybody waits until what a group decided is
    /// committed.</summary>
    public required TimeSpan CommitTimeout { get; init; }

    /// <summary><c>offsets.retention.check.interval.ms</c>.</summary>
    public required TimeSpan OffsetsRetentionCheckInterval { get; init; }

    /// <summary><c>offsets.load.buffer.size</c>: read at a time when groups are loaded.</summary>
    public required int LoadBufferBytes { get; init; }

    /// <summary><c>offsets.topic.compression.codec</c>: the codec of what the coordinator writes, by its
    /// number.</summary>
    public required int CompressionCodec { get; init; }

    /// <summary>True when <c>group.coordinator.rebalance.protocols</c> names the consumer protocol.</summary>
    public required bool ServesConsumerProtocol { get; init; }

    /// <summary>What groups of the consumer protocol are configured with that have no configs of their own.</summary>
    public required ConsumerGroupConfig Consumer { get; init; }

    internal static GroupConfig From(ConfigValues values) => new()
    {
        InitialRebalanceDelay = values.Time(Names.GroupInitialRebalanceDelayMs),
        MinSessionTimeout = values.Time(Names.GroupMinSessionTimeoutMs),
        MaxSessionTimeout = values.Time(Names.GroupMaxSessionTimeoutMs),
        MaxSize = values.Whole(Names.GroupMaxSize),
        OffsetMetadataMaxBytes = values.Whole(Names.OffsetMetadataMaxBytes),
        OffsetsRetention = TimeSpan.FromMinutes(values.Whole(Names.OffsetsRetentionMinutes)),
        CommitTimeout = values.Time(Names.OffsetsCommitTimeoutMs),
        OffsetsRetentionCheckInterval = values.Time(Names.OffsetsRetentionCheckIntervalMs),
        LoadBufferBytes = values.Whole(Names.OffsetsLoadBufferSize),
        CompressionCodec = values.Whole(Names.OffsetsTopicCompressionCodec),
        ServesConsumerProtocol = values.List(Names.GroupCoordinatorRebalanceProtocols)
            .Contains("consumer", StringComparer.Ordinal),
        Consumer = ConsumerGroupConfig.From(values),
    };
}
