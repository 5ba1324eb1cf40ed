using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Tests.Unit.Client.Groups;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client.Transactions;

/// <summary>Positions of consumers that are committed in transactions (KIP-447), in the simulator.</summary>
public sealed class TransactionOffsetsTests
{
    private readonly FakeCluster _cluster = new FakeCluster().With("in").With("out");
    private FakeGroup? _group;
    private FakeTransactions? _transactions;

    private FakeTransactions Server => _transactions!;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_copier_commits_what_it_read_with_it(short level) => Run(level, async (consumer, producer) =>
    {
        await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
        {
            await using var tx = await producer.BeginAsync(FakeCluster.Never);
            await tx.EnqueueAsync(new("out", null, record.Value + "!"), null, FakeCluster.Never);
            await tx.SendOffsetsAsync(consumer, FakeCluster.Never);
            await tx.CommitAsync(FakeCluster.Never);
            Assert.Equal(record.Offset.Value + 1, Server.Offsets[record.Partition]);
            if (record.Offset.Value == 9)
                break;
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}!"), Server.Committed);
        Assert.All(Server.Members, m => Assert.Equal((_group!.Members[0], _group.Generation), m));
        Assert.Equal(level < 2, _cluster.Broker.Of<AddOffsetsToTxnRequest>().Count > 0);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_an_abort_a_consumer_that_is_rewound_reads_it_all_again(bool isStored) =>
        Run(2, async (consumer, producer) =>
        {
            var seen = new List<long>();
            var aborts = 0;
            await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
            {
                seen.Add(record.Offset.Value);
                if (record.Offset.Value == 2 && isStored && aborts == 0)
                    await CommitAsync(consumer, producer);
                if (record.Offset.Value == 5 && aborts++ == 0)
                {
                    await using (var tx = await producer.BeginAsync(FakeCluster.Never))
                        await tx.SendOffsetsAsync(consumer, FakeCluster.Never);
                    await consumer.RewindAsync(FakeCluster.Never);
                }
                else if (record.Offset.Value == 7)
                {
                    break;
                }
            }

            var back = isStored ? 3 : 0;
            Assert.Equal([0L, 1, 2, 3, 4, 5, .. Enumerable.Range(back, 8 - back)], seen);
        });

    [Fact]
    public void A_group_that_has_gone_on_without_the_member_fails_the_transaction() =>
        Run(2, async (consumer, producer) =>
        {
            await foreach (var _ in consumer.ReadAllAsync(FakeCluster.Never))
                break;
            for (var i = 0; i < 4; i++)
            {
                _cluster.Broker.Next<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
                    (r, _) => FakeTransactions.Refuse(r, ErrorCode.IllegalGeneration));
            }

            await using (var tx = await producer.BeginAsync(FakeCluster.Never))
            {
                var fault = await Assert.ThrowsAsync<TransactionAbortableException>(
                    () => tx.SendOffsetsAsync(consumer, FakeCluster.Never));
                Assert.Equal(ErrorCode.IllegalGeneration, fault.Code);
                await Assert.ThrowsAsync<TransactionAbortableException>(() => tx.CommitAsync(FakeCluster.Never));
            }

            await CommitAsync(consumer, producer);
            Assert.Equal(["init", "abort", "commit"], Server.Events);
            Assert.Equal(1, Server.Offsets[new("in", 0)]);
        });

    [Fact]
    public void What_was_read_before_the_member_lost_its_partitions_is_not_committed_without_positions() =>
        Run(2, async (consumer, producer) =>
        {
            var isForgotten = false;
            _cluster.Broker.On<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>((request, _) =>
            {
                var isKnown = !isForgotten || request.MemberEpoch <= 0;
                isForgotten &= !isKnown || request.MemberEpoch != 0;
                return isKnown ? Joined(request) : new() { ErrorCode = ErrorCode.UnknownMemberId };
            });
            await foreach (var record in consumer.ReadAllAsync(FakeCluster.Never))
            {
                await using var tx = await producer.BeginAsync(FakeCluster.Never);
                await tx.EnqueueAsync(new("out", null, record.Value), null, FakeCluster.Never);
                // The group goes on without the member, which joins it again and has the partition once more.
                isForgotten = true;
                await Task.Delay(TimeSpan.FromSeconds(20), _cluster.Host.Time);
                Assert.False(isForgotten);
                var fault = await Assert.ThrowsAsync<TransactionAbortableException>(
                    () => tx.SendOffsetsAsync(consumer, FakeCluster.Never));
                Assert.Equal(ErrorCode.RebalanceInProgress, fault.Code);
                await Assert.ThrowsAsync<TransactionAbortableException>(() => tx.CommitAsync(FakeCluster.Never));
                break;
            }

            Assert.Empty(Server.Offsets);
            Assert.Empty(Server.Committed);
        });

    [Fact]
    public void A_member_whose_epoch_moves_on_meanwhile_sends_its_positions_again() =>
        Run(2, async (consumer, producer) =>
        {
            await foreach (var _ in consumer.ReadAllAsync(FakeCluster.Never))
                break;
            _cluster.Broker.Next<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
                (r, _) => FakeTransactions.Refuse(r, ErrorCode.IllegalGeneration));
            await CommitAsync(consumer, producer);
            Assert.Equal(1, Server.Offsets[new("in", 0)]);
        });

