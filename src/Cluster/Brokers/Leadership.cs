using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>What a broker's coming or going does to the partitions: who stays in sync, and who leads.</summary>
/// <remarks>Replicas eligible though not in sync (KIP-966) are kept as records tell, and not yet made or elected here:
/// that feature is not finalized.</remarks>
internal static class Leadership
{
    /// <summary>The changes when a broker may no longer lead nor be in sync.</summary>
    public static IEnumerable<ITypedRecord> Leave(ClusterState state, BrokerId broker, EffectiveConfigs configs) =>
        from topic in state.Topics
        from partition in topic.Value.Partitions
        from change in Leave(state, topic.Value, partition.Key, broker, configs)
        select change;

    /// <summary>The change when a broker may no longer lead one partition nor be in sync; none where it is
    /// neither.</summary>
    public static IEnumerable<ITypedRecord> Leave(
        ClusterState state, TopicState topic, int index, BrokerId broker, EffectiveConfigs configs)
    {
        var partition = topic.Partitions[index];
        if (!partition.Isr.Contains(broker) && partition.Leader != broker)
            return [];
        var change = Elect(
            partition, [.. partition.Isr.Where(replica => replica != broker)],
            replica => replica != broker && state.IsActive(replica), AllowsUnclean(state, topic.Name, configs));
        return change is null ? [] : [Addressed(change, topic.Id, index)];
    }

    /// <summary>The changes when a broker may lead: partitions without a leader may get one.</summary>
    public static IEnumerable<ITypedRecord> Return(ClusterState state, BrokerId broker, EffectiveConfigs configs) =>
        from topic in state.Topics
        from partition in topic.Value.Partitions
        where partition.Value.Leader == BrokerId.None
        let change = Elect(
            partition.Value, [.. partition.Value.Isr],
            replica => replica == broker || state.IsActive(replica), AllowsUnclean(state, topic.Key, configs))
        where change is not null
        select Addressed(change, topic.Value.Id, partition.Key);

    /// <summary>The change of one partition once its replicas in sync are <paramref name="isr"/>; null for
    /// none.</summary>
    private static PartitionChangeRecord? Elect(
        PartitionState partition, List<BrokerId> isr, Func<BrokerId, bool> mayLead, bool allowsUnclean)
    {
        var change = new PartitionChangeRecord();
        var (leader, clean) = Choose(partition, isr, mayLead, allowsUnclean);
        if (leader != partition.Leader)
            change.Leader = leader;
        if (!clean)
        {
            // What the others in sync have and the new leader lacks is lost, so they are in sync no longer.
            isr = [leader];
            if (partition.RecoveryState != LeaderRecoveryState.Recovering)
                change.LeaderRecoveryState = (sbyte)LeaderRecoveryState.Recovering;
        }

        // The last replica in sync stays named when it goes: it alone is known to hold everything committed.
        if (isr.Count > 0 && !isr.SequenceEqual(partition.Isr))
            change.Isr = isr;
        return change.Leader == PartitionState.LeaderStays && change.Isr is null ? null : change;
    }

    private static (BrokerId Leader, bool Clean) Choose(
        PartitionState partition, List<BrokerId> isr, Func<BrokerId, bool> mayLead, bool allowsUnclean)
    {
        if (isr.Contains(partition.Leader) && mayLead(partition.Leader))
            return (partition.Leader, true);
        foreach (var replica in partition.Replicas)
        {
            if (isr.Contains(replica) && mayLead(replica))
                return (replica, true);
        }

        foreach (var replica in partition.Replicas)
        {
            if (allowsUnclean && mayLead(replica))
                return (replica, false);
        }

        return (BrokerId.None, true);
    }

    private static bool AllowsUnclean(ClusterState state, string topic, EffectiveConfigs configs) =>
        configs.Topic(state.Configs, topic).UncleanLeaderElection;

    private static PartitionChangeRecord Addressed(PartitionChangeRecord change, TopicId topic, int partition)
    {
        change.TopicId = topic;
        change.PartitionId = partition;
        return change;
    }
}
