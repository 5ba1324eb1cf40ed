using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Forgets a broker that will not come back (KIP-631). It need not be fenced, and partitions may still name it
/// among their replicas.</summary>
public static class UnregisterBroker
{
    /// <summary>Decides on a request. BROKER_ID_NOT_REGISTERED where there is no such broker.</summary>
    public static Decision<UnregisterBrokerResponse, ITypedRecord> Decide(
        ClusterState state, UnregisterBrokerRequest request, EffectiveConfigs configs)
    {
        if (!state.Brokers.TryGetValue(request.BrokerId, out var registration))
        {
            return Refuse(new(
                ErrorCode.BrokerIdNotRegistered, $"Broker ID {request.BrokerId} is not currently registered"));
        }

        // Should it come back all the same, nobody knows any more how it stopped: it is eligible for nothing.
        return new(new UnregisterBrokerResponse { ErrorMessage = null },
        [
            .. Leadership.Lose(state, request.BrokerId, configs),
            new UnregisterBrokerRecord { BrokerId = request.BrokerId, BrokerEpoch = registration.Epoch },
        ]);
    }

    /// <summary>The answer that refuses a request.</summary>
    public static UnregisterBrokerResponse Refuse(ApiError error) =>
        new() { ErrorCode = error.Code, ErrorMessage = error.Message };
}
