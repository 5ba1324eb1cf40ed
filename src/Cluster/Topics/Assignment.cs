using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>New partitions from the replicas chosen for them.</summary>
internal static class Assignment
{
    /// <summary>What is wrong with replicas a request names, or success.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="replicas">The brokers named for one partition.</param>
    /// <param name="replicationFactor">How many the partitions before it have; null for the first.</param>
    public static ApiError Check(ClusterState state, List<BrokerId> replicas, int? replicationFactor)
    {
        if (replicas.Count == 0)
            return Invalid("The manual partition assignment includes an empty replica list.");

        BrokerId? before = null;
        foreach (var broker in replicas.Order())
        {
            if (!state.Brokers.ContainsKey(broker))
            {
                return Invalid(
                    $"The manual partition assignment includes broker {broker}, but no such broker is registered.");
            }

            if (broker == before)
                return Invalid($"The manual partition assignment includes the broker {broker} more than once.");
            before = broker;
        }

        return replicationFactor is { } factor && factor != replicas.Count
            ? Invalid($"The manual partition assignment includes a partition with {replicas.Count} replica(s), but "
                + $"this is not consistent with previous partitions, which have {factor} replica(s).")
            : ApiError.None;
    }

    /// <summary>The refusal of a partition whose replicas a request named and of which none may lead.</summary>
    public static ApiError NoneActive(int partition) => Invalid(
        $"All brokers specified in the manual partition assignment for partition {partition} are fenced or in "
        + "controlled shutdown.");

    /// <summary>The record of a new partition; null when none of its replicas may lead.</summary>
    public static PartitionRecord? NewPartition(
        ClusterState state, TopicId topic, int index, IReadOnlyList<BrokerId> replicas)
    {
        ImmutableArray<BrokerId> isr = [.. replicas.Where(state.IsActive)];
        if (isr.IsEmpty)
            return null;
        return new PartitionState
        {
            Replicas = [.. replicas],
            Directories = [.. replicas.Select(broker => state.Brokers[broker].DefaultDirectory)],
            Isr = isr,
            Leader = isr[0],
            LeaderEpoch = new LeaderEpoch(0),
            PartitionEpoch = 0,
        }.ToRecord(topic, index);
    }

    /// <summary>A refusal of replicas that a request named.</summary>
    public static ApiError Invalid(string message) => new(ErrorCode.InvalidReplicaAssignment, message);
}
