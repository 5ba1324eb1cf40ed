using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Brokers;

/// <summary>What the controller does beyond answering: while this node leads the metadata it keeps the sessions of the
/// brokers, fences those that have fallen silent (KIP-631), and gives partitions back to their preferred
/// leaders.</summary>
/// <remarks>Owned by the lane of the machine; decisions are asked of it there.</remarks>
/// <param name="host">The machine.</param>
/// <param name="machine">The cluster's state.</param>
/// <param name="nextOffset">The offset the next metadata record gets.</param>
/// <param name="configs">What topics and brokers are configured with.</param>
/// <param name="clusterId">The cluster's id.</param>
public sealed class ActiveController(
    Host host, Machine<ClusterState, ITypedRecord> machine, Func<long> nextOffset, EffectiveConfigs configs,
    string clusterId) : IDisposable
{
    private static readonly TimeSpan ShortestSweep = TimeSpan.FromMilliseconds(10);
    private readonly TimeSpan _timeout = configs.Broker(StoredConfigs.Empty).Membership.SessionTimeout;
    private readonly TimeSpan? _balanceInterval =
        configs.Broker(StoredConfigs.Empty).Membership.LeaderBalanceInterval;

    private BrokerSessions? _sessions;
    private ITimer? _sweep;
    private ITimer? _balance;

    /// <summary>Begins to follow who leads.</summary>
    public void Start() => machine.ObserveLead(OnLead);

    /// <summary>Decides on a broker's registration.</summary>
    public Decision<BrokerRegistrationResponse, ITypedRecord> Register(
        ClusterState state, BrokerRegistrationRequest request)
    {
        var membership = new Membership(clusterId, nextOffset(), id => _sessions?.IsAlive(id) == true);
        var decision = RegisterBroker.Decide(state, request, membership, configs);
        if (decision.Answer.ErrorCode == ErrorCode.None)
            _sessions?.Touch(request.BrokerId, decision.Answer.BrokerEpoch);
        return decision;
    }

    /// <summary>Decides on a broker's heartbeat.</summary>
    public Decision<BrokerHeartbeatResponse, ITypedRecord> Hear(ClusterState state, BrokerHeartbeatRequest request) =>
        _sessions is { } sessions
            ? sessions.Hear(state, request, nextOffset(), configs)
            : BrokerHeartbeat.Refuse(ErrorCode.NotController);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sweep?.Dispose();
        _balance?.Dispose();
    }

    private void OnLead(int epoch, bool leads)
    {
        Dispose();
        (_sweep, _balance, _sessions) = (null, null, null);
        if (!leads)
            return;
        _sessions = new BrokerSessions(host.Time, _timeout);
        _sessions.Reset(machine.Committed);
        var interval = TimeSpan.FromTicks(Math.Max(_timeout.Ticks / 16, ShortestSweep.Ticks));
        _sweep = host.Time.CreateTimer(_ => Sweep(), null, interval.ForTimer(), interval.ForTimer());
        if (_balanceInterval is { } pause)
            _balance = host.Time.CreateTimer(_ => Balance(), null, pause.ForTimer(), pause.ForTimer());
    }

    private void Sweep() => _ = machine.CommandAsync(FenceSilent, static () => ErrorCode.NotController);

    // A round is bounded, so that what else is asked of the controller gets its turn between two.
    private async void Balance()
    {
        while (await machine.CommandAsync(state => BalanceLeaders.Decide(state, configs), static () => false))
        {
        }
    }

    private Decision<ErrorCode, ITypedRecord> FenceSilent(ClusterState state)
    {
        var records = new List<ITypedRecord>();
        foreach (var silent in _sessions?.Stale() ?? [])
        {
            if (!state.Brokers.TryGetValue(silent, out var broker))
                continue;
            var fenced = FenceBroker.Fence(state, silent, broker.Epoch, configs).Records;
            records.AddRange(fenced);
            state = state.Apply(fenced);
        }

        return new(ErrorCode.None, records);
    }
}
