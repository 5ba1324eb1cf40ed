using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    private ReplicationConfig ReplicationConfig() => _configs.Broker(_state.Configs).Replication;

    private long LagLimit() => (long)(ReplicationConfig().LagLimit.TotalSeconds * _host.Time.TimestampFrequency);

    private (string Host, int Port)? FindBroker(BrokerId id)
    {
        var listener = _configs.Broker(_state.Configs).Network.Listeners.InterBroker;
        return _state.Brokers.TryGetValue(id, out var broker) && broker.EndpointOf(listener) is { } at
            ? (at.Host, at.Port)
            : null;
    }
}
