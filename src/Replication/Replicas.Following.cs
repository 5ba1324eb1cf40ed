using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    private ReplicationConfig ReplicationConfig() => _configs.Broker(_state.Configs).Replication;

    private long LagLimit() => (long)(ReplicationConfig().LagLimit.TotalSeconds * _host.Time.TimestampFrequency);

    private Endpoint? FindBroker(BrokerId id) =>
        _state.FindEndpoint(id, _configs.Broker(_state.Configs).Network.Listeners.InterBroker);
}
