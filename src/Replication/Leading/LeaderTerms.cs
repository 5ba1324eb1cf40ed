using Barnabas.Base;
using Barnabas.Cluster;

namespace Barnabas.Replication;

/// <summary>What the leader of a partition has to know of the rest of the cluster.</summary>
/// <param name="Self">This broker.</param>
/// <param name="Cluster">The cluster as it is known here now.</param>
/// <param name="BrokerEpoch">The epoch of this broker's registration; -1 before there is one.</param>
/// <param name="LagLimit"><c>replica.lag.time.max.ms</c>, in units of the host's clock.</param>
internal sealed record LeaderTerms(
    BrokerId Self, Func<ClusterState> Cluster, Func<long> BrokerEpoch, Func<long> LagLimit)
{
    /// <summary>What is wrong on purpose.</summary>
    public PlantedBug Planted { get; init; }
}
