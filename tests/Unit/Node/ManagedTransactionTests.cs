using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Node;
using Barnabas.Rpc;
using Barnabas.Tests.Unit.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>The managed client's transactions on a whole node, over the simulated network and disk.</summary>
public sealed class ManagedTransactionTests
{
    private static readonly string[] Twenty = [.. Enumerable.Range(0, 20).Select(i => $"v{i}")];

    private NodeStory _story = new(1, "group.initial.rebalance.delay.ms=0");
    private BrokerNode? _node;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_copier_that_aborts_now_and_then_copies_everything_once(short level) => Tell(level, async client =>
    {
        await FillAsync(client);
        await using var consumer = client.CreateConsumer<string, string>(Group());
        await using var producer = client.CreateTransactionalProducer<string, string>("copier");
        var (rounds, last) = (0, "");
        await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
        {
            var isGood = rounds++ % 3 != 1;
            await using (var tx = await producer.BeginAsync(FakeCluster.Never))
            {
                await tx.EnqueueAsync(new("out", record.Key, record.Value), null, FakeCluster.Never);
                await tx.SendOffsetsAsync(consumer, FakeCluster.Never);
                if (isGood)
                    await tx.CommitAsync(FakeCluster.Never);
            }

            if (!isGood)
                await consumer.RewindAsync(FakeCluster.Never);
            else if ((last = record.Value!) == Twenty[^1])
                break;
        }

        Assert.Equal(Twenty, await ReadAsync(client, "out", IsolationLevel.ReadCommitted));
        Assert.True((await ReadAsync(client, "out", IsolationLevel.ReadUncommitted)).Count > Twenty.Length);
        var stored = await client.Admin.GetGroupOffsetsAsync("copiers", null, FakeCluster.Never);
        Assert.Equal(Twenty.Length, stored[new("in", 0)].Offset.Value);
    });