    [Fact]
    public void Positions_can_be_a_programs_own() => Run(2, async (_, producer) =>
    {
        await using var tx = await producer.BeginAsync(FakeCluster.Never);
        await tx.SendOffsetsAsync(
            "g", new Dictionary<TopicPartition, CommittedOffset> { [new("in", 0)] = new(new Offset(7)) },
            FakeCluster.Never);
        await tx.CommitAsync(FakeCluster.Never);
        Assert.Equal(7, Server.Offsets[new("in", 0)]);
        Assert.Equal([("", -1)], Server.Members);
    });

    [Fact]
    public void A_consumer_that_commits_by_itself_is_refused() => Run(
        2,
        async (consumer, producer) =>
        {
            await using var tx = await producer.BeginAsync(FakeCluster.Never);
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => tx.SendOffsetsAsync(consumer, FakeCluster.Never));
        },
        isAutoCommit: true);

    private ConsumerGroupHeartbeatResponse Joined(ConsumerGroupHeartbeatRequest request) => new()
    {
        MemberId = request.MemberId,
        MemberEpoch = Math.Min(request.MemberEpoch, 0) + 1,
        HeartbeatIntervalMs = 2000,
        Assignment = request.MemberEpoch == 0
            ? new() { TopicPartitions = [new() { TopicId = _cluster.IdOf("in"), Partitions = [0] }] }
            : null,
    };

    private static async Task CommitAsync(
        Consumer<string, string> consumer, TransactionalProducer<string, string> producer)
    {
        await using var tx = await producer.BeginAsync(FakeCluster.Never);
        await tx.SendOffsetsAsync(consumer, FakeCluster.Never);
        await tx.CommitAsync(FakeCluster.Never);
    }

    private void Run(
        short level, Func<Consumer<string, string>, TransactionalProducer<string, string>, Task> story,
        bool isAutoCommit = false) => _cluster.Run(async client =>
    {
        _group = new FakeGroup(_cluster);
        await using (var filler = client.CreateProducer<string, string>())
        {
            foreach (var i in Enumerable.Range(0, 10))
                await filler.EnqueueAsync(new("in", null, $"{i}"), null, FakeCluster.Never);
        }

        _cluster.Broker.Cut();
        _transactions = new FakeTransactions(_cluster, level) { Offsets = _group.Offsets };
        await using var consumer = client.CreateConsumer<string, string>(new("g", "in")
        {
            AutoCommit = isAutoCommit,
            Reading = new() { OffsetReset = OffsetReset.Earliest },
        });
        await using var producer = client.CreateTransactionalProducer<string, string>("tx");
        await story(consumer, producer);
    });
}
