using Barnabas.Base;
using Barnabas.Replication;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>What the fetches of a follower go by.</summary>
/// <param name="Replica">The follower.</param>
/// <param name="Self">This broker, which leads.</param>
/// <param name="Quota">What bounds the copying of throttled replicas.</param>
/// <param name="TellsWatermark">True where followers hear at once that the high watermark has moved, for consumers
/// read from them (KIP-392).</param>
internal sealed record FollowingTerms(
    FetchingReplica Replica, BrokerId Self, ReplicationQuota Quota, bool TellsWatermark)
{
    /// <summary>True where what is given of the partition counts against the quota (KIP-73).</summary>
    public bool IsThrottled(PartitionView view) =>
        view.Config.LeaderThrottledReplicas.Contains(view.Name.Partition, Self);

    /// <summary>True where the follower gets nothing of a throttled partition for now. One in sync gets what it asks
    /// for: acknowledgements wait for it.</summary>
    public bool HasToWait(PartitionView view) => !view.Isr.Contains(Replica.Id) && Quota.IsExceeded;
}
