using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>When the controller last heard of each broker, and how much of the metadata each has applied. It is no part
/// of the cluster's state: a new controller begins anew.</summary>
/// <remarks>Owned by the lane of the machine. It measures by the clock's timestamps, which go on evenly when the time
/// of day is set.</remarks>
/// <param name="time">The clock.</param>
/// <param name="timeout"><c>broker.session.timeout.ms</c>: how long a broker may be silent.</param>
public sealed class BrokerSessions(TimeProvider time, TimeSpan timeout)
{
    private const long Unknown = -1;

    private readonly SortedDictionary<BrokerId, Session> _sessions = [];

    /// <summary>Begins anew, with the leadership: every broker that is not fenced was heard of just now.</summary>
    public void Reset(ClusterState state)
    {
        _sessions.Clear();
        foreach (var (id, broker) in state.Brokers)
        {
            if (!broker.Fenced)
                Touch(id, broker.Epoch);
        }
    }

    /// <summary>Notes a sign of life of a broker.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="epoch">Its epoch: one of an earlier process does not count.</param>
    /// <param name="applied">The offset of the last metadata record it has applied; -1 where it did not say.</param>
    public void Touch(BrokerId broker, long epoch, long applied = Unknown)
    {
        if (_sessions.TryGetValue(broker, out var known) && known.Epoch > epoch)
            return;
        var same = known is not null && known.Epoch == epoch;
        _sessions[broker] = new Session(
            epoch, time.GetTimestamp(), same ? Math.Max(known!.Applied, applied) : applied,
            same ? known!.StopsAt : Unknown);
    }

    /// <summary>True while the process that registered under an id is heard of.</summary>
    public bool IsAlive(BrokerId broker) =>
        _sessions.TryGetValue(broker, out var session) && time.GetElapsedTime(session.Heard) < timeout;

    /// <summary>The brokers whose sessions are over, in the order of their ids. Each is named once: what is said of it
    /// later begins another session.</summary>
    public IReadOnlyList<BrokerId> Stale()
    {
        List<BrokerId> stale = [.. _sessions.Keys.Where(broker => !IsAlive(broker))];
        foreach (var broker in stale)
            _sessions.Remove(broker);
        return stale;
    }

    /// <summary>Takes a heartbeat: notes it, and decides on it.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="request">What the broker says.</param>
    /// <param name="nextOffset">The offset the next metadata record gets.</param>
    /// <param name="configs">Says which topics may have unclean leaders.</param>
    public Decision<BrokerHeartbeatResponse, ITypedRecord> Hear(
        ClusterState state, BrokerHeartbeatRequest request, long nextOffset, EffectiveConfigs configs)
    {
        var id = request.BrokerId;
        var decision = BrokerHeartbeat.Decide(state, request, StopIsKnown(state, id), configs);
        if (decision.Answer.ErrorCode != ErrorCode.None)
            return decision;

        Touch(id, request.BrokerEpoch, request.CurrentMetadataOffset.Value);
        var session = _sessions[id];
        var stops = !decision.Answer.IsFenced && state.Apply(decision.Records).Brokers[id].InControlledShutdown;
        if (stops && (decision.Records.Count > 0 || session.StopsAt == Unknown))
            _sessions[id] = session with { StopsAt = nextOffset + decision.Records.Count - 1 };
        return decision;
    }

    /// <summary>True when a broker may go: every active one has applied that others lead what it led, so that clients
    /// are told so wherever they ask.</summary>
    private bool StopIsKnown(ClusterState state, BrokerId broker) =>
        _sessions.TryGetValue(broker, out var session)
        && session.StopsAt != Unknown
        && state.Brokers.All(other => !other.Value.IsActive
            || (_sessions.TryGetValue(other.Key, out var its) && its.Applied >= session.StopsAt));

    /// <param name="Epoch">The broker's epoch.</param>
    /// <param name="Heard">When it was last heard of, as a timestamp of the clock.</param>
    /// <param name="Applied">The offset of the last metadata record it has applied; -1 unless known.</param>
    /// <param name="StopsAt">The offset of the last record by which it was relieved; -1 unless it stops.</param>
    private sealed record Session(long Epoch, long Heard, long Applied, long StopsAt);
}