    [Fact]
    public void Disposal_without_commit_aborts_and_lets_readers_past() => Tell(2, async client =>
    {
        await using var producer = client.CreateTransactionalProducer<string, string>("tx");
        await using (var tx = await producer.BeginAsync(FakeCluster.Never))
            await tx.SendAsync("out", null, "never", FakeCluster.Never);
        await CommitAsync(producer, "then");
        Assert.Equal(["then"], await ReadAsync(client, "out", IsolationLevel.ReadCommitted));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_newer_producer_takes_over(short level) => Tell(level, async client =>
    {
        await using var old = client.CreateTransactionalProducer<string, string>("tx");
        await using var tx = await old.BeginAsync(FakeCluster.Never);
        await tx.SendAsync("out", null, "old", FakeCluster.Never);
        await using var newer = client.CreateTransactionalProducer<string, string>("tx");
        await newer.InitializeAsync(FakeCluster.Never);
        await Assert.ThrowsAsync<ProducerFencedException>(() => tx.CommitAsync(FakeCluster.Never));
        await Assert.ThrowsAsync<ProducerFencedException>(() => old.BeginAsync(FakeCluster.Never));
        await CommitAsync(newer, "new");
        Assert.Equal(["new"], await ReadAsync(client, "out", IsolationLevel.ReadCommitted));
    });

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void A_transaction_open_for_too_long_is_aborted_and_told_of(short level, bool sendsMore) =>
        Tell(level, async client =>
        {
            await using var producer = client.CreateTransactionalProducer<string, string>(
                "tx", new() { TransactionTimeout = TimeSpan.FromSeconds(5) });
            var fatal = false;
            await using (var tx = await producer.BeginAsync(FakeCluster.Never))
            {
                await tx.SendAsync("out", null, "slow", FakeCluster.Never);
                await Task.Delay(TimeSpan.FromSeconds(20), _story.World);
                var fault = sendsMore
                    ? await Assert.ThrowsAsync<TransactionTimedOutException>(
                        async () => await tx.SendAsync("out", null, "slower", FakeCluster.Never))
                    : await Assert.ThrowsAsync<TransactionTimedOutException>(() => tx.CommitAsync(FakeCluster.Never));
                Assert.False(!sendsMore && fault.MayHaveBeenApplied);
                fatal = fault.IsFatal;
            }

            // By the newer protocol the coordinator gives the producer the epoch back.
            Assert.Equal(level < 2, fatal);
            if (!fatal)
                await CommitAsync(producer, "again");
            Assert.Equal(fatal ? [] : ["again"], await ReadAsync(client, "out", IsolationLevel.ReadCommitted));
        });

    [Fact]
    public void A_node_that_stops_and_starts_between_two_steps_costs_nothing() => Tell(2, async client =>
    {
        await using var producer = client.CreateTransactionalProducer<string, string>("tx");
        var node = _node!;
        for (var round = 0; round < 3; round++)
        {
            await using var tx = await producer.BeginAsync(FakeCluster.Never);
            await tx.SendAsync("out", null, $"{round}a", FakeCluster.Never);
            await node.DisposeAsync();
            node = _node = await _story.StartAsync();
            await tx.SendAsync("out", null, $"{round}b", FakeCluster.Never);
            await tx.CommitAsync(FakeCluster.Never);
        }

        Assert.Equal(
            ["0a", "0b", "1a", "1b", "2a", "2b"], await ReadAsync(client, "out", IsolationLevel.ReadCommitted));
    });

    [Fact]
    public void A_transaction_that_no_coordinator_knows_hangs_until_it_is_aborted_in_its_partition()
    {
        _story = new(1, TransactionRequests.Trusting);
        Tell(2, async client =>
        {
            await using var peer = await _story.DialAsync();
            var topic = (await client.GetTopicAsync("out", FakeCluster.Never)).Id;
            Assert.Equal(ErrorCode.None, await TransactionRequests.ProduceAsync(peer, topic, 4242, 0, "hangs"));
            var partition = new TopicPartition("out", 0);
            var found = await client.Admin.FindHangingTransactionsAsync(
                [partition], TimeSpan.FromMinutes(1), FakeCluster.Never);
            var (at, producer, name) = Assert.Single(found);
            Assert.Equal((partition, 4242L, null), (at, producer.Id.Value, name));
            Assert.Equal(Offset.Zero, producer.TransactionStart);
            await client.Admin.AbortTransactionAsync(partition, producer, FakeCluster.Never);
            Assert.Empty(await ReadAsync(client, "out", IsolationLevel.ReadCommitted));
        });
    }

    [Fact]
    public void What_is_open_is_seen_and_ended_by_the_admin_side() => Tell(2, async client =>
    {
        await using var producer = client.CreateTransactionalProducer<string, string>("tx");
        await using var tx = await producer.BeginAsync(FakeCluster.Never);
        await tx.SendAsync("out", null, "open", FakeCluster.Never);
        var described = await client.Admin.DescribeTransactionAsync("tx", FakeCluster.Never);
        Assert.Equal("Ongoing", described!.State);
        Assert.Equal([new TopicPartition("out", 0)], described.Partitions);
        var all = await client.Admin.ListTransactionsAsync(new() { States = ["Ongoing"] }, FakeCluster.Never);
        var listed = Assert.Single(all);
        Assert.Equal(("tx", described.Id), (listed.TransactionalId, listed.Id));
        var places = new TopicPartition[] { new("out", 0) };
        Assert.Empty(await client.Admin.FindHangingTransactionsAsync(places, TimeSpan.Zero, FakeCluster.Never));

        var ended = await client.Admin.TerminateTransactionsAsync(["tx"], FakeCluster.Never);
        Assert.Null(Assert.Single(ended).Failure);
        await Assert.ThrowsAsync<ProducerFencedException>(() => tx.CommitAsync(FakeCluster.Never));
        Assert.Empty(await ReadAsync(client, "out", IsolationLevel.ReadCommitted));
    });

    /// <summary>Tells a story with a client of a node that has two topics, at a level of transaction.version.</summary>
    private void Tell(short level, Func<KafkaClient, Task> story)
    {
        _story.Tell(async () =>
        {
            _node = await _story.StartAsync();
            await using (var peer = await _story.DialAsync())
            {
                await NodeStory.CreateAsync(peer, "in");
                await NodeStory.CreateAsync(peer, "out");
                await SetLevelAsync(peer, level);
            }

            await using (var client = new KafkaClient(
                new() { BootstrapServers = ["127.0.0.1:9092"] }, _story.World.NewHost(_story.Disk)))
            {
                await story(client);
            }

            await _node.DisposeAsync();
        });
        Assert.Empty(_story.Halts);
    }

    private static async Task SetLevelAsync(Peer peer, short level)
    {
        var answer = await NodeStory.AskAsync(peer, new UpdateFeaturesRequest
        {
            TimeoutMs = 10_000,
            FeatureUpdates =
            [
                new()
                {
                    Feature = "transaction.version", MaxVersionLevel = level,
                    UpgradeType = (sbyte)(level < 2 ? 2 : 1),
                },
            ],
        });
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
    }

    private static ConsumerOptions Group() => new("copiers", "in")
    {
        AutoCommit = false,
        Reading = new() { OffsetReset = OffsetReset.Earliest },
    };

    private static async Task FillAsync(KafkaClient client)
    {
        await using var producer = client.CreateProducer<string, string>();
        foreach (var value in Twenty)
            await producer.EnqueueAsync(new("in", value, value));
    }

    private static async Task CommitAsync(TransactionalProducer<string, string> producer, string value)
    {
        await using var tx = await producer.BeginAsync();
        await tx.EnqueueAsync(new("out", null, value));
        await tx.CommitAsync();
    }

    /// <summary>All that there is to read, once nothing is open.</summary>
    private async Task<List<string>> ReadAsync(KafkaClient client, string topic, IsolationLevel isolation)
    {
        var partition = new TopicPartition(topic, 0);
        while (await EndAsync(IsolationLevel.ReadCommitted) < await EndAsync(IsolationLevel.ReadUncommitted))
            await Task.Delay(TimeSpan.FromMilliseconds(50), _story.World);
        await using var reader = client.CreateReader<string, string>(
            partition, OffsetSpec.Earliest, new() { Isolation = isolation });
        var values = new List<string>();
        await foreach (var record in reader.ReadAllAsync(OffsetSpec.Latest))
            values.Add(record.Value!);
        return values;

        async Task<Offset> EndAsync(IsolationLevel upTo) =>
            (await client.Admin.ListOffsetsAsync([(partition, OffsetSpec.Latest)], upTo))[partition].Offset;
    }
}
