using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>What a follower's fetch says of it: all below <paramref name="Offset"/> it has, and, where the topic is
/// durable by fsync, has on disk.</summary>
/// <param name="Replica">The follower.</param>
/// <param name="BrokerEpoch">The epoch of its broker's registration; -1 where it did not say (KIP-903).</param>
/// <param name="LeaderEpoch">The epoch of the leader it follows.</param>
/// <param name="Offset">Where its log ends.</param>
/// <param name="LogStart">Where its log begins.</param>
public readonly record struct FollowerFetch(
    BrokerId Replica, long BrokerEpoch, LeaderEpoch LeaderEpoch, Offset Offset, Offset LogStart);
