using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Takes a broker out of service and back: fenced when silent or just registered, unfenced when it has caught
/// up, in controlled shutdown when it asked to stop (KIP-631).</summary>
public static class FenceBroker
{
    /// <summary>The broker may not lead nor be in sync any more.</summary>
    public static Decision<ErrorCode, ITypedRecord> Fence(
        ClusterState state, BrokerId broker, long epoch, EffectiveConfigs configs)
    {
        var error = Check(state, broker, epoch);
        if (error != ErrorCode.None || state.Brokers[broker].Fenced)
            return error;
        return new(ErrorCode.None,
        [
            .. Leadership.Leave(state, broker, configs),
            new BrokerRegistrationChangeRecord { BrokerId = broker, BrokerEpoch = epoch, Fenced = 1 },
        ]);
    }

    /// <summary>The broker may lead and be in sync; partitions that waited for it get it as their leader.</summary>
    public static Decision<ErrorCode, ITypedRecord> Unfence(
        ClusterState state, BrokerId broker, long epoch, EffectiveConfigs configs)
    {
        var error = Check(state, broker, epoch);
        if (error != ErrorCode.None || !state.Brokers[broker].Fenced)
            return error;
        return new(ErrorCode.None,
        [
            new BrokerRegistrationChangeRecord { BrokerId = broker, BrokerEpoch = epoch, Fenced = -1 },
            .. Leadership.Return(state, broker, configs),
        ]);
    }

    /// <summary>The broker is about to stop: its partitions go to others where there are others.</summary>
    public static Decision<ErrorCode, ITypedRecord> ShutDown(
        ClusterState state, BrokerId broker, long epoch, EffectiveConfigs configs)
    {
        var error = Check(state, broker, epoch);
        if (error != ErrorCode.None || state.Brokers[broker].InControlledShutdown)
            return error;
        return new(ErrorCode.None,
        [
            new BrokerRegistrationChangeRecord { BrokerId = broker, BrokerEpoch = epoch, InControlledShutdown = 1 },
            .. Leadership.Leave(state, broker, configs),
        ]);
    }

    /// <summary>STALE_BROKER_EPOCH unless the broker is registered with just this epoch.</summary>
    internal static ErrorCode Check(ClusterState state, BrokerId broker, long epoch) =>
        state.Brokers.TryGetValue(broker, out var registration) && registration.Epoch == epoch
            ? ErrorCode.None
            : ErrorCode.StaleBrokerEpoch;
}
