using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>What a partition is for its readers at a moment: immutable, published by the partition's lane.</summary>
/// <param name="Name">Topic and index.</param>
/// <param name="TopicId">The topic's id.</param>
/// <param name="Role">What this node is to the partition.</param>
/// <param name="Leader">The leading broker; none while there is none.</param>
/// <param name="LeaderEpoch">The epoch of that leader.</param>
/// <param name="HighWatermark">The end of what consumers may read: it is replicated, and durable where that is
/// asked.</param>
/// <param name="Log">The log; null while the partition is offline.</param>
/// <param name="Config">The topic's configs as they stand.</param>
public sealed record PartitionView(
    TopicPartition Name,
    TopicId TopicId,
    PartitionRole Role,
    BrokerId Leader,
    LeaderEpoch LeaderEpoch,
    Offset HighWatermark,
    LogView? Log,
    TopicConfig Config)
{
    /// <summary>The brokers that hold the partition; empty before the cluster's word of it is known.</summary>
    public ImmutableArray<BrokerId> Replicas { get; init; } = [];

    /// <summary>The replicas in sync, as far as is known here.</summary>
    public ImmutableArray<BrokerId> Isr { get; init; } = [];

    /// <summary>Where the leader's epoch began in its log; none where this node does not lead. As long as the high
    /// watermark lies below, clients may have been told of more.</summary>
    public Offset EpochStart { get; init; } = Offset.None;

    /// <summary>Where the oldest transaction began that is open, or whose marker the high watermark has not passed;
    /// null where there is none.</summary>
    public Offset? FirstUnstable { get; init; }

    /// <summary>The end of what read_committed consumers may read: below it every transaction is decided for good
    /// (KIP-98). It lies between the log start offset and the high watermark, and moves with the watermark
    /// alone.</summary>
    public Offset LastStableOffset => FirstUnstable is { } unstable && unstable < HighWatermark
        ? Offset.Max(unstable, Log?.LogStart ?? unstable)
        : HighWatermark;

    /// <summary>True where nothing counts before it is on disk: an acks=all answer, what may be read, and what a
    /// follower says it has.</summary>
    public bool SyncsFirst => Config.SyncsBeforeAnswer(Math.Max(Replicas.Length, 1));

    /// <summary>True while some of what counts only on disk is not there yet.</summary>
    public bool HasToSync => SyncsFirst && Log is { } log && log.FlushedOffset < log.End;

    /// <summary>Holds a client's idea of who leads against ours.</summary>
    /// <param name="claimed">The epoch the client believes in; none to skip the check (KIP-320).</param>
    /// <returns>None; or NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR, FENCED_LEADER_EPOCH,
    /// UNKNOWN_LEADER_EPOCH.</returns>
    public ErrorCode CheckLeader(LeaderEpoch claimed)
    {
        var error = CheckReplica(claimed);
        return error != ErrorCode.None || Role == PartitionRole.Leader ? error : ErrorCode.NotLeaderOrFollower;
    }

    /// <summary>Holds a client's idea of who leads against ours, where it may read from a follower as well
    /// (KIP-392).</summary>
    /// <param name="claimed">The epoch the client believes in; none to skip the check (KIP-320).</param>
    /// <returns>None; or KAFKA_STORAGE_ERROR, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH.</returns>
    public ErrorCode CheckReplica(LeaderEpoch claimed)
    {
        if (Role == PartitionRole.Offline)
            return ErrorCode.KafkaStorageError;
        if (claimed != LeaderEpoch.None && claimed < LeaderEpoch)
            return ErrorCode.FencedLeaderEpoch;
        return claimed > LeaderEpoch ? ErrorCode.UnknownLeaderEpoch : ErrorCode.None;
    }
}

/// <summary>What this node is to a partition.</summary>
public enum PartitionRole
{
    /// <summary>It holds a copy, and another leads or nobody does.</summary>
    Follower,

    /// <summary>It takes the appends.</summary>
    Leader,

    /// <summary>Its copy cannot be used: the log directory failed, or the copy is damaged.</summary>
    Offline,
}
