using Barnabas.Base;
using Barnabas.Client;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;
using Barnabas.Tests.Simulation.Node;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Groups;

/// <summary>A short life of groups, always the same until a fault comes: members join, commit, join again, come back
/// and leave, others keep and delete offsets, and the node stops and starts in between.</summary>
internal sealed class GroupScript : Script
{
    private const string Readers = "readers";
    private const string Keeper = "keeper";
    private const int Partitions = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly HistoryTopic _topic = new("orders", TopicId.None);
    private readonly GroupLedger _readers = new(Readers, Partitions);
    private readonly OffsetRegister[] _kept;
    private HistoryTopic? _made;
    private long _lastValue;

    /// <summary>A script on an empty disk.</summary>
    public GroupScript(int seed)
        : base(
            seed, "auto.create.topics.enable=false", "offsets.topic.num.partitions=2",
            "group.min.session.timeout.ms=1000", "group.initial.rebalance.delay.ms=0",
            "num.recovery.threads.per.data.dir=1")
    {
        _topic.Grow(Partitions);
        _kept = [.. Enumerable.Range(0, Partitions).Select(p => new OffsetRegister($"{Keeper}: {p}", () => Lives))];
        // Nothing is read here: all that is committed counts as handled.
        for (var offset = 0; offset < 100; offset++)
        {
            for (var partition = 0; partition < Partitions; partition++)
                _readers.Handle(partition, offset);
        }
    }

    /// <summary>Commits and deletions acknowledged.</summary>
    public int Acknowledged => _readers.Commits + _kept.Sum(static register => register.Acknowledged);

    /// <inheritdoc/>
    protected override async Task LiveAsync()
    {
        await StartAsync();
        if (await CreateAsync() is not { } topic)
            return;
        _made = topic;
        var (readers, keeper) = (Wire(this, Readers), Wire(this, Keeper, writesNotes: true));
        await TryAskAsync(new FindCoordinatorRequest { CoordinatorKeys = [Readers] });
        await LoadedAsync(readers);
        await SetAsync(keeper, 0);
        await SetAsync(keeper, 1);

        var first = await JoinAsync(readers, "", null);
        await CommitAsync(readers, first, null, 1);
        await DeleteAsync(keeper, 0);
        var second = await JoinAsync(readers, first?.MemberId ?? "", null);
        await CommitAsync(readers, second, null, 2);
        // Whoever has lost its generation is refused.
        await CommitAsync(readers, first, null, 1);
        await readers.LeaveAsync(second?.MemberId ?? "nobody", null);
        await SetAsync(keeper, 0);

        var named = await JoinAsync(readers, "", "named");
        await CommitAsync(readers, named, "named", 3);
        named = await JoinAsync(readers, "", "named");
        await CommitAsync(readers, named, "named", 4);
        await StopAsync();

        await StartAsync();
        await LoadedAsync(readers);
        await readers.BeatAsync(named?.MemberId ?? "nobody", "named", named?.GenerationId ?? 0);
        await CommitAsync(readers, named, "named", 5);
        await SetAsync(keeper, 1);
        await StopAsync();
    }

    /// <inheritdoc/>
    protected override async Task CheckAsync(SimulatedNode node)
    {
        if (_made is null)
            return;
        var checks = new GroupChecks(node, _readers, Readers);
        node.World.AfterStep = checks.Look;
        var link = new Link(node.World);
        var asked = _kept.Select(static register => register.Ask()).ToList();
        if (await link.AskAsync(new FindCoordinatorRequest { CoordinatorKeys = [Readers] }) is { } found)
            Assert.Equal(ErrorCode.None, found.Coordinators[0].ErrorCode);
        var (readers, kept) = (Wire(link, Readers), Wire(link, Keeper, writesNotes: true));
        Dictionary<int, long>? offsets;
        while ((offsets = await kept.FetchAsync()) is null)
            await Task.Delay(Pause, node.World);
        for (var i = 0; i < Partitions; i++)
            _kept[i].Saw(asked[i], offsets[i]);
        while ((offsets = await readers.FetchAsync()) is null)
            await Task.Delay(Pause, node.World);
        for (var i = 0; i < Partitions; i++)
            _readers.Saw(i, offsets[i], _readers.Floor(i));
        checks.CompareWithReplay();
        await link.CloseAsync();
    }

    private GroupWire Wire(IRequester requester, string group, bool writesNotes = false) =>
        new(requester, group, _made!, Assignors.Range, writesNotes);

    private async Task<HistoryTopic?> CreateAsync()
    {
        var answer = await TryAskAsync(new CreateTopicsRequest
        {
            TimeoutMs = 5_000,
            Topics = [new() { Name = _topic.Name, NumPartitions = Partitions, ReplicationFactor = 1 }],
        });
        return answer?.Topics[0].ErrorCode == ErrorCode.None ? _topic with { Id = answer.Topics[0].TopicId } : null;
    }

    /// <summary>Waits for a while until the group can be asked.</summary>
    private async Task LoadedAsync(GroupWire wire)
    {
        for (var i = 0; i < 20 && await wire.FetchAsync() is null; i++)
            await Task.Delay(Pause, World);
    }

    private async Task<JoinGroupResponse?> JoinAsync(GroupWire wire, string member, string? instance)
    {
        var joined = await wire.JoinAsync(member, instance);
        if (joined?.ErrorCode == ErrorCode.MemberIdRequired)
            joined = await wire.JoinAsync(joined.MemberId, instance);
        if (!Went(joined?.ErrorCode))
            return null;
        var synced = await wire.SyncAsync(joined!, instance);
        if (!Went(synced?.ErrorCode))
            return null;
        foreach (var partition in GroupWire.PartitionsOf(synced!.Assignment))
            _readers.Own(joined!.GenerationId, partition, instance ?? joined.MemberId);
        return joined;
    }

    private async Task CommitAsync(GroupWire wire, JoinGroupResponse? joined, string? instance, long offset)
    {
        if (joined is null)
            return;
        var floors = new[] { _readers.Floor(0), _readers.Floor(1) };
        var answer = await wire.CommitAsync(
            joined.MemberId, instance, joined.GenerationId, [new(0, offset), new(1, offset)]);
        foreach (var (partition, error) in answer ?? [])
        {
            if (Went(error))
                _readers.Acknowledge(partition, offset, floors[partition]);
        }
    }

    private async Task SetAsync(GroupWire wire, int partition)
    {
        var sent = _kept[partition].Send(++_lastValue);
        var answer = await wire.CommitAsync("", null, -1, [new(partition, _lastValue)]);
        _kept[partition].End(sent, OutcomeOf(answer?[partition]));
    }

    private async Task DeleteAsync(GroupWire wire, int partition)
    {
        var sent = _kept[partition].Send(OffsetRegister.Nothing);
        var error = await wire.DeleteAsync(partition);
        _kept[partition].End(sent, error == ErrorCode.GroupIdNotFound ? false : OutcomeOf(error));
    }

    private bool? OutcomeOf(ErrorCode? error) => Went(error) ? true
        : error == ErrorCode.CoordinatorLoadInProgress ? false : null;

    private bool Went(ErrorCode? error)
    {
        if (error is { } told)
            Errors.Add(told);
        return error == ErrorCode.None;
    }
}
