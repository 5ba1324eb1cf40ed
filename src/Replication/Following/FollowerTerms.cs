using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;

namespace Barnabas.Replication;

/// <summary>What loops that follow other brokers work with.</summary>
/// <param name="Host">The machine.</param>
/// <param name="Self">This broker.</param>
/// <param name="BrokerEpoch">The epoch of its registration; -1 before there is one.</param>
/// <param name="Config">How replicas follow, as configured now.</param>
/// <param name="Quota">What bounds the copying of throttled replicas.</param>
/// <param name="Find">Where another broker can be reached by brokers; null while it is not registered.</param>
internal sealed record FollowerTerms(
    Host Host, BrokerId Self, Func<long> BrokerEpoch, Func<ReplicationConfig> Config,
    ReplicationQuota Quota, Func<BrokerId, Endpoint?> Find);
