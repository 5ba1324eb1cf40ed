using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Cluster;

/// <summary>Has a coordinator's shards where the partitions of its topic are led.</summary>
public static class ShardLeadership
{
    /// <summary>Leads each shard whose partition this broker has come to lead, and resigns from those that others lead
    /// now.</summary>
    /// <param name="shards">The coordinator's shards.</param>
    /// <param name="self">This broker.</param>
    /// <param name="before">The topic as it was; null where it was not there.</param>
    /// <param name="after">The topic as it is; null where it is there no more.</param>
    public static void FollowLeaders<TState, TRecord>(
        this CoordinatorHost<TState, TRecord> shards, BrokerId self, TopicState? before, TopicState? after)
        where TState : IReplayed<TState, TRecord>
    {
        foreach (var change in PartitionsOf(after).ChangesSince(PartitionsOf(before)))
        {
            if (change.After is { } partition && partition.Leader == self)
                shards.Lead(change.Key, partition.LeaderEpoch.Value);
            else
                shards.Resign(change.Key);
        }
    }

    private static PersistentMap<int, PartitionState> PartitionsOf(TopicState? topic) =>
        topic?.Partitions ?? PersistentMap<int, PartitionState>.Empty();
}
