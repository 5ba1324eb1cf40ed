using Barnabas.Base;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Transactions;

/// <summary>A history of transactions: producers that replace each other, stall, die and repeat themselves write to a
/// topic that a reader of committed records follows.</summary>
internal sealed class TransactionHistory : History, ITransactionHistory
{
    private const int Width = 2;
    private const string Shared = "shared";
    private const string Own = "own";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private readonly List<string>[] _seen = [[], []];
    private HistoryTopic? _topic;

    /// <summary>The history of a seed, at its beginning.</summary>
    public TransactionHistory(int seed)
        : base(
            seed, "transaction.state.log.num.partitions=2",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=500")
    {
    }

    /// <inheritdoc/>
    public TransactionLedger Ledger { get; } = new(Width);

    /// <inheritdoc/>
    public async Task<HistoryTopic> TopicAsync()
    {
        while (_topic is null)
            await Task.Delay(Pause, World);
        return _topic;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Task> Begin(Operator admin) =>
    [
        CreateAsync(admin),
        new RawTransactor(this, 30, Shared).RunAsync(),
        new RawTransactor(this, 31, Shared).RunAsync(),
        new RawTransactor(this, 32, Own).RunAsync(),
        FollowAsync(),
    ];

    /// <inheritdoc/>
    protected override async Task CheckAsync()
    {
        var (link, topic) = (new Link(World), await TopicAsync());
        var begun = World.GetUtcNow();
        foreach (var id in new[] { Shared, Own })
        {
            string? state;
            while ((state = await new TransactionWire(link, id, topic).StateAsync()) is null or "Ongoing"
                or "PrepareCommit" or "PrepareAbort")
            {
                Assert.True(World.GetUtcNow() - begun < TimeSpan.FromSeconds(20), $"T4: {id} stays {state}");
                await Task.Delay(Pause, World);
            }
        }

        var wire = new TransactionWire(link, Own, topic);
        var (committed, all) = (new List<FetchResponse.PartitionData>(), new List<FetchResponse.PartitionData>());
        for (var i = 0; i < Width; i++)
        {
            committed.Add((await wire.ReadAsync(i, committed: true))!);
            all.Add((await wire.ReadAsync(i, committed: false))!);
            See(i, committed[i]);
        }

        Ledger.Check(committed, all);
        foreach (var shard in Node.Running!.Broker.Transactions.Shards)
            TransactionReplay.Compare(shard, Node.Disk);
        await link.CloseAsync();
    }

    private async Task CreateAsync(Operator admin) => _topic = await admin.CreateKeptAsync("ledger", Width);

    /// <summary>Reads again and again: what was seen once stays, and nothing comes before it.</summary>
    private async Task FollowAsync()
    {
        var (link, topic) = (new Link(World), await TopicAsync());
        var wire = new TransactionWire(link, Own, topic);
        while (!IsWindingDown)
        {
            await Task.Delay(Pause, World);
            for (var i = 0; i < Width; i++)
            {
                if (await wire.ReadAsync(i, committed: true) is { ErrorCode: ErrorCode.None } data)
                    See(i, data);
            }
        }

        await link.CloseAsync();
    }

    private void See(int partition, FetchResponse.PartitionData data)
    {
        var values = TransactionLedger.Visible(data);
        Assert.True(
            values.Take(_seen[partition].Count).SequenceEqual(_seen[partition]),
            $"T3: what was read of committed transactions in {partition} has changed");
        _seen[partition] = values;
    }
}
