using Barnabas.Base;
using Barnabas.Transactions;
using static Barnabas.Transactions.TransactionStatus;

namespace Barnabas.Tests.Unit.Transactions;

/// <summary>Every request in every state of a transactional id, by the version of the protocol.</summary>
public sealed class TransactionTableTests
{
    private static readonly ProducerId Stranger = new(7);

    [Theory]
    [InlineData(null, ErrorCode.None, Empty, 0)]
    [InlineData(Empty, ErrorCode.None, Empty, 6)]
    [InlineData(Ongoing, ErrorCode.ConcurrentTransactions, PrepareAbort, 6)]
    [InlineData(PrepareCommit, ErrorCode.ConcurrentTransactions, PrepareCommit, 5)]
    [InlineData(PrepareAbort, ErrorCode.ConcurrentTransactions, PrepareAbort, 5)]
    [InlineData(CompleteCommit, ErrorCode.None, Empty, 6)]
    [InlineData(CompleteAbort, ErrorCode.None, Empty, 6)]
    public void A_new_instance(TransactionStatus? status, ErrorCode error, TransactionStatus then, short epoch)
    {
        foreach (var version in new short[] { 0, 1, 2 })
        {
            var story = TransactionStory.In(status, version);
            var answer = story.Init();
            Assert.Equal((error, then, epoch), (answer.Error, story.Status, story.Known!.Epoch));
            Assert.Equal(error == ErrorCode.None ? story.Identity : ProducerIdentity.None, answer.Identity);
        }
    }

    [Theory]
    [InlineData(null, ErrorCode.None)]
    [InlineData(Empty, ErrorCode.ProducerFenced)]
    [InlineData(Ongoing, ErrorCode.ProducerFenced)]
    [InlineData(PrepareCommit, ErrorCode.ConcurrentTransactions)]
    [InlineData(PrepareAbort, ErrorCode.ConcurrentTransactions)]
    [InlineData(CompleteCommit, ErrorCode.ProducerFenced)]
    [InlineData(CompleteAbort, ErrorCode.ProducerFenced)]
    public void An_instance_that_goes_on_with_an_id_of_somebody_else(TransactionStatus? status, ErrorCode expected)
    {
        foreach (var version in new short[] { 0, 2 })
            Assert.Equal(expected, TransactionStory.In(status, version).Init(new(Stranger, 5)).Error);
    }

    [Theory]
    [InlineData(null, ErrorCode.InvalidProducerIdMapping)]
    [InlineData(Empty, ErrorCode.None)]
    [InlineData(Ongoing, ErrorCode.None)]
    [InlineData(PrepareCommit, ErrorCode.ConcurrentTransactions)]
    [InlineData(PrepareAbort, ErrorCode.ConcurrentTransactions)]
    [InlineData(CompleteCommit, ErrorCode.None)]
    [InlineData(CompleteAbort, ErrorCode.None)]
    public void Partitions_are_added(TransactionStatus? status, ErrorCode expected)
    {
        foreach (var version in new short[] { 0, 2 })
        {
            var story = TransactionStory.In(status, version);
            var other = new TransactionPartition("others", 3);
            var identity = story.Known?.Identity ?? new(Stranger, 0);
            Assert.Equal(expected, story.Add(identity, other));
            if (expected != ErrorCode.None)
                continue;
            Assert.Equal(Ongoing, story.Status);
            Assert.Contains(other, story.Known!.Partitions);
            Assert.Equal(ErrorCode.InvalidProducerIdMapping, story.Add(identity with { Id = Stranger }));
            Assert.Equal(ErrorCode.ProducerFenced, story.Add(identity with { Epoch = 4 }));
            Assert.Equal(ErrorCode.ProducerFenced, story.Add(identity with { Epoch = 6 }));
        }
    }

