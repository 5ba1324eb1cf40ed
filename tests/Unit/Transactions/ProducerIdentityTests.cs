using Barnabas.Base;
using Barnabas.Transactions;

namespace Barnabas.Tests.Unit.Transactions;

/// <summary>Epochs and ids: who is fenced, who goes on, and what comes after the last epoch.</summary>
public sealed class ProducerIdentityTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(900_001)]
    public void A_timeout_out_of_bounds_is_refused(int timeoutMs)
    {
        var story = new TransactionStory();
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, story.Init(timeoutMs: timeoutMs).Error);
        Assert.Null(story.Known);
        Assert.Equal(ErrorCode.None, story.Init(timeoutMs: 900_000).Error);
    }

    [Fact]
    public void A_producer_goes_on_from_its_epoch_and_may_ask_twice()
    {
        var story = TransactionStory.At(5);
        var before = story.Identity;
        var next = before with { Epoch = 6 };
        Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.Init(before));
        Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.Init(before));
        Assert.Equal(ErrorCode.ProducerFenced, story.Init(before with { Epoch = 4 }).Error);
    }

    [Fact]
    public void Who_asks_twice_is_fenced_once_a_new_instance_came()
    {
        var story = TransactionStory.At(5);
        var before = story.Identity;
        story.Init(before);
        Assert.Equal(7, story.Init().Identity.Epoch);
        Assert.Equal(ErrorCode.ProducerFenced, story.Init(before).Error);
        Assert.Equal(ErrorCode.ProducerFenced, story.Init(before with { Epoch = 6 }).Error);
    }

    [Fact]
    public void Who_asks_twice_of_two_coordinators_is_fenced()
    {
        var story = TransactionStory.At(5);
        var before = story.Identity;
        story.Init(before);
        story.Reload();
        Assert.Equal(ErrorCode.ProducerFenced, story.Init(before).Error);
    }

    [Fact]
    public void The_new_instance_is_above_the_epoch_that_fenced_the_old_one()
    {
        foreach (var version in new short[] { 0, 2 })
        {
            var story = TransactionStory.At(5, version);
            story.Add();
            Assert.Equal(ErrorCode.ConcurrentTransactions, story.Init().Error);
            Assert.True(story.Tell());
            Assert.Equal((ErrorCode.None, 7), (story.Init().Error, story.Known!.Epoch));
        }
    }

    [Fact]
    public void A_new_instance_after_the_last_epoch_has_a_new_id()
    {
        foreach (var version in new short[] { 0, 2 })
        {
            var story = TransactionStory.At(Transaction.LastEpoch, version);
            var before = story.Identity;
            var next = new ProducerIdentity(new ProducerId(before.Id.Value + 1), 0);
            Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.Init());
            Assert.Equal(ErrorCode.ProducerFenced, story.Init(before).Error);
        }
    }

    [Fact]
    public void A_producer_that_goes_on_after_its_last_epoch_has_a_new_id_and_may_ask_twice()
    {
        var story = TransactionStory.At(Transaction.LastEpoch);
        var before = story.Identity;
        var next = new ProducerIdentity(new ProducerId(before.Id.Value + 1), 0);
        Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.Init(before));
        Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.Init(before));
        Assert.Equal(next with { Epoch = 1 }, story.Init(next).Identity);
        Assert.Equal(ErrorCode.ProducerFenced, story.Init(before).Error);
    }

    [Fact]
    public void An_end_in_the_last_epoch_goes_on_under_a_new_id_and_may_be_asked_for_twice()
    {
        foreach (var commits in new[] { true, false })
        {
            var story = TransactionStory.At(Transaction.LastEpoch);
            var before = story.Identity;
            var next = new ProducerIdentity(new ProducerId(before.Id.Value + 1), 0);
            story.Add();
            Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.End(commits));
            // What ends is the transaction of the old id, in an epoch above all of its records.
            Assert.Equal((before.Id, short.MaxValue), (story.Telling[0].ProducerId, story.Telling[0].Epoch));
            Assert.Equal(ErrorCode.ConcurrentTransactions, story.Add(next));
            Assert.Equal(ErrorCode.ConcurrentTransactions, story.End(commits, before).Error);
            story.Reload();
            Assert.True(story.Tell());
            Assert.Equal(next, story.Identity);
            Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.End(commits, before));
            Assert.Equal(ErrorCode.InvalidTxnState, story.End(!commits, before).Error);
            Assert.Equal(ErrorCode.None, story.Add(next));
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, story.End(commits, before).Error);
        }
    }

    [Fact]
    public void The_epoch_above_the_last_fences_and_is_given_to_nobody()
    {
        foreach (var version in new short[] { 0, 2 })
        {
            var story = TransactionStory.At(Transaction.LastEpoch, version);
            var before = story.Identity;
            story.Add();
            Assert.Equal(ErrorCode.ConcurrentTransactions, story.Init().Error);
            Assert.Equal(short.MaxValue, story.Known!.Epoch);
            story.Tell();
            Assert.Equal(ErrorCode.ProducerFenced, story.End(commits: false, before).Error);
            Assert.Equal(ErrorCode.ProducerFenced, story.End(commits: true, before).Error);
            Assert.Equal(ErrorCode.ProducerFenced, story.Add(before with { Epoch = short.MaxValue }));
            Assert.Equal(ErrorCode.ProducerFenced, story.End(false, before with { Epoch = short.MaxValue }).Error);
            Assert.Equal(new ProducerIdentity(new ProducerId(before.Id.Value + 1), 0), story.Init().Identity);
        }
    }

    [Fact]
    public void A_producer_whose_time_was_up_in_its_last_epoch_goes_on_under_a_new_id()
    {
        var story = TransactionStory.At(Transaction.LastEpoch);
        var before = story.Identity;
        story.Add();
        story.Now += 60_001;
        Assert.Equal(1, story.AbortOverdue());
        story.Tell();
        var next = new ProducerIdentity(new ProducerId(before.Id.Value + 1), 0);
        Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.Init(before));
        Assert.Equal(new ProducerAnswer(ErrorCode.None, next), story.Init(before));
    }

    [Fact]
    public void An_old_end_does_not_end_the_next_transaction()
    {
        // KAFKA-17754: the answer to the first request is lost, and the request comes again while the next is open.
        foreach (var commits in new[] { true, false })
        {
            var story = TransactionStory.At(5);
            var first = story.Identity;
            story.Add();
            var second = story.End(commits).Identity;
            story.Tell();
            Assert.Equal(second, story.End(commits, first).Identity);
            story.Add(second);
            Assert.Equal(ErrorCode.ProducerFenced, story.End(commits, first).Error);
            Assert.Equal(ErrorCode.ProducerFenced, story.End(!commits, first).Error);
            Assert.Equal(TransactionStatus.Ongoing, story.Status);
        }
    }

    [Fact]
    public void A_transaction_without_partitions_can_be_aborted_and_nothing_of_the_one_before_is_undone()
    {
        var story = TransactionStory.At(5);
        story.Add();
        story.End(commits: true);
        story.Tell();
        Assert.Equal((ErrorCode.None, 7), (story.End(commits: false).Error, story.Known!.Epoch));
        Assert.Empty(story.Telling[0].Partitions);
        Assert.True(story.Tell());
        Assert.Equal(TransactionStatus.CompleteAbort, story.Status);
    }

    [Fact]
    public void What_was_completed_is_not_completed_again()
    {
        var story = TransactionStory.At(5);
        story.Add();
        story.End(commits: true);
        var prepared = story.Telling[0];
        Assert.True(story.Tell());
        story.Add();
        story.End(commits: false);
        Assert.False(story.Run(CompleteTransaction.Decide(story.State, prepared, story.Now)));
        Assert.Equal(TransactionStatus.PrepareAbort, story.Status);
    }

    [Fact]
    public void A_transaction_that_never_times_out_is_left_open()
    {
        var story = TransactionStory.At(5);
        story.Add();
        story.Put(story.Known! with { TimeoutMs = Transaction.NoTimeout });
        story.Now += 1L << 40;
        Assert.Equal((0, TransactionStatus.Ongoing), (story.AbortOverdue(), story.Status));
    }

    [Fact]
    public void Adding_what_is_in_the_transaction_writes_nothing_and_keeps_its_beginning()
    {
        var story = TransactionStory.At(5);
        story.Add();
        var (records, began) = (story.Stored.Count, story.Known!.Started);
        story.Now += 1000;
        Assert.Equal(ErrorCode.None, story.Add());
        Assert.Equal(records, story.Stored.Count);
        story.Add(null, TransactionStory.Orders, new TransactionPartition("others", 1));
        Assert.Equal((began, 2, story.Now), (story.Known!.Started, story.Known.Partitions.Count, story.Known.Updated));
    }
}
