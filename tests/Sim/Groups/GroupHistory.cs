using Barnabas.Client;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;

namespace Barnabas.Tests.Simulation.Groups;

/// <summary>A history of groups: members good and bad share a topic that is written to, others keep offsets in a group
/// without members.</summary>
internal sealed class GroupHistory : History, IGroupHistory
{
    /// <summary>The group that shares the topic.</summary>
    public const string ReadersName = "readers";

    /// <summary>The group that only keeps offsets.</summary>
    public const string KeeperName = "keeper";

    /// <summary>The topic.</summary>
    public const string Work = "work";

    private const int Width = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly IPartitionAssignor[] Known =
        [Assignors.Range, Assignors.RoundRobin, Assignors.Sticky, Assignors.CooperativeSticky];

    private readonly GroupChecks _checks;
    private bool _isWritten;
    private long _lastValue;

    /// <summary>The history of a seed, at its beginning.</summary>
    public GroupHistory(int seed)
        : base(
            seed, "offsets.topic.num.partitions=2",
            "group.min.session.timeout.ms=1000", "group.initial.rebalance.delay.ms=300")
    {
        Assignor = Known[NewChance(20).Next(Known.Length)];
        Kept = [.. Enumerable.Range(0, Width).Select(
            p => new OffsetRegister($"{KeeperName}: {Work}-{p}", () => Node.Lives))];
        _checks = new GroupChecks(Node, Readers, ReadersName);
    }

    /// <inheritdoc/>
    public IPartitionAssignor Assignor { get; }

    /// <inheritdoc/>
    public GroupLedger Readers { get; } = new(ReadersName, Width);

    /// <summary>What is known of the keeper's offsets, by partition.</summary>
    public IReadOnlyList<OffsetRegister> Kept { get; }

    /// <inheritdoc/>
    public bool IsRead { get; private set; }

    /// <summary>True while a coordinator may be about to load its groups.</summary>
    public bool IsLoading => _checks.IsLoading;

    /// <summary>An offset that nobody else sets.</summary>
    public long NextValue() => ++_lastValue;

    /// <inheritdoc/>
    public long[] Floors() => [.. Enumerable.Range(0, Width).Select(Readers.Floor)];

    /// <inheritdoc/>
    public async Task<HistoryTopic> WorkAsync()
    {
        while (!Topics.Any())
            await Task.Delay(Pause, World);
        return Topics.Single();
    }

    /// <inheritdoc/>
    protected override IEnumerable<Task> Begin(Operator admin) =>
    [
        WriteAsync(new ManagedProducer(this, () => admin.CreateKeptAsync(Work, Width), 6, Work, Width)),
        new RawMember(this, 10, null).RunAsync(),
        new RawMember(this, 11, "static").RunAsync(),
        new ManagedMember(this, 12, null).RunAsync(),
        new ManagedMember(this, 13, NewChance(21).Next(2) == 0 ? "lasting" : null).RunAsync(),
        new SimpleClient(this, 14).RunAsync(),
        new SimpleClient(this, 15).RunAsync(),
        WatchAsync(),
    ];

    /// <inheritdoc/>
    protected override void LookAtStep()
    {
        base.LookAtStep();
        _checks.Look();
    }

    /// <inheritdoc/>
    protected override Task SettleAsync()
    {
        _checks.CompareWithReplay();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task CheckAsync()
    {
        await base.CheckAsync();
        await SimpleClient.CheckAsync(this, Topics.Single());
        var link = new Link(World);
        while (!await LookAtPositionsAsync(link))
            await Task.Delay(Pause, World);
        await link.CloseAsync();
        _checks.CompareWithReplay();
    }

    private async Task WriteAsync(ManagedProducer producer)
    {
        await producer.RunAsync();
        _isWritten = true;
    }

    /// <summary>Looks where the readers stand, as any client may, until they have come to the end.</summary>
    private async Task WatchAsync()
    {
        var topic = await WorkAsync();
        var link = new Link(World);
        while (!IsRead)
        {
            await Task.Delay(Pause, World);
            await LookAtPositionsAsync(link);
            IsRead = _isWritten
                && Enumerable.Range(0, Width).All(p => Readers.HasCome(p, topic.Partitions[p].End));
        }

        await link.CloseAsync();
    }

    private async Task<bool> LookAtPositionsAsync(Link link)
    {
        var floors = Floors();
        var found = await new GroupWire(link, ReadersName, Topics.Single(), Assignor).FetchAsync();
        foreach (var (partition, offset) in found ?? [])
            Readers.Saw(partition, offset, floors[partition]);
        return found is not null;
    }
}
