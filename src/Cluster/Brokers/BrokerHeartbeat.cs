using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>A broker says that it lives and what it wants: to be let in, to be left out, to stop; and which of its log
/// directories failed (KIP-631, KIP-858).</summary>
public static class BrokerHeartbeat
{
    /// <summary>Decides on a request of any version.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="request">What the broker says.</param>
    /// <param name="stopIsKnown">True once every active broker knows that this one stops.</param>
    /// <param name="configs">Says which topics may have unclean leaders.</param>
    /// <returns>STALE_BROKER_EPOCH for a broker that registered anew, or never did.</returns>
    public static Decision<BrokerHeartbeatResponse, ITypedRecord> Decide(
        ClusterState state, BrokerHeartbeatRequest request, bool stopIsKnown, EffectiveConfigs configs)
    {
        var (id, epoch) = (request.BrokerId, request.BrokerEpoch);
        var stale = FenceBroker.Check(state, id, epoch);
        if (stale != ErrorCode.None && !configs.Has(PlantedBug.StaleBrokerHeard))
            return Refuse(stale);
        if (!state.Brokers.ContainsKey(id))
            return Refuse(stale);

        List<ITypedRecord> records = [.. OfflineDirectories(state, request, configs)];
        var current = state.Apply(records);
        var next = Next(current, request, stopIsKnown);
        var broker = current.Brokers[id];
        if (next is Standing.Fenced or Standing.Stopped && !broker.Fenced)
            records.AddRange(FenceBroker.Fence(current, id, broker.Epoch, configs).Records);
        else if (next == Standing.Active && broker.Fenced)
            records.AddRange(FenceBroker.Unfence(current, id, broker.Epoch, configs).Records);
        else if (next == Standing.Stopping)
            records.AddRange(FenceBroker.ShutDown(current, id, broker.Epoch, configs).Records);

        var answer = new BrokerHeartbeatResponse
        {
            IsCaughtUp = request.CurrentMetadataOffset.Value >= broker.Epoch,
            IsFenced = next is Standing.Fenced or Standing.Stopped,
            ShouldShutDown = next == Standing.Stopped,
        };
        return new(answer, records);
    }

    /// <summary>The answer that refuses a request.</summary>
    public static BrokerHeartbeatResponse Refuse(ErrorCode error) => new() { ErrorCode = error };

    private static Standing Next(ClusterState state, BrokerHeartbeatRequest request, bool stopIsKnown)
    {
        var broker = state.Brokers[request.BrokerId];
        if (broker.Fenced)
        {
            if (request.WantShutDown)
                return Standing.Stopped;

            // What it has not heard of itself, it has not heard of the partitions it is to lead. The epoch is the
            // offset of its registration. Once it stops, it comes back by registering.
            var mayServe = !request.WantFence
                && !broker.InControlledShutdown
                && request.CurrentMetadataOffset.Value >= broker.Epoch
                && !HasNoDirectory(broker, request);
            return mayServe ? Standing.Active : Standing.Fenced;
        }

        if (broker.InControlledShutdown)
            return !Leads(state, broker.Id) && stopIsKnown ? Standing.Stopped : Standing.Stopping;
        if (request.WantShutDown)
            return !request.WantFence && Leads(state, broker.Id) ? Standing.Stopping : Standing.Stopped;
        return request.WantFence || HasNoDirectory(broker, request) ? Standing.Fenced : Standing.Active;
    }

    /// <summary>The changes when log directories that were online are so no longer: partitions in them move
    /// on.</summary>
    private static IEnumerable<ITypedRecord> OfflineDirectories(
        ClusterState state, BrokerHeartbeatRequest request, EffectiveConfigs configs)
    {
        var broker = state.Brokers[request.BrokerId];
        var failed = broker.LogDirs.Intersect(request.OfflineLogDirs).ToHashSet();
        if (failed.Count == 0)
            yield break;
        var held = state.HeldBy(broker.Id)
            .Where(partition => partition.State.DirectoryOf(broker.Id) is { } directory && failed.Contains(directory));
        foreach (var change in Leadership.Leave(state, broker.Id, held, configs))
            yield return change;
        List<Uuid> left = [.. broker.LogDirs.Where(directory => !failed.Contains(directory))];

        // A change that names no directory leaves them as they are: a broker without any is fenced instead.
        if (left.Count > 0)
        {
            yield return new BrokerRegistrationChangeRecord
            {
                BrokerId = broker.Id,
                BrokerEpoch = broker.Epoch,
                LogDirs = left,
            };
        }
    }

    private static bool HasNoDirectory(BrokerState broker, BrokerHeartbeatRequest request) =>
        !broker.LogDirs.IsEmpty && broker.LogDirs.All(request.OfflineLogDirs.Contains);

    private static bool Leads(ClusterState state, BrokerId broker) =>
        state.HeldBy(broker).Any(partition => partition.State.Leader == broker);

    private enum Standing
    {
        Fenced,
        Active,
        Stopping,
        Stopped,
    }
}
