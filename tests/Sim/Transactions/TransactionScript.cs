using Barnabas.Base;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;
using Barnabas.Tests.Simulation.Node;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Transactions;

/// <summary>A short life of a transactional producer, always the same until a fault comes: it commits, aborts, is
/// replaced in the middle of a transaction, stops in the middle of another, and the node stops and starts in
/// between.</summary>
internal sealed class TransactionScript(int seed) : Script(
    seed, "auto.create.topics.enable=false", "transaction.state.log.num.partitions=1",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=500", "num.recovery.threads.per.data.dir=1")
{
    private const string Id = "payments";
    private const int Partitions = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly TransactionLedger _ledger = new(Partitions);
    private HistoryTopic? _made;

    /// <summary>Verdicts acknowledged.</summary>
    public int Ended => _ledger.Ended;

    /// <inheritdoc/>
    protected override async Task LiveAsync()
    {
        await StartAsync();
        if (await CreateAsync() is not { } topic)
            return;
        _made = topic;
        await TryAskAsync(new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = [Id] });
        var wire = new TransactionWire(this, Id, topic);
        var producer = await InitAsync(wire);
        producer = await TransactAsync(wire, producer, commits: true);
        producer = await TransactAsync(wire, producer, commits: false);

        // Another instance comes in the middle of a transaction.
        var open = _ledger.Begin();
        await WriteAsync(wire, producer, open);
        var replaced = producer;
        producer = await InitAsync(wire);
        if (producer is not null)
            open.IsCommitted = false;
        if (replaced is { } old)
            Assert.NotEqual(ErrorCode.None, Told((await wire.EndAsync(old, commits: true))?.Error));
        await StopAsync();

        await StartAsync();
        producer = await TransactAsync(wire, producer, commits: true);
        await WriteAsync(wire, producer, _ledger.Begin());
        await StopAsync();
    }

    /// <inheritdoc/>
    protected override async Task CheckAsync(SimulatedNode node)
    {
        if (_made is null)
            return;
        var link = new Link(node.World);
        var wire = new TransactionWire(link, Id, _made);
        if (await link.AskAsync(new FindCoordinatorRequest { KeyType = 1, CoordinatorKeys = [Id] }) is { } found)
            Assert.Equal(ErrorCode.None, found.Coordinators[0].ErrorCode);
        var begun = node.World.GetUtcNow();
        string? state;
        while ((state = await wire.StateAsync()) is null or "Ongoing" or "PrepareCommit" or "PrepareAbort")
        {
            Assert.True(
                node.World.GetUtcNow() - begun < TimeSpan.FromSeconds(20), $"T4: a transaction stays {state}");
            await Task.Delay(Pause, node.World);
        }

        var (committed, all) = (new List<FetchResponse.PartitionData>(), new List<FetchResponse.PartitionData>());
        for (var i = 0; i < Partitions; i++)
        {
            committed.Add((await wire.ReadAsync(i, committed: true))!);
            all.Add((await wire.ReadAsync(i, committed: false))!);
        }

        _ledger.Check(committed, all);
        var shard = node.Running!.Broker.Transactions.Find(Id)!;
        TransactionReplay.Compare(shard, node.Disk);
        await link.CloseAsync();
    }

    private async Task<HistoryTopic?> CreateAsync()
    {
        var answer = await TryAskAsync(new CreateTopicsRequest
        {
            TimeoutMs = 5_000,
            Topics = [new() { Name = "orders", NumPartitions = Partitions, ReplicationFactor = 1 }],
        });
        return answer?.Topics[0].ErrorCode == ErrorCode.None
            ? new HistoryTopic("orders", answer.Topics[0].TopicId)
            : null;
    }

    private async Task<ProducerIdentity?> InitAsync(TransactionWire wire)
    {
        for (var i = 0; i < 30; i++)
        {
            var answer = await wire.InitAsync();
            if (answer is { Error: ErrorCode.None } given)
                return given.Identity;
            Told(answer?.Error);
            await Task.Delay(Pause, World);
        }

        return null;
    }

    private async Task WriteAsync(TransactionWire wire, ProducerIdentity? producer, TransactionLedger.Entry entry)
    {
        for (var partition = 0; producer is { } identity && partition < Partitions; partition++)
        {
            (int, string Value) record = (partition, $"{entry.Number}-{partition}");
            entry.Sent.Add(record);
            for (var i = 0; i < 10; i++)
            {
                var error = Told(await wire.ProduceAsync(identity, partition, 0, record.Value));
                if (error == ErrorCode.None)
                    entry.Written.Add(record);
                if (error is not (ErrorCode.ConcurrentTransactions or ErrorCode.CoordinatorLoadInProgress
                    or ErrorCode.NotCoordinator or ErrorCode.NotEnoughReplicas))
                {
                    break;
                }

                await Task.Delay(Pause, World);
            }
        }
    }

    /// <summary>A whole transaction, whose end is asked for until it is answered, or refused.</summary>
    /// <returns>The identity of the next; null where nobody knows.</returns>
    private async Task<ProducerIdentity?> TransactAsync(
        TransactionWire wire, ProducerIdentity? producer, bool commits)
    {
        producer ??= await InitAsync(wire);
        if (producer is not { } identity)
            return null;
        var entry = _ledger.Begin();
        await WriteAsync(wire, producer, entry);
        // Who does not know that all is there does not commit.
        commits &= entry.Written.Count == Partitions;
        entry.MayBeCommitted = commits;
        for (var i = 0; i < 20; i++)
        {
            var answer = await wire.EndAsync(identity, commits);
            if (Told(answer?.Error) == ErrorCode.None)
            {
                entry.IsCommitted = commits;
                return answer!.Value.Identity;
            }

            if (answer?.Error is ErrorCode.InvalidTxnState or ErrorCode.ProducerFenced
                or ErrorCode.InvalidProducerIdMapping)
            {
                return null;
            }

            await Task.Delay(Pause, World);
        }

        return null;
    }

    private ErrorCode? Told(ErrorCode? error)
    {
        if (error is { } told)
            Errors.Add(told);
        return error;
    }
}
