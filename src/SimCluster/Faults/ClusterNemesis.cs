using System.Net;
using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.SimCluster;

/// <summary>Everything that goes wrong, of the kinds that the history allows. It leaves a cluster behind that has what
/// it needs: machines, disks, network, ensemble.</summary>
internal sealed class ClusterNemesis(ClusterHistory history, int number)
{
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(1);
    private readonly RandomSource _chance = history.NewChance(number);
    private readonly List<(TimeSpan At, Action Act)> _ends = [];

    /// <summary>The machine that may have lost what was not synced, until all is whole again; null for none.</summary>
    private ClusterNode? _lossy;

    private World World => history.World;

    private IReadOnlyList<ClusterNode> Nodes => history.Nodes;

    /// <summary>Does harm for a while.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var end = World.Age + time;
        while (World.Age < end)
        {
            await PauseAsync(100, 1900);
            Advance();
            if (history.Faults.Count > 0)
                await HarmAsync(history.Faults[_chance.Next(history.Faults.Count)]);
        }

        Heal();
    }

    private async Task HarmAsync(FaultKind kind)
    {
        var node = Nodes[_chance.Next(Nodes.Count)];
        switch (kind)
        {
            case FaultKind.Kill when node.Process is not null && MayEnd(node):
                history.Inject(kind, $"{node.Number}");
                node.Kill();
                break;
            case FaultKind.Power when node.Process is not null && MayEnd(node):
                CutPower(node);
                break;
            case FaultKind.Stop when node.Running is not null && MayEnd(node):
                history.Inject(kind, $"{node.Number}");
                var isClean = await node.StopAsync(TimeSpan.FromSeconds(8));
                history.Say($"stopped {node.Number}{(isClean ? "" : " by force")}");
                break;
            case FaultKind.Pause when node.Process is { IsPaused: false } process:
                history.Inject(kind, $"{node.Number}");
                process.Pause();
                Later(200, 8000, process.GoOn);
                break;
            case FaultKind.Clock:
                SetClock(node);
                break;
            case FaultKind.Session when history.Ensemble.Sessions is { Count: > 0 } sessions:
                var session = sessions[_chance.Next(sessions.Count)];
                history.Inject(kind, $"{session:x}");
                history.Ensemble.Lane.Post(() => history.Ensemble.Expire(session));
                break;
            case FaultKind.SlowDisk or FaultKind.BadDisk or FaultKind.FullDisk when node.Process is { } process:
                HarmDisk(kind, node, process);
                break;
            case FaultKind.Cut or FaultKind.OneWay or FaultKind.Split or FaultKind.Keeper or FaultKind.Slow
                or FaultKind.Reset:
                HarmNetwork(kind, node);
                break;
        }
    }

    private void CutPower(ClusterNode node)
    {
        var kind = MayLose() ? (CrashKind)_chance.Next(3) : CrashKind.KeepsAll;
        history.Inject(FaultKind.Power, $"{node.Number} {kind}");
        if (kind != CrashKind.KeepsAll && !history.IsSynced)
            _lossy = node;
        node.Crash(kind);
    }

    // What is kept by replication alone outlives a loss on one machine, as long as no other process ends without a
    // clean stop before that one is in sync again: no more is promised (KIP-966). What is synced outlives anything.
    private bool MayLose() => history.IsSynced || (_lossy is null && IsWhole());

    private bool MayEnd(ClusterNode node)
    {
        if (_lossy is not null && IsWhole())
            _lossy = null;
        return _lossy is null || ReferenceEquals(_lossy, node) || !IsNeeded(node);
    }

    private bool IsNeeded(ClusterNode node) => history.Watch.State.Topics.Any(topic => topic.Value.Partitions.Any(
        partition => partition.Value.Isr.Contains(new(node.Number)) || partition.Value.Elr.Contains(new(node.Number))));

    private bool IsWhole() => Nodes.All(static n => n.Running is not null)
        && history.Watch.State.Brokers.Count(static broker => broker.Value.IsActive) == Nodes.Count
        && history.Watch.State.Topics.All(static topic => topic.Value.Partitions.All(
            static partition => partition.Value.Isr.Length >= partition.Value.Replicas.Length));

    private void SetClock(ClusterNode node)
    {
        if (_chance.Next(2) == 0)
        {
            node.ClockOffset = TimeSpan.FromMilliseconds(_chance.Next(120_000) - 60_000);
            history.Inject(FaultKind.Clock, $"{node.Number} is off by {node.ClockOffset.TotalSeconds} s");
            return;
        }

        node.DriftPpm = _chance.Next(20_001) - 10_000;
        history.Inject(FaultKind.Clock, $"{node.Number} drifts by {node.DriftPpm} ppm");
    }

    private void HarmDisk(FaultKind kind, ClusterNode node, SimProcess process)
    {
        switch (kind)
        {
            case FaultKind.SlowDisk when _chance.Next(2) == 0:
                history.Inject(kind, $"{node.Number} is stuck");
                process.IsStuck = true;
                Later(200, 5000, () => process.IsStuck = false);
                break;
            case FaultKind.SlowDisk:
                history.Inject(kind, $"{node.Number}");
                process.LongestWork = TimeSpan.FromMilliseconds(1 + _chance.Next(700));
                Later(500, 8000, () => process.LongestWork = Quick);
                break;
            // A sync that fails loses what it should have kept.
            case FaultKind.BadDisk when MayLose():
                var forGood = _chance.Next(2) == 0;
                history.Inject(kind, $"{node.Number}{(forGood ? " for good" : "")}");
                if (!history.IsSynced)
                    _lossy = node;
                node.Disk.FailAt(node.Disk.Calls + 1 + _chance.Next(60), forGood);
                Later(500, 4000, () => Replace(node, process));
                break;
            case FaultKind.FullDisk when MayEnd(node):
                history.Inject(kind, $"{node.Number}");
                node.Disk.Capacity = node.Disk.Used + _chance.Next(20_000);
                Later(500, 5000, () => node.Disk.Capacity = SimDisk.Unlimited);
                Later(5000, 7000, () => Replace(node, process));
                break;
        }
    }

    // Directories that failed stay offline until the next start.
    private void Replace(ClusterNode node, SimProcess process)
    {
        node.Disk.FailNever();
        if (!ReferenceEquals(process, node.Process))
            return;
        if (!MayEnd(node))
        {
            Later(500, 1000, () => Replace(node, process));
            return;
        }

        history.Say($"restart {node.Number}");
        node.Kill();
    }

    private void HarmNetwork(FaultKind kind, ClusterNode node)
    {
        var other = Nodes[(node.Number + _chance.Next(Nodes.Count - 1)) % Nodes.Count];
        var (there, back) = (Route(node.Address, other.Address), Route(other.Address, node.Address));
        switch (kind)
        {
            case FaultKind.Cut:
                Cut(kind, $"{node.Number} and {other.Number}", [there, back]);
                break;
            case FaultKind.OneWay:
                Cut(kind, $"{node.Number} to {other.Number}", [there]);
                break;
            case FaultKind.Split:
                Split();
                break;
            case FaultKind.Keeper:
                var members = Members().Where(_ => _chance.Next(4) > 0).ToArray();
                Cut(kind, $"{node.Number} from {members.Length}", members.SelectMany(m => Both(node.Address, m)));
                break;
            case FaultKind.Slow when _chance.Next(2) == 0:
                history.Inject(kind, $"{node.Number} to {other.Number}");
                there.Delay = TimeSpan.FromMilliseconds(_chance.Next(800));
                Later(1000, 8000, () => there.Delay = TimeSpan.Zero);
                break;
            case FaultKind.Slow:
                history.Inject(kind, $"{node.Number} to {other.Number} clogged");
                there.Clog(TimeSpan.FromMilliseconds(_chance.Next(5000)));
                break;
            default:
                history.Inject(kind, $"{node.Number} and {other.Number}");
                there.Reset();
                break;
        }
    }

    private void Split()
    {
        var apart = Nodes.Where(_ => _chance.Next(Nodes.Count) == 0).ToArray();
        var members = Members().Where(_ => _chance.Next(3) == 0).ToArray();
        IPAddress[] few = [.. apart.Select(static n => n.Address), .. members];
        IPAddress[] many = [.. Nodes.Select(static n => n.Address).Concat(Members()).Except(few)];
        if (few.Length > 0)
        {
            Cut(
                FaultKind.Split,
                $"{string.Join(", ", apart.Select(static n => n.Number))} and {members.Length} members",
                few.SelectMany(a => many.SelectMany(b => Both(a, b))));
        }
    }

    private void Cut(FaultKind kind, string whom, IEnumerable<SimRoute> routes)
    {
        history.Inject(kind, whom);
        var cut = routes.Where(static route => !route.IsCut).ToArray();
        foreach (var route in cut)
            route.Cut();
        Later(300, 9000, () =>
        {
            history.Say($"{FaultKinds.NameOf(kind)} healed: {whom}");
            foreach (var route in cut)
                route.Heal();
        });
    }

    private IEnumerable<IPAddress> Members() => history.Ensemble.Members.Select(static member => member.At.Address);

    private SimRoute Route(IPAddress from, IPAddress to) => World.Network.Route(from, to);

    private SimRoute[] Both(IPAddress one, IPAddress other) => [Route(one, other), Route(other, one)];

    /// <summary>Ends what is over, and starts brokers that are down, sooner or later.</summary>
    private void Advance()
    {
        var due = _ends.Where(end => end.At <= World.Age).OrderBy(static end => end.At).ToArray();
        _ends.RemoveAll(end => end.At <= World.Age);
        foreach (var (_, act) in due)
            act();
        foreach (var node in Nodes)
        {
            if (node.HasHalted && MayEnd(node))
                node.Kill();
            if (node.Process is null && _chance.Next(3) == 0)
                Start(node);
        }
    }

    private void Start(ClusterNode node)
    {
        history.Say($"start {node.Number}");
        node.Start();
    }

    /// <summary>Ends all that is wrong; brokers that are down are started until all serve.</summary>
    private void Heal()
    {
        foreach (var (_, act) in _ends.OrderBy(static end => end.At).ToArray())
            act();
        World.Network.Heal();
        foreach (var node in Nodes)
        {
            node.Disk.FailNever();
            node.Disk.Capacity = SimDisk.Unlimited;
            (node.DriftPpm, node.ClockOffset) = (0, TimeSpan.Zero);
        }

        _ = KeepRunningAsync();
    }

    private async Task KeepRunningAsync()
    {
        while (true)
        {
            foreach (var node in Nodes)
            {
                var isHarmed = node.HasHalted || node.Running?.Broker.Replicas.OfflineDirectories.Any() == true;
                if (isHarmed && MayEnd(node))
                    node.Kill();
                if (node.Process is null)
                    Start(node);
            }

            await PauseAsync(500, 1000);
        }
    }

    private void Later(int fromMs, int toMs, Action act) =>
        _ends.Add((World.Age + TimeSpan.FromMilliseconds(fromMs + _chance.Next(toMs - fromMs)), act));

    private Task PauseAsync(int fromMs, int toMs) =>
        Task.Delay(TimeSpan.FromMilliseconds(fromMs + _chance.Next(toMs - fromMs)), World);
}
