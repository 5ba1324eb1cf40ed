using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>A reader of committed records, who reads from the beginning each time: what was seen once stays, and
/// nothing comes before it (T3, T7).</summary>
internal sealed class CommittedReader(ITransactionHistory history, int partitions)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // The coordinator of then may have been a minute fast, that of now may be right.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(80);
    private readonly List<string>[] _seen = [.. Enumerable.Range(0, partitions).Select(static _ => new List<string>())];

    /// <summary>Reads until the history winds down.</summary>
    public async Task RunAsync()
    {
        var (link, topic) = (history.NewLink(), await history.TopicAsync());
        var wire = new TransactionWire(link, "own", topic);
        while (!history.IsWindingDown)
        {
            await Task.Delay(Pause, history.World);
            for (var i = 0; i < partitions; i++)
            {
                if (await wire.ReadAsync(i, committed: true) is { ErrorCode: ErrorCode.None } data)
                    See(i, data);
            }
        }

        await link.CloseAsync();
    }

    /// <summary>Waits until no transaction is open any more (T4), and holds all there is against what producers
    /// know.</summary>
    public async Task CheckAsync()
    {
        var (link, topic) = (history.NewLink(), await history.TopicAsync());
        var begun = history.World.Age;
        foreach (var id in new[] { "shared", "own" })
        {
            var wire = new TransactionWire(link, id, topic);
            string? state;
            while ((state = await wire.StateAsync()) is null or "Ongoing" or "PrepareCommit" or "PrepareAbort")
            {
                Promise.Holds(
                    history.World.Age - begun < LongestEnd,
                    $"T4: a transaction of {id} does not end: it is {state ?? "not known"}");
                await Task.Delay(Pause, history.World);
            }
        }

        var (committed, all) = (new List<FetchResponse.PartitionData>(), new List<FetchResponse.PartitionData>());
        var reader = new TransactionWire(link, "own", topic);
        for (var i = 0; i < partitions; i++)
        {
            committed.Add(await ReadAsync(reader, i, committed: true));
            all.Add(await ReadAsync(reader, i, committed: false));
        }

        history.Ledger.Check(committed, all);
        await link.CloseAsync();
    }

    private async Task<FetchResponse.PartitionData> ReadAsync(TransactionWire wire, int partition, bool committed)
    {
        while (true)
        {
            if (await wire.ReadAsync(partition, committed) is { ErrorCode: ErrorCode.None } data)
                return data;
            await Task.Delay(Pause, history.World);
        }
    }

    // A new leader may know of less than the last one showed, for a while: never of something else.
    private void See(int partition, FetchResponse.PartitionData data)
    {
        var values = TransactionLedger.Visible(data);
        var (seen, both) = (_seen[partition], Math.Min(values.Count, _seen[partition].Count));
        Promise.Holds(
            values.Take(both).SequenceEqual(seen.Take(both)),
            $"T7: what was read of committed transactions in {partition} has changed");
        if (values.Count > seen.Count)
            _seen[partition] = values;
    }
}
