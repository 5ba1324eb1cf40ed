using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>The replicas in sync that the leader of a partition wants (KIP-497).</summary>
/// <param name="Topic">The topic's id.</param>
/// <param name="Partition">The partition's index.</param>
/// <param name="LeaderEpoch">The epoch it leads in.</param>
/// <param name="PartitionEpoch">The partition's epoch that the proposal is based on.</param>
/// <param name="Isr">The replicas, each with the epoch of its broker; -1 where that is not known (KIP-903).</param>
internal sealed record IsrProposal(
    TopicId Topic, int Partition, LeaderEpoch LeaderEpoch, int PartitionEpoch,
    ImmutableArray<(BrokerId Broker, long Epoch)> Isr)
{
    /// <summary>True when it names the replica.</summary>
    public bool Contains(BrokerId broker)
    {
        foreach (var member in Isr)
        {
            if (member.Broker == broker)
                return true;
        }

        return false;
    }
}

/// <summary>What came of a proposal.</summary>
/// <param name="Error">None; or why nothing has changed.</param>
/// <param name="LeaderEpoch">The epoch of the leader there is.</param>
/// <param name="PartitionEpoch">The partition's epoch as it is now.</param>
/// <param name="Isr">The replicas in sync as they are now.</param>
internal sealed record IsrAnswer(
    ErrorCode Error, LeaderEpoch LeaderEpoch, int PartitionEpoch, ImmutableArray<BrokerId> Isr)
{
    /// <summary>Nothing has changed.</summary>
    public static IsrAnswer Refused(ErrorCode error) => new(error, LeaderEpoch.None, -1, []);
}