    [Theory]
    [InlineData(null, ErrorCode.InvalidProducerIdMapping)]
    [InlineData(Empty, ErrorCode.TransactionAbortable)]
    [InlineData(Ongoing, ErrorCode.None)]
    [InlineData(PrepareCommit, ErrorCode.ConcurrentTransactions)]
    [InlineData(PrepareAbort, ErrorCode.ConcurrentTransactions)]
    [InlineData(CompleteCommit, ErrorCode.TransactionAbortable)]
    [InlineData(CompleteAbort, ErrorCode.TransactionAbortable)]
    public void Partitions_are_verified(TransactionStatus? status, ErrorCode expected)
    {
        var story = TransactionStory.In(status, 2);
        var records = story.Stored.Count;
        var identity = story.Known?.Identity ?? new(Stranger, 0);
        var absent = expected == ErrorCode.None ? ErrorCode.TransactionAbortable : expected;
        Assert.Equal(
            [absent, expected], story.Verify(identity, new TransactionPartition("orders", 1), TransactionStory.Orders));
        Assert.Equal(
            [ErrorCode.InvalidProducerIdMapping],
            story.Verify(identity with { Id = new(8) }, TransactionStory.Orders));
        if (status is not null)
        {
            Assert.Equal(
                [ErrorCode.ProducerFenced], story.Verify(identity with { Epoch = 4 }, TransactionStory.Orders));
        }

        Assert.Equal(records, story.Stored.Count);
    }

    [Theory]
    [InlineData(null, ErrorCode.InvalidProducerIdMapping, ErrorCode.InvalidProducerIdMapping)]
    [InlineData(Empty, ErrorCode.InvalidTxnState, ErrorCode.InvalidTxnState)]
    [InlineData(Ongoing, ErrorCode.None, ErrorCode.None)]
    [InlineData(PrepareCommit, ErrorCode.ConcurrentTransactions, ErrorCode.ConcurrentTransactions)]
    [InlineData(PrepareAbort, ErrorCode.ConcurrentTransactions, ErrorCode.ConcurrentTransactions)]
    [InlineData(CompleteCommit, ErrorCode.None, ErrorCode.InvalidTxnState)]
    [InlineData(CompleteAbort, ErrorCode.InvalidTxnState, ErrorCode.None)]
    public void An_end_that_bumps_no_epoch(TransactionStatus? status, ErrorCode commit, ErrorCode abort)
    {
        foreach (var (commits, expected) in new[] { (true, commit), (false, abort) })
        {
            var story = TransactionStory.In(status, 0);
            var identity = story.Known?.Identity ?? new(Stranger, 5);
            var answer = story.End(commits, identity);
            Assert.Equal(new ProducerAnswer(expected, ProducerIdentity.None), answer);
            if (status is null)
                continue;
            Assert.Equal(5, story.Known!.Epoch);
            Assert.Equal(
                ErrorCode.InvalidProducerIdMapping, story.End(commits, identity with { Id = Stranger }).Error);
            Assert.Equal(ErrorCode.ProducerFenced, story.End(commits, identity with { Epoch = 4 }).Error);
            Assert.Equal(ErrorCode.ProducerFenced, story.End(commits, identity with { Epoch = 6 }).Error);
        }
    }

    [Theory]
    [InlineData(null, ErrorCode.InvalidProducerIdMapping, ErrorCode.InvalidProducerIdMapping)]
    [InlineData(Empty, ErrorCode.InvalidTxnState, ErrorCode.None)]
    [InlineData(Ongoing, ErrorCode.None, ErrorCode.None)]
    [InlineData(PrepareCommit, ErrorCode.ConcurrentTransactions, ErrorCode.ConcurrentTransactions)]
    [InlineData(PrepareAbort, ErrorCode.ConcurrentTransactions, ErrorCode.ConcurrentTransactions)]
    [InlineData(CompleteCommit, ErrorCode.InvalidTxnState, ErrorCode.None)]
    [InlineData(CompleteAbort, ErrorCode.InvalidTxnState, ErrorCode.None)]
    public void An_end_that_bumps_the_epoch(TransactionStatus? status, ErrorCode commit, ErrorCode abort)
    {
        foreach (var (commits, expected) in new[] { (true, commit), (false, abort) })
        {
            var story = TransactionStory.In(status, 2);
            var identity = story.Known?.Identity ?? new(Stranger, 5);
            var answer = story.End(commits, identity);
            Assert.Equal(
                new ProducerAnswer(
                    expected, expected == ErrorCode.None ? identity with { Epoch = 6 } : ProducerIdentity.None),
                answer);
            if (expected == ErrorCode.None)
                Assert.Equal((commits ? PrepareCommit : PrepareAbort, (short)6), (story.Status, story.Known!.Epoch));
        }
    }

