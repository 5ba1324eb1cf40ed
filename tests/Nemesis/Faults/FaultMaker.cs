using Barnabas.Tests.Nemesis.Drivers;
using Barnabas.Tests.Nemesis.Servers;

namespace Barnabas.Tests.Nemesis.Faults;

/// <summary>Makes the faults of a plan: finds out whom they hit.</summary>
internal sealed class FaultMaker(Cluster cluster, Roles roles, Workload workload)
{
    private static readonly TimeSpan MostBehind = TimeSpan.FromMinutes(50);
    private static readonly TimeSpan MostAhead = TimeSpan.FromHours(20);

    /// <summary>The kinds that this place allows.</summary>
    public static IEnumerable<FaultKind> Possible(Place.Site site, bool hasClocks) =>
        from kind in Enum.GetValues<FaultKind>()
        where NeedsLinks(kind) ? site.Links is not null
            : kind == FaultKind.FillDisk ? site.HasVolumes
            : kind != FaultKind.JumpClock || hasClocks
        select kind;

    /// <summary>The fault itself.</summary>
    public async Task<Fault> MakeAsync(PlannedFault planned)
    {
        var keeper = cluster.Keepers[planned.Turn % cluster.Keepers.Count];
        return planned.Kind switch
        {
            FaultKind.KillEnsembleMember => new Killed($"{keeper.Node} is killed", keeper),
            FaultKind.PauseEnsembleMember => new Held($"{keeper.Node} stands still", keeper),
            FaultKind.IsolateEnsembleMember => new Cut(
                $"{keeper.Node} is cut off from the ensemble", cluster.Site.Links!, Cut.Between(keeper.Node, Keepers)),
            FaultKind.KillAllBrokers => new Killed("all brokers are killed", [.. cluster.Brokers]),
            FaultKind.KillCopier => new CopierKilled(workload),
            _ => Make(planned, await VictimAsync(planned)),
        };
    }

    private IReadOnlyList<string> Keepers => [.. cluster.Keepers.Select(static keeper => keeper.Node)];

    private IReadOnlyList<string> Brokers => [.. cluster.Brokers.Select(static broker => broker.Node)];

    private static bool NeedsLinks(FaultKind kind) => kind is FaultKind.IsolateLeader or FaultKind.IsolateController
        or FaultKind.CutFromEnsemble or FaultKind.CutFromBrokers or FaultKind.Deafen or FaultKind.Mute
        or FaultKind.IsolateEnsembleMember;

    private Fault Make(PlannedFault planned, BrokerProcess broker)
    {
        var (node, links) = (broker.Node, cluster.Site.Links!);
        return planned.Kind switch
        {
            FaultKind.KillLeader or FaultKind.KillController or FaultKind.KillGroupCoordinator
                or FaultKind.KillTransactionCoordinator => new Killed($"{node} is killed", broker),
            FaultKind.StopBroker => new Stopped($"{node} is told to stop", broker),
            FaultKind.PauseLeader or FaultKind.PauseController => new Held($"{node} stands still", broker),
            FaultKind.IsolateLeader or FaultKind.IsolateController => new Cut(
                $"{node} is cut off from all other servers", links, Cut.Between(node, [.. Brokers, .. Keepers])),
            FaultKind.CutFromEnsemble => new Cut(
                $"{node} is cut off from the ensemble", links, Cut.Between(node, Keepers)),
            FaultKind.CutFromBrokers => new Cut(
                $"{node} is cut off from the other brokers", links, Cut.Between(node, Brokers)),
            FaultKind.Deafen => new Cut(
                $"{node} hears no other server", links, [.. Cut.To(node, [.. Brokers, .. Keepers])]),
            FaultKind.Mute => new Cut(
                $"{node} is heard by no other server", links, [.. Cut.From(node, [.. Brokers, .. Keepers])]),
            FaultKind.FailSync => new SyncFails(broker),
            FaultKind.FillDisk => new DiskFull(broker),
            FaultKind.JumpClock => new ClockJump(broker, broker.Clock!, JumpOf(planned.Turn)),
            var kind => throw new ArgumentOutOfRangeException(nameof(planned), kind, "it hits no broker"),
        };
    }

    private async Task<BrokerProcess> VictimAsync(PlannedFault planned)
    {
        var at = Topics.PartitionOf(planned.Key);
        var found = planned.Kind switch
        {
            FaultKind.KillController or FaultKind.PauseController or FaultKind.IsolateController =>
                await roles.ControllerAsync(),
            FaultKind.KillGroupCoordinator => await roles.CoordinatorOfGroupAsync(MemberLoop.Group),
            FaultKind.KillTransactionCoordinator =>
                await roles.CoordinatorOfTransactionsAsync(
                    planned.Turn % 2 == 0 ? ManagedCopier.Name : ForeignCopier.Name),
            _ => await roles.LeaderAsync(at.Topic, at.Partition),
        };
        return found ?? cluster.Brokers[planned.Turn % cluster.Brokers.Count];
    }

    /// <summary>Back by less than a record may be ahead, forward by less than anything is kept for.</summary>
    private static TimeSpan JumpOf(int turn)
    {
        var share = (turn >> 1) / (double)(1 << 15);
        return turn % 2 == 0 ? MostAhead * share : -MostBehind * share;
    }
}
