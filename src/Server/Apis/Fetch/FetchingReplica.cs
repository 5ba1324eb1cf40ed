using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Replication;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>A follower that fetches.</summary>
/// <param name="Id">Its broker.</param>
/// <param name="Epoch">The epoch of that broker's registration; -1 where it does not say (KIP-903).</param>
internal readonly record struct FetchingReplica(BrokerId Id, long Epoch)
{
    private const short FirstVersionWithState = 15;

    /// <summary>The first version by which a follower says enough for its log to be held against the leader's
    /// (KIP-595).</summary>
    private const short FirstVersionForReplicas = 12;

    /// <summary>The follower that sends a request; null for a client.</summary>
    public static FetchingReplica? Of(FetchRequest request, short version)
    {
        var replica = version >= FirstVersionWithState
            ? new FetchingReplica(request.ReplicaState.ReplicaId, request.ReplicaState.ReplicaEpoch)
            : new FetchingReplica(request.ReplicaId, -1);
        return replica.Id >= new BrokerId(0) ? replica : null;
    }

    /// <summary>Whether somebody who claims to be a follower may be one.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="self">This broker, which follows others and not itself.</param>
    /// <param name="version">The version of its request.</param>
    /// <param name="isBetweenBrokers">True where it came by the listener that brokers use among themselves.</param>
    /// <returns>None; CLUSTER_AUTHORIZATION_FAILED; UNSUPPORTED_VERSION; STALE_BROKER_EPOCH for an earlier run of the
    /// broker.</returns>
    public ErrorCode Check(ClusterState state, BrokerId self, short version, bool isBetweenBrokers)
    {
        if (!isBetweenBrokers || Id == self || !state.Brokers.TryGetValue(Id, out var broker))
            return ErrorCode.ClusterAuthorizationFailed;
        if (version < FirstVersionForReplicas)
            return ErrorCode.UnsupportedVersion;
        return Epoch >= 0 && Epoch < broker.Epoch ? ErrorCode.StaleBrokerEpoch : ErrorCode.None;
    }

    /// <summary>Whether it may fetch a partition, beyond what everybody has to observe.</summary>
    /// <returns>None; UNKNOWN_LEADER_EPOCH where the leader does not know the follower, or may not yet.</returns>
    public ErrorCode Check(PartitionView view, FetchPartition asked) =>
        asked.CurrentLeaderEpoch == LeaderEpoch.None || !view.Replicas.Contains(Id)
            ? ErrorCode.UnknownLeaderEpoch
            : ErrorCode.None;
}