    [Theory]
    [InlineData(Empty, ErrorCode.ProducerFenced, ErrorCode.ProducerFenced)]
    [InlineData(Ongoing, ErrorCode.ProducerFenced, ErrorCode.ProducerFenced)]
    [InlineData(PrepareCommit, ErrorCode.ConcurrentTransactions, ErrorCode.ConcurrentTransactions)]
    [InlineData(PrepareAbort, ErrorCode.ConcurrentTransactions, ErrorCode.ConcurrentTransactions)]
    [InlineData(CompleteCommit, ErrorCode.None, ErrorCode.InvalidTxnState)]
    [InlineData(CompleteAbort, ErrorCode.InvalidTxnState, ErrorCode.None)]
    public void An_end_of_the_epoch_before(TransactionStatus status, ErrorCode commit, ErrorCode abort)
    {
        foreach (var (commits, expected) in new[] { (true, commit), (false, abort) })
        {
            var story = TransactionStory.In(status, 2);
            var (identity, records) = (story.Identity, story.Stored.Count);
            var answer = story.End(commits, identity with { Epoch = 4 });
            Assert.Equal(
                new ProducerAnswer(expected, expected == ErrorCode.None ? identity : ProducerIdentity.None), answer);
            Assert.Equal((status, records), (story.Status, story.Stored.Count));
            if (!status.IsPrepared())
            {
                Assert.Equal(ErrorCode.ProducerFenced, story.End(commits, identity with { Epoch = 3 }).Error);
                Assert.Equal(ErrorCode.ProducerFenced, story.End(commits, identity with { Epoch = 6 }).Error);
                Assert.Equal(
                    ErrorCode.InvalidProducerIdMapping, story.End(commits, new(Stranger, 5)).Error);
            }
        }
    }

    [Theory]
    [InlineData(null, 0, 0)]
    [InlineData(Empty, 0, 1)]
    [InlineData(Ongoing, 1, 0)]
    [InlineData(PrepareCommit, 0, 0)]
    [InlineData(PrepareAbort, 0, 0)]
    [InlineData(CompleteCommit, 0, 1)]
    [InlineData(CompleteAbort, 0, 1)]
    public void Time_passes(TransactionStatus? status, int aborted, int expired)
    {
        var story = TransactionStory.In(status, 2);
        story.Now += 60_000;
        Assert.Equal((0, 0), (story.AbortOverdue(), story.Expire()));
        story.Now += 1;
        Assert.Equal((aborted, 0), (story.AbortOverdue(), story.Expire()));
        if (aborted > 0)
            return;
        story.Now += 7 * 24 * 3600 * 1000L;
        Assert.Equal(expired, story.Expire());
        Assert.Equal(status is null || expired > 0, story.Known is null);
    }

    [Fact]
    public void Statuses_pass_as_in_Kafka()
    {
        var legal = new SortedDictionary<TransactionStatus, TransactionStatus[]>
        {
            [Empty] = [Empty, Ongoing, PrepareAbort, Dead],
            [Ongoing] = [Ongoing, PrepareCommit, PrepareAbort, PrepareEpochFence],
            [PrepareCommit] = [CompleteCommit],
            [PrepareAbort] = [CompleteAbort],
            [CompleteCommit] = [Empty, Ongoing, PrepareAbort, Dead],
            [CompleteAbort] = [Empty, Ongoing, PrepareAbort, Dead],
            [Dead] = [],
            [PrepareEpochFence] = [PrepareAbort],
        };
        foreach (var from in Enum.GetValues<TransactionStatus>())
            Assert.Equal(legal[from], Enum.GetValues<TransactionStatus>().Where(to => from.MayBecome(to)));
    }
}
