using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client.Transactions;

/// <summary>Transactional producers against a fake coordinator of either generation, in the simulator.</summary>
public sealed class TransactionTests
{
    private static readonly string[] Hundred = [.. Enumerable.Range(0, 100).Select(i => $"v{i}")];

    private readonly FakeCluster _cluster = new FakeCluster().With("t", 3);
    private FakeTransactions? _transactions;

    private FakeTransactions Server => _transactions!;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_is_committed_is_whole_and_in_order(short level) => Run(level, async producer =>
    {
        for (var round = 0; round < 3; round++)
        {
            await using var tx = await producer.BeginAsync(FakeCluster.Never);
            foreach (var value in Hundred)
                await tx.EnqueueAsync(new("t", value, $"{round}{value}"), null, FakeCluster.Never);
            await tx.CommitAsync(FakeCluster.Never);
        }

        Assert.Equal(["init", "commit", "commit", "commit"], Server.Events);
        Assert.Equal(Values(3).Order(), Server.Committed.Order());
        Assert.Equal(level >= 2 ? 3 : 0, Server.Epoch);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_transaction_disposed_without_commit_is_aborted(short level) => Run(level, async producer =>
    {
        await using (var tx = await producer.BeginAsync(FakeCluster.Never))
        {
            await tx.SendAsync("t", null, "sent", FakeCluster.Never);
            await tx.EnqueueAsync(new("t", null, "waits"), null, FakeCluster.Never);
        }

        await CommitOneAsync(producer, "next");
        Assert.Equal(["init", "abort", "commit"], Server.Events);
        Assert.Equal(["next"], Server.Committed);
        Assert.DoesNotContain("waits", AllValues());
    });

    [Fact]
    public void A_producer_that_goes_away_aborts_what_is_open() => Run(2, async producer =>
    {
        var tx = await producer.BeginAsync(FakeCluster.Never);
        await tx.SendAsync("t", null, "a", FakeCluster.Never);
        await producer.DisposeAsync();
        Assert.Equal(["init", "abort"], Server.Events);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_transaction_without_records_costs_the_coordinator_nothing(short level) => Run(level, async producer =>
    {
        for (var i = 0; i < 3; i++)
        {
            await using var tx = await producer.BeginAsync(FakeCluster.Never);
            await tx.CommitAsync(FakeCluster.Never);
        }

        Assert.Equal(["init"], Server.Events);
        Assert.Empty(_cluster.Broker.Of<EndTxnRequest>());
    });

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public void An_end_whose_answer_is_lost_is_asked_for_again(short level, bool isCommit) =>
        Run(level, async producer =>
        {
            _cluster.Broker.Next<EndTxnRequest, EndTxnResponse>((request, version) =>
            {
                Server.End(request, version);
                throw new IOException("cut");
            });
            await using (var tx = await producer.BeginAsync(FakeCluster.Never))
            {
                await tx.SendAsync("t", null, "a", FakeCluster.Never);
                await (isCommit ? tx.CommitAsync(FakeCluster.Never) : tx.AbortAsync(FakeCluster.Never));
            }

            await CommitOneAsync(producer, "b");
            Assert.Equal(["init", isCommit ? "commit" : "abort", "commit"], Server.Events);
            Assert.Equal(isCommit ? ["a", "b"] : ["b"], Server.Committed);
        });

    [Fact]
    public void A_commit_in_doubt_can_only_be_asked_for_again() => Run(2, async producer =>
    {
        _cluster.Broker.Next<EndTxnRequest, EndTxnResponse>((request, version) =>
        {
            Server.End(request, version);
            return null;
        });
        await using var tx = await producer.BeginAsync(FakeCluster.Never);
        await tx.SendAsync("t", null, "a", FakeCluster.Never);
        var fault = await Assert.ThrowsAsync<KafkaException>(() => tx.CommitAsync(FakeCluster.Never));
        Assert.Equal((true, true, false), (fault.MayHaveBeenApplied, fault.IsRetriable, fault.IsFatal));
        await Assert.ThrowsAsync<InvalidOperationException>(() => tx.AbortAsync(FakeCluster.Never));
        await Assert.ThrowsAsync<InvalidOperationException>(() => producer.BeginAsync(FakeCluster.Never));
        await tx.CommitAsync(FakeCluster.Never);
        Assert.Equal(["init", "commit"], Server.Events);
    }, new() { MaxBlock = TimeSpan.FromSeconds(5) });

    [Fact]
    public void A_commit_in_doubt_is_settled_before_the_next_transaction() => Run(2, async producer =>
    {
        // Neither the commit nor what disposal asks is answered; it is carried out only with the last.
        _cluster.Broker.Next<EndTxnRequest, EndTxnResponse>((_, _) => null);
        _cluster.Broker.Next<EndTxnRequest, EndTxnResponse>((_, _) => null);
        await using (var tx = await producer.BeginAsync(FakeCluster.Never))
        {
            await tx.SendAsync("t", null, "a", FakeCluster.Never);
            await Assert.ThrowsAsync<KafkaException>(() => tx.CommitAsync(FakeCluster.Never));
        }

        Assert.Equal(["init"], Server.Events);
        await CommitOneAsync(producer, "b");
        Assert.Equal(["a", "b"], Server.Committed);
    }, new() { MaxBlock = TimeSpan.FromSeconds(5) });

    [Fact]
    public void Who_stops_waiting_for_a_commit_has_not_called_it_off() => Run(2, async producer =>
    {
        using var stop = new CancellationTokenSource();
        _cluster.Broker.Next<EndTxnRequest, EndTxnResponse>((request, version) =>
        {
            stop.Cancel();
            return Server.End(request, version);
        });
        await using (var tx = await producer.BeginAsync(FakeCluster.Never))
        {
            await tx.SendAsync("t", null, "a", FakeCluster.Never);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tx.CommitAsync(stop.Token));
        }

        Assert.Equal(["init", "commit"], Server.Events);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_record_that_is_refused_fails_the_transaction_and_not_the_producer(short level) =>
        Run(level, async producer =>
        {
            await CommitOneAsync(producer, "before");
            _cluster.Broker.Next<ProduceRequest, ProduceResponse>(
                (r, _) => _cluster.Refuse(r, ErrorCode.InvalidRecord));
            await using (var tx = await producer.BeginAsync(FakeCluster.Never))
            {
                var refused = await Assert.ThrowsAsync<TransactionAbortableException>(
                    async () => await tx.SendAsync("t", null, "bad", FakeCluster.Never));
                Assert.Equal(
                    (ErrorCode.InvalidRecord, false, false),
                    (refused.Code, refused.IsFatal, refused.MayHaveBeenApplied));
                await Assert.ThrowsAsync<TransactionAbortableException>(
                    async () => await tx.SendAsync("t", null, "too late", FakeCluster.Never));
                await Assert.ThrowsAsync<TransactionAbortableException>(() => tx.CommitAsync(FakeCluster.Never));
                await tx.AbortAsync(FakeCluster.Never);
            }

            await CommitOneAsync(producer, "after");
            Assert.Equal(["before", "after"], Server.Committed);
            // Without an epoch for each transaction, the gap in the sequences needs one of its own (KIP-360).
            Assert.Equal(
                level >= 2 ? ["init", "commit", "abort", "commit"] : ["init", "commit", "abort", "init", "commit"],
                Server.Events);
        });

    [Fact]
    public void A_record_that_is_not_delivered_in_time_fails_the_transaction() => Run(
        2,
        async producer =>
        {
            for (var attempt = 0; attempt < 2; attempt++)
                _cluster.Broker.Next<ProduceRequest, ProduceResponse>((_, _) => null);
            await using (var tx = await producer.BeginAsync(FakeCluster.Never))
            {
                await tx.EnqueueAsync(new("t", null, "a"), null, FakeCluster.Never);
                var fault = await Assert.ThrowsAsync<TransactionAbortableException>(
                    () => tx.CommitAsync(FakeCluster.Never));
                Assert.Equal(ErrorCode.RequestTimedOut, fault.Code);
            }

            await CommitOneAsync(producer, "b");
            Assert.Equal(["b"], Server.Committed);
        },
        new() { DeliveryTimeout = TimeSpan.FromSeconds(8), RequestTimeout = TimeSpan.FromSeconds(7) });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_producer_whose_id_was_taken_over_is_fenced(short level) => Run(level, async producer =>
    {
        await using (var tx = await producer.BeginAsync(FakeCluster.Never))
        {
            await tx.SendAsync("t", null, "a", FakeCluster.Never);
            Server.Fence();
            var fault = await Assert.ThrowsAsync<ProducerFencedException>(() => tx.CommitAsync(FakeCluster.Never));
            Assert.Equal((true, false), (fault.IsFatal, fault.MayHaveBeenApplied));
            await Assert.ThrowsAsync<ProducerFencedException>(() => tx.AbortAsync(FakeCluster.Never));
        }

        await Assert.ThrowsAsync<ProducerFencedException>(() => producer.BeginAsync(FakeCluster.Never));
        Assert.Empty(Server.Committed);
    });

    [Fact]
    public void A_fenced_producer_goes_away_in_peace() => Run(2, async producer =>
    {
        var tx = await producer.BeginAsync(FakeCluster.Never);
        await tx.SendAsync("t", null, "a", FakeCluster.Never);
        Server.Fence();
        _cluster.Broker.On<ProduceRequest, ProduceResponse>((r, _) => _cluster.Refuse(r, ErrorCode.ProducerFenced));
        var reports = new List<DeliveryReport>();
        await tx.EnqueueAsync(new("t", null, "b"), reports.Add, FakeCluster.Never);
        await tx.EnqueueAsync(new("t", null, "c"), null, FakeCluster.Never);
        await Task.Delay(TimeSpan.FromSeconds(1), _cluster.Host.Time);
        Assert.IsType<ProducerFencedException>(Assert.Single(reports).Failure);
        await producer.DisposeAsync();
        Assert.Empty(Server.Committed);
    });

    [Fact]
    public void A_partition_is_added_once() => Run(0, async producer =>
    {
        await using var tx = await producer.BeginAsync(FakeCluster.Never);
        for (var i = 0; i < 20; i++)
            await tx.SendAsync("t", $"{i}", $"{i}", FakeCluster.Never);
        await tx.CommitAsync(FakeCluster.Never);
        var asked = _cluster.Broker.Of<AddPartitionsToTxnRequest>()
            .SelectMany(r => r.V3AndBelowTopics).SelectMany(t => t.Partitions).Order();
        Assert.Equal([0, 1, 2], asked);
    });

    [Fact]
    public void A_transaction_that_was_open_for_too_long_is_told_from_a_fenced_one() => Run(
        2,
        async producer =>
        {
            await using var tx = await producer.BeginAsync(FakeCluster.Never);
            await tx.SendAsync("t", null, "a", FakeCluster.Never);
            await Task.Delay(TimeSpan.FromSeconds(11), _cluster.Host.Time);
            Server.Fence();
            // The partition only says that the epoch is over; the coordinator has the last word.
            var partitions = await Assert.ThrowsAsync<TransactionTimedOutException>(
                async () => await tx.SendAsync("t", null, "b", FakeCluster.Never));
            Assert.False(partitions.IsFatal);
            var fault = await Assert.ThrowsAsync<TransactionTimedOutException>(() => tx.AbortAsync(FakeCluster.Never));
            Assert.True(fault.IsFatal);
        },
        new() { TransactionTimeout = TimeSpan.FromSeconds(10) });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_is_busy_with_the_transaction_before_is_waited_for(short level) => Run(level, async producer =>
    {
        var broker = _cluster.Broker;
        broker.Next<InitProducerIdRequest, InitProducerIdResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.ConcurrentTransactions });
        if (level < 2)
        {
            broker.Next<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
                (r, _) => FakeTransactions.Refuse(r, ErrorCode.ConcurrentTransactions));
        }
        else
        {
            broker.Next<ProduceRequest, ProduceResponse>(
                (r, _) => _cluster.Refuse(r, ErrorCode.ConcurrentTransactions));
        }

        broker.Next<EndTxnRequest, EndTxnResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.ConcurrentTransactions });
        var before = _cluster.Host.Time.GetTimestamp();
        await CommitOneAsync(producer, "a");
        Assert.InRange(
            _cluster.Host.Time.GetElapsedTime(before), TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        Assert.Equal(["a"], Server.Committed);
    });

    [Fact]
    public void A_coordinator_that_moves_is_found_again() => Run(2, async producer =>
    {
        await CommitOneAsync(producer, "a");
        _cluster.Broker.Next<EndTxnRequest, EndTxnResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.NotCoordinator });
        await CommitOneAsync(producer, "b");
        Assert.Equal(2, _cluster.Broker.Of<FindCoordinatorRequest>().Count);
        Assert.Equal(["a", "b"], Server.Committed);
    });

    [Fact]
    public void Partitions_that_may_not_be_written_to_leave_nothing_to_abort() => Run(0, async producer =>
    {
        _cluster.Broker.Next<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
            (r, _) => FakeTransactions.Refuse(r, ErrorCode.TopicAuthorizationFailed));
        await using (var tx = await producer.BeginAsync(FakeCluster.Never))
        {
            var fault = await Assert.ThrowsAsync<TransactionAbortableException>(
                async () => await tx.SendAsync("t", null, "a", FakeCluster.Never));
            Assert.Equal(ErrorCode.TopicAuthorizationFailed, fault.Code);
        }

        await CommitOneAsync(producer, "b");
        Assert.Equal(["b"], Server.Committed);
    });

    [Fact]
    public void An_id_that_may_not_be_used_ends_the_producer() => Run(2, async producer =>
    {
        _cluster.Broker.Next<InitProducerIdRequest, InitProducerIdResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.TransactionalIdAuthorizationFailed });
        for (var i = 0; i < 2; i++)
        {
            var fault = await Assert.ThrowsAsync<KafkaException>(() => producer.BeginAsync(FakeCluster.Never));
            Assert.Equal((ErrorCode.TransactionalIdAuthorizationFailed, true), (fault.Code, fault.IsFatal));
        }

        Assert.Single(_cluster.Broker.Of<InitProducerIdRequest>());
    });

    [Fact]
    public void Records_belong_to_one_transaction() => Run(2, async producer =>
    {
        var tx = await producer.BeginAsync(FakeCluster.Never);
        await Assert.ThrowsAsync<InvalidOperationException>(() => producer.BeginAsync(FakeCluster.Never));
        await tx.CommitAsync(FakeCluster.Never);
        await using var next = await producer.BeginAsync(FakeCluster.Never);
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await tx.SendAsync("t", null, "a", FakeCluster.Never));
        await Assert.ThrowsAsync<InvalidOperationException>(() => tx.CommitAsync(FakeCluster.Never));
        await tx.DisposeAsync();
        await next.SendAsync("t", null, "b", FakeCluster.Never);
        await next.CommitAsync(FakeCluster.Never);
        Assert.Equal(["b"], Server.Committed);
    });

    [Fact]
    public void A_transactional_producer_is_idempotent() => _cluster.Run(client =>
    {
        Assert.Throws<ArgumentException>(
            () => client.CreateTransactionalProducer<string, string>("tx", new() { Acks = Acks.Leader }));
        Assert.Throws<ArgumentException>(
            () => client.CreateProducer<string, string>(new() { TransactionalId = "tx" }));
        return Task.CompletedTask;
    });

    private void Run(
        short level, Func<TransactionalProducer<string, string>, Task> story, ProducerOptions? options = null)
    {
        _transactions = new FakeTransactions(_cluster, level);
        _cluster.Run(async client =>
        {
            await using var producer = client.CreateTransactionalProducer<string, string>("tx", options);
            await story(producer);
        });
    }

    private static async Task CommitOneAsync(TransactionalProducer<string, string> producer, string value)
    {
        await using var tx = await producer.BeginAsync(FakeCluster.Never);
        await tx.EnqueueAsync(new("t", null, value), null, FakeCluster.Never);
        await tx.CommitAsync(FakeCluster.Never);
    }

    private static IEnumerable<string> Values(int rounds) =>
        Enumerable.Range(0, rounds).SelectMany(round => Hundred.Select(value => $"{round}{value}"));

    private IEnumerable<string> AllValues() =>
        Enumerable.Range(0, 3).SelectMany(partition => _cluster.Values("t", partition));
}
