using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>What a follower asks its leader for.</summary>
/// <param name="LeaderEpoch">The epoch of the leader it follows (KIP-320).</param>
/// <param name="Offset">Where its log ends.</param>
/// <param name="LastEpoch">The newest epoch its log knows, by which the leader sees whether the logs part (KIP-595);
/// none where there is no epoch to go by.</param>
/// <param name="LogStart">Where its log begins.</param>
internal readonly record struct FetchPosition(
    LeaderEpoch LeaderEpoch, Offset Offset, LeaderEpoch LastEpoch, Offset LogStart)
{
    /// <summary>Where a partition stands; null where it does not follow anybody.</summary>
    public static FetchPosition? Of(PartitionView view) =>
        view is { Role: PartitionRole.Follower, Log: { } log } && view.Leader != BrokerId.None
            ? new(view.LeaderEpoch, log.End, log.Epochs.Latest, log.LogStart)
            : null;
}
