using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Cluster;

/// <summary>Gives partitions back to their preferred leaders, as <c>auto.leader.rebalance.enable</c> asks every
/// <c>leader.imbalance.check.interval.seconds</c>.</summary>
public static class BalanceLeaders
{
    /// <summary>The most elections of one decision, so that nothing else waits long.</summary>
    public const int MostElections = 1_000;

    /// <summary>Decides on a round.</summary>
    /// <returns>True when there is more to do at once.</returns>
    public static Decision<bool, ITypedRecord> Decide(ClusterState state, EffectiveConfigs configs)
    {
        var rules = new LeadershipRules(state, configs);
        var records = new List<ITypedRecord>();
        foreach (var (topic, index, _) in state.Imbalanced())
        {
            if (records.Count == MostElections)
                return new(true, records);
            var change = new PartitionChange(topic, index, rules) { Election = ElectionKind.Preferred }.Build();
            if (change is not null && change.Leader != PartitionState.LeaderStays)
                records.Add(change);
        }

        return new(false, records);
    }
}
