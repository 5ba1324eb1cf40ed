using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Wire;

namespace Barnabas.Cluster;

/// <summary>What a broker's coming or going does to the partitions it holds: who stays in sync, and who
/// leads.</summary>
internal static class Leadership
{
    /// <summary>The changes when a broker may no longer lead nor be in sync.</summary>
    public static IEnumerable<ITypedRecord> Leave(ClusterState state, BrokerId broker, EffectiveConfigs configs) =>
        Changes(state.HeldBy(broker), new(state, configs) { Leaving = broker });

    /// <summary>The changes when a broker may no longer lead some of the partitions it holds, nor be in sync
    /// there.</summary>
    public static IEnumerable<ITypedRecord> Leave(
        ClusterState state, BrokerId broker, IEnumerable<HeldPartition> some, EffectiveConfigs configs) =>
        Changes(some, new(state, configs) { Leaving = broker });

    /// <summary>The changes when a broker may have lost part of its logs: it is neither in sync nor eligible any more
    /// (KIP-966).</summary>
    public static IEnumerable<ITypedRecord> Lose(ClusterState state, BrokerId broker, EffectiveConfigs configs) =>
        Changes(state.HeldBy(broker), new(state, configs) { Leaving = broker }, lost: broker);

    /// <summary>The changes when a broker may lead: partitions without a leader may get one.</summary>
    public static IEnumerable<ITypedRecord> Return(ClusterState state, BrokerId broker, EffectiveConfigs configs)
    {
        var rules = new LeadershipRules(state, configs) { Returning = broker };
        return from held in state.HeldBy(broker)
               where held.State.Leader == BrokerId.None
               let change = new PartitionChange(held.Topic, held.Index, rules).Build()
               where change is not null
               select change;
    }

    private static IEnumerable<ITypedRecord> Changes(
        IEnumerable<HeldPartition> partitions, LeadershipRules rules, BrokerId? lost = null)
    {
        foreach (var (topic, index, partition) in partitions)
        {
            var counts = partition.Leader == rules.Leaving
                || partition.Isr.Contains(rules.Leaving)
                || (lost is not null && partition.Elr.Contains(rules.Leaving));
            if (!counts)
                continue;
            var change = new PartitionChange(topic, index, rules)
            {
                Isr = partition.Isr.Remove(rules.Leaving),
                Lost = lost ?? BrokerId.None,
            };
            if (change.Build() is { } record)
                yield return record;
        }
    }
}
