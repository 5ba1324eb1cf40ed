using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Tests.Unit.Log;

/// <summary>Who may open and end a transaction in a partition, and up to where its readers may go.</summary>
public sealed class TransactionTests
{
    private readonly LogFixture _fixture = new();

    [Theory]
    // The marker's version, epoch and coordinator epoch, against a producer in epoch 5 with an open transaction, the
    // last marker of which came from a coordinator in epoch 3.
    [InlineData(0, 4, 3, ErrorCode.InvalidProducerEpoch)]
    [InlineData(0, 5, 2, ErrorCode.TransactionCoordinatorFenced)]
    [InlineData(0, 5, 3, ErrorCode.None)]
    [InlineData(1, 5, 4, ErrorCode.None)]
    [InlineData(0, 6, 3, ErrorCode.None)]
    [InlineData(0, 6, 2, ErrorCode.TransactionCoordinatorFenced)]
    [InlineData(2, 5, 3, ErrorCode.InvalidProducerEpoch)]
    [InlineData(2, 4, 9, ErrorCode.InvalidProducerEpoch)]
    [InlineData(2, 6, 2, ErrorCode.TransactionCoordinatorFenced)]
    [InlineData(2, 6, 3, ErrorCode.None)]
    public void A_marker_is_fenced_by_both_epochs(short version, short epoch, int coordinatorEpoch, ErrorCode expected)
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Marker(1, 4, abort: true, coordinatorEpoch: 3)]);
        log.Append([LogFixture.Batch(2, producer: 1, epoch: 5, transactional: true)]);

        var told = log.CheckMarker(new(1), epoch, coordinatorEpoch, version);
        var result = log.Append([Marker(epoch, coordinatorEpoch, version)])[0];

        Assert.Equal((expected, false), told);
        Assert.Equal((expected, false), (result.Error, result.IsDuplicate));
        Assert.Equal(expected == ErrorCode.None, log.View.FirstOpenTransaction is null);
    }

    [Fact]
    public void A_marker_that_is_there_already_is_not_written_again()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(2, producer: 1, transactional: true), Marker(1, 0, 2)]);

        var again = log.Append([Marker(1, 0, 2)])[0];

        Assert.Equal((ErrorCode.None, true), log.CheckMarker(new(1), 1, 0, 2));
        // It is answered when all that is in the log is committed.
        Assert.Equal((ErrorCode.None, true, new Offset(2)), (again.Error, again.IsDuplicate, again.LastOffset));
        Assert.Equal(new Offset(3), log.View.End);
    }

    [Fact]
    public void A_marker_of_one_transaction_does_not_end_the_next()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(2, producer: 1, transactional: true), Marker(1, 0, 2)]);
        log.Append([LogFixture.Batch(2, producer: 1, epoch: 1, transactional: true)]);

        Assert.Equal(ErrorCode.InvalidProducerEpoch, log.Append([Marker(1, 0, 2)])[0].Error);
        Assert.Equal(new Offset(3), log.View.FirstOpenTransaction);
        Assert.Equal(ErrorCode.None, log.Append([Marker(2, 0, 2)])[0].Error);
        Assert.Null(log.View.FirstOpenTransaction);
    }

    [Fact]
    public void A_marker_begins_an_epoch_whose_sequence_begins_at_zero()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(2, producer: 1, transactional: true), Marker(1, 0, 2)]);

        Assert.Equal(ErrorCode.InvalidProducerEpoch, Append(log, epoch: 0, sequence: 2));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(log, epoch: 1, sequence: 2));
        Assert.Equal(ErrorCode.None, Append(log, epoch: 1, sequence: 0));
    }

    [Fact]
    public void A_batch_opens_a_transaction_only_where_the_coordinator_was_asked()
    {
        var log = _fixture.Open();
        Assert.Equal(ErrorCode.InvalidTxnState, Append(log, guard: VerificationGuard.None));

        var guard = log.BeginVerification(new(1), 0, 0, bumpsEpoch: true);

        Assert.NotEqual(VerificationGuard.None, guard);
        Assert.Equal(guard, log.BeginVerification(new(1), 0, 3, bumpsEpoch: true));
        Assert.Equal(ErrorCode.InvalidTxnState, Append(log, guard: new(guard.Number + 1)));
        Assert.Equal(ErrorCode.None, Append(log, guard: guard));
        // Open here: nobody has to be asked any more.
        Assert.Equal(VerificationGuard.None, log.BeginVerification(new(1), 0, 1, bumpsEpoch: true));
        Assert.Equal(ErrorCode.None, Append(log, sequence: 1, guard: VerificationGuard.None));
    }

    [Fact]
    public void An_answer_that_a_marker_has_overtaken_opens_nothing()
    {
        var log = _fixture.Open();
        var guard = log.BeginVerification(new(1), 0, 0, bumpsEpoch: false);
        // The transaction is aborted while the answer is on its way (KAFKA-14402).
        log.Append([LogFixture.Marker(1, 0, abort: true)]);

        Assert.Equal(ErrorCode.InvalidTxnState, Append(log, guard: guard));
        Assert.NotEqual(guard, log.BeginVerification(new(1), 0, 0, bumpsEpoch: false));
        Assert.Equal(ErrorCode.InvalidTxnState, Append(log, guard: guard));
        Assert.Null(log.View.FirstOpenTransaction);
    }

    [Fact]
    public void The_marker_of_the_last_transaction_leaves_the_question_about_the_next_one()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(1, producer: 1, epoch: 3, transactional: true)]);
        var guard = log.BeginVerification(new(1), 4, 0, bumpsEpoch: true);
        log.Append([LogFixture.Marker(1, 4, abort: true)]);

        Assert.Equal(ErrorCode.None, Append(log, epoch: 4, guard: guard));
        Assert.NotNull(log.View.FirstOpenTransaction);
    }

    [Fact]
    public void The_guard_of_an_old_epoch_opens_nothing_once_a_new_one_is_known()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(1, producer: 1, epoch: 3, transactional: true)]);
        var guard = log.BeginVerification(new(1), 2, 0, bumpsEpoch: true);

        Assert.Equal(ErrorCode.InvalidProducerEpoch, Append(log, epoch: 2, guard: guard));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, log.CheckTransactional(new(1), 2, guard));
        Assert.Equal(ErrorCode.None, log.CheckTransactional(new(1), 3, VerificationGuard.None));
        Assert.Equal(ErrorCode.InvalidTxnState, log.CheckTransactional(new(2), 0, VerificationGuard.None));
    }

    [Fact]
    public void The_first_batch_of_a_transaction_goes_before_those_that_came_after_it()
    {
        var log = _fixture.Open();
        var guard = log.BeginVerification(new(1), 0, 4, bumpsEpoch: false);
        log.BeginVerification(new(1), 0, 0, bumpsEpoch: false);

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(log, sequence: 4, guard: guard));
        Assert.Equal(ErrorCode.None, Append(log, sequence: 0, guard: guard));
    }

    [Theory]
    [InlineData(true, ErrorCode.OutOfOrderSequenceNumber)]
    [InlineData(false, ErrorCode.None)]
    public void Only_who_has_an_epoch_for_each_transaction_begins_at_zero(bool bumpsEpoch, ErrorCode expected)
    {
        var log = _fixture.Open();
        var guard = log.BeginVerification(new(1), 0, 7, bumpsEpoch);

        Assert.Equal(expected, Append(log, sequence: 7, guard: guard));
    }

    [Fact]
    public void Readers_of_committed_records_wait_for_the_marker_to_be_committed()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(2), LogFixture.Batch(3, producer: 1, transactional: true)]);
        Assert.Equal(new Offset(2), log.FirstUnstable(new(1)));
        log.Append([LogFixture.Batch(1), LogFixture.Marker(1, 0, abort: false)]);

        Assert.Equal(new Offset(2), log.FirstUnstable(new(4)));
        Assert.Equal(new Offset(2), log.FirstUnstable(new(6)));
        Assert.Null(log.FirstUnstable(new(7)));
    }

    [Fact]
    public void A_transaction_that_began_within_another_hides_nothing_more()
    {
        var log = _fixture.Open();
        log.Append(
            [LogFixture.Batch(1, producer: 1, transactional: true),
                LogFixture.Batch(1, producer: 2, transactional: true)]);
        log.Append([LogFixture.Marker(2, 0, abort: true)]);
        Assert.Equal(new Offset(0), log.FirstUnstable(new(2)));
        log.Append([LogFixture.Marker(1, 0, abort: true)]);

        Assert.Equal(new Offset(0), log.FirstUnstable(new(3)));
        Assert.Null(log.FirstUnstable(new(4)));
    }

    [Fact]
    public void A_marker_whose_write_failed_has_ended_nothing()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(1, producer: 1, transactional: true)]);
        _fixture.Disk.FailAt(_fixture.Disk.Calls + 1);

        Assert.Throws<IOException>(() => log.Append([LogFixture.Marker(1, 0, abort: true)]));

        Assert.Equal(new Offset(0), log.FirstUnstable(new(1)));
        Assert.Empty(log.View.AbortedTransactions(new(0), new(1)));
        Assert.Equal(ErrorCode.None, log.Append([LogFixture.Marker(1, 0, abort: true)])[0].Error);
        Assert.Null(log.FirstUnstable(new(2)));
        Assert.Single(log.View.AbortedTransactions(new(0), new(2)));
    }

    private static PendingBatch Marker(short epoch, int coordinatorEpoch, short version) =>
        LogFixture.Marker(1, epoch, abort: true, coordinatorEpoch) with { TransactionVersion = version };

    private static ErrorCode Append(
        PartitionLog log, short epoch = 0, int sequence = 0, VerificationGuard? guard = null)
    {
        var batch = LogFixture.Batch(1, producer: 1, epoch: epoch, sequence: sequence, transactional: true);
        return log.Append([batch with { Guard = guard ?? VerificationGuard.Waived }])[0].Error;
    }
}
