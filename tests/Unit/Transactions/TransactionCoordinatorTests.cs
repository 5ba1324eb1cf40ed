using Barnabas.Base;
using Barnabas.Transactions;

namespace Barnabas.Tests.Unit.Transactions;

/// <summary>What the coordinator does beside deciding: it tells partitions, and looks at the clock.</summary>
public sealed class TransactionCoordinatorTests
{
    private static readonly TransactionPartition First = new("orders", 0);
    private static readonly TransactionPartition Second = new("orders", 1);

    [Fact]
    public void A_transaction_is_complete_once_all_its_partitions_know()
    {
        var story = new CoordinatorStory();
        story.Tell(async () =>
        {
            var producer = (await story.InitAsync()).Identity;
            Assert.Equal(ErrorCode.None, await story.AddAsync(producer, First, Second));
            story.Answers[Second] = ErrorCode.NotLeaderOrFollower;
            var next = (await story.EndAsync(producer, commits: true)).Identity;
            Assert.Equal(producer with { Epoch = 1 }, next);
            await story.SettleAsync(30);
            Assert.Equal(TransactionStatus.PrepareCommit, story.Status);
            Assert.Equal(ErrorCode.ConcurrentTransactions, await story.AddAsync(next, First));
            var told = story.Told.Count(told => told.Partition == Second);
            Assert.InRange(told, 20, 60);

            story.Answers.Remove(Second);
            await story.SettleAsync(2);
            Assert.Equal(TransactionStatus.CompleteCommit, story.Status);
            Assert.Single(story.Told, told => told.Partition == First);
            var marker = new TransactionMarkerToWrite(producer.Id.Value, 1, story.Epoch, true, 2);
            Assert.All(story.Told, told => Assert.Equal(marker, told.Marker));
            Assert.Equal(ErrorCode.None, await story.AddAsync(next, First));
        });
    }

    [Theory]
    [InlineData(ErrorCode.UnknownTopicOrPartition, TransactionStatus.CompleteAbort)]
    [InlineData(ErrorCode.InvalidProducerEpoch, TransactionStatus.CompleteAbort)]
    [InlineData(ErrorCode.TransactionCoordinatorFenced, TransactionStatus.PrepareAbort)]
    public void A_partition_may_have_no_use_for_the_word(ErrorCode answer, TransactionStatus then)
    {
        var story = new CoordinatorStory();
        story.Tell(async () =>
        {
            var producer = (await story.InitAsync()).Identity;
            await story.AddAsync(producer, First, Second);
            story.Answers[First] = answer;
            Assert.Equal(ErrorCode.None, (await story.EndAsync(producer, commits: false)).Error);
            await story.SettleAsync(10);
            Assert.Equal(then, story.Status);
            Assert.Equal([First, Second], story.Told.Select(told => told.Partition).Order());
        });
    }

    [Fact]
    public void Who_leads_on_goes_on_telling()
    {
        var story = new CoordinatorStory();
        ProducerIdentity producer = default;
        story.Tell(async () =>
        {
            producer = (await story.InitAsync()).Identity;
            await story.AddAsync(producer, First);
            story.Answers[First] = ErrorCode.KafkaStorageError;
            await story.EndAsync(producer, commits: true);
            await story.SettleAsync(3);
        });

        var next = new CoordinatorStory([.. story.Kept], epoch: 2);
        next.Tell(async () =>
        {
            await next.SettleAsync(1);
            Assert.Equal(TransactionStatus.CompleteCommit, next.Status);
            var told = Assert.Single(next.Told);
            Assert.Equal((First, new(producer.Id.Value, 1, 2, true, 2)), told);
        });
    }

    [Fact]
    public void A_transaction_that_takes_too_long_is_aborted_also_by_who_leads_on()
    {
        var story = new CoordinatorStory();
        ProducerIdentity producer = default;
        story.Tell(async () =>
        {
            producer = (await story.InitAsync()).Identity;
            await story.AddAsync(producer, First);
            await story.SettleAsync(50);
            Assert.Equal(TransactionStatus.Ongoing, story.Status);
        });

        var next = new CoordinatorStory([.. story.Kept], epoch: 2);
        next.Tell(async () =>
        {
            await next.SettleAsync(9);
            Assert.Equal(TransactionStatus.Ongoing, next.Status);
            await next.SettleAsync(62);
            Assert.Equal(TransactionStatus.CompleteAbort, next.Status);
            Assert.Equal((First, new(producer.Id.Value, 1, 2, false, 2)), Assert.Single(next.Told));
            Assert.Equal(ErrorCode.InvalidTxnState, (await next.EndAsync(producer, commits: true)).Error);
        });
    }

    [Fact]
    public void Ids_that_nobody_uses_are_forgotten_however_many_there_are()
    {
        var story = new CoordinatorStory(
            overrides: "transaction.abort.timed.out.transaction.cleanup.interval.ms=86400000");
        story.Tell(async () =>
        {
            for (var i = 0; i < (2 * ExpireIds.Most) + 1; i++)
            {
                var answer = await story.Coordinator.InitProducerIdAsync(new InitProducerId($"id{i}", 60_000, null));
                Assert.Equal(ErrorCode.None, answer.Error);
            }

            await story.SettleAsync(TimeSpan.FromDays(6.9).TotalSeconds);
            var shard = story.Coordinator.Find("t")!;
            Assert.Equal((2 * ExpireIds.Most) + 1, shard.Committed.Transactions.Count);
            await story.SettleAsync(TimeSpan.FromDays(0.2).TotalSeconds);
            Assert.Empty(shard.Committed.Transactions);
        });
    }

    [Fact]
    public void Partitions_are_verified_and_added_for_their_leaders()
    {
        var story = new CoordinatorStory();
        story.Tell(async () =>
        {
            var producer = (await story.InitAsync()).Identity;
            Assert.Equal([ErrorCode.TransactionAbortable, ErrorCode.TransactionAbortable], await Ask(true));
            Assert.Equal([ErrorCode.None, ErrorCode.None], await Ask(false));
            Assert.Equal([ErrorCode.None, ErrorCode.None], await Ask(true));
            await story.EndAsync(producer, commits: true);
            Assert.Equal([ErrorCode.ProducerFenced, ErrorCode.ProducerFenced], await Ask(false, 0, 5));

            Task<IReadOnlyList<ErrorCode>> Ask(bool verifyOnly, short epoch = 0, double after = 0) => After(
                after,
                () => story.Coordinator.AddPartitionsAsync(
                    "t", producer.Id.Value, epoch, [First, Second], verifyOnly));
        });

        async Task<T> After<T>(double seconds, Func<Task<T>> ask)
        {
            await story.SettleAsync(seconds + 0.001);
            return await ask();
        }
    }

    [Fact]
    public void Nobody_coordinates_where_nobody_leads()
    {
        var story = new CoordinatorStory();
        story.Tell(async () =>
        {
            var producer = (await story.InitAsync()).Identity;
            await story.Coordinator.CloseAsync();
            Assert.Equal(ErrorCode.NotCoordinator, (await story.InitAsync()).Error);
            Assert.Equal(ErrorCode.NotCoordinator, (await story.EndAsync(producer, commits: true)).Error);
            Assert.Equal(ErrorCode.NotCoordinator, await story.AddAsync(producer, First));
            Assert.Equal(
                [ErrorCode.NotCoordinator],
                await story.Coordinator.AddPartitionsAsync("t", producer.Id.Value, 0, [First], verifyOnly: true));
        });
    }
}
