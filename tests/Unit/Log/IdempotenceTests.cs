using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Log;

public sealed class IdempotenceTests
{
    private readonly LogFixture _fixture = new();

    [Fact]
    public void Each_of_the_last_five_batches_is_known_again_with_its_offset()
    {
        var log = _fixture.Open();
        for (var i = 0; i < 6; i++)
            log.Append([LogFixture.Batch(3, LogFixture.Start + i, producer: 1, sequence: i * 3)]);

        for (var i = 1; i < 6; i++)
        {
            var again = log.Append([LogFixture.Batch(3, LogFixture.Start + i, producer: 1, sequence: i * 3)])[0];
            Assert.Equal(new(ErrorCode.None, new(i * 3), new((i * 3) + 2), LogFixture.Start + i + 2, true), again);
        }

        Assert.Equal(new Offset(18), log.View.End);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(log, epoch: 0, sequence: 0));
    }

    [Fact]
    public void A_duplicate_within_one_call_is_known()
    {
        var log = _fixture.Open();

        var results = log.Append(
            [LogFixture.Batch(2, producer: 1), LogFixture.Batch(2, producer: 1, sequence: 2),
                LogFixture.Batch(2, producer: 1)]);

        Assert.Equal([false, false, true], results.Select(r => r.IsDuplicate));
        Assert.Equal(new Offset(0), results[2].BaseOffset);
    }

    [Fact]
    public void Sequences_have_no_gaps()
    {
        var log = _fixture.Open();

        Assert.Equal(ErrorCode.None, Append(log, epoch: 0, sequence: 0));
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(log, epoch: 0, sequence: 2));
        Assert.Equal(ErrorCode.None, Append(log, epoch: 0, sequence: 1));
    }

    [Fact]
    public void A_producer_not_remembered_may_begin_anywhere()
    {
        var log = _fixture.Open();

        Assert.Equal(ErrorCode.None, Append(log, epoch: 3, sequence: 41));
        Assert.Equal(ErrorCode.None, Append(log, epoch: 3, sequence: 42));
    }

    [Fact]
    public void A_new_epoch_begins_at_zero_and_fences_the_old()
    {
        var log = _fixture.Open();
        Append(log, epoch: 1, sequence: 0);

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(log, epoch: 2, sequence: 1));
        Assert.Equal(ErrorCode.None, Append(log, epoch: 2, sequence: 0));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, Append(log, epoch: 1, sequence: 1));
        Assert.Equal(ErrorCode.None, Append(log, epoch: 2, sequence: 1));
    }

    [Fact]
    public void Sequences_wrap_around()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(3, producer: 1, sequence: int.MaxValue - 1)]);

        Assert.Equal(0, log.DescribeProducers()[0].LastSequence);
        var again = log.Append([LogFixture.Batch(3, producer: 1, sequence: int.MaxValue - 1)])[0];
        Assert.True(again.IsDuplicate);
        Assert.Equal(ErrorCode.None, Append(log, epoch: 0, sequence: 1));
    }

    [Fact]
    public void Sequences_are_not_judged_on_a_follower()
    {
        var log = _fixture.Open();
        Append(log, epoch: 5, sequence: 0);
        var batch = LogFixture.Batch(1, producer: 1, epoch: 4, sequence: 77);
        RecordBatch.Assign(batch.Bytes.Span, new(1), new(0));

        Assert.Equal(ErrorCode.None, log.Append([batch with { Origin = AppendOrigin.Replication }])[0].Error);
    }

    [Fact]
    public void Idle_producers_are_forgotten_unless_a_transaction_is_open()
    {
        _fixture.Settings = LogFixture.Small with { ProducerIdExpiration = TimeSpan.FromHours(1) };
        var log = _fixture.Open();
        log.Append(
            [LogFixture.Batch(1, producer: 1), LogFixture.Batch(1, producer: 2, transactional: true),
                LogFixture.Batch(1, producer: 3)]);
        _fixture.World.RunFor(TimeSpan.FromMinutes(59));
        log.Append([LogFixture.Batch(1, LogFixture.Start + 3_540_000, producer: 3, sequence: 1)]);
        _fixture.World.RunFor(TimeSpan.FromMinutes(2));

        log.ExpireProducers();

        Assert.Equal([2L, 3L], log.DescribeProducers().Select(p => p.ProducerId.Value));
    }

    [Fact]
    public void Markers_end_transactions_and_aborted_ones_are_indexed()
    {
        var log = _fixture.Open();
        log.Append(
            [LogFixture.Batch(2, producer: 1, transactional: true),
                LogFixture.Batch(2, producer: 2, transactional: true)]);
        Assert.Equal(new Offset(0), log.View.FirstOpenTransaction);
        Assert.Equal(ErrorCode.InvalidTxnState, log.Append([LogFixture.Batch(1, producer: 1, sequence: 2)])[0].Error);

        log.Append([LogFixture.Marker(1, 0, abort: true)]);
        Assert.Equal(new Offset(2), log.View.FirstOpenTransaction);
        log.Append([LogFixture.Marker(2, 1, abort: false, coordinatorEpoch: 4)]);

        Assert.Null(log.View.FirstOpenTransaction);
        AbortedTransaction[] aborted = [new(new(1), new(0), new(4), new(2))];
        Assert.Equal(aborted, log.View.AbortedTransactions(new(0), new(6)));
        Assert.Empty(log.View.AbortedTransactions(new(5), new(6)));
        Assert.Equal(
            ErrorCode.TransactionCoordinatorFenced,
            log.Append([LogFixture.Marker(2, 1, abort: true, coordinatorEpoch: 3)])[0].Error);
        var producers = log.DescribeProducers();
        _fixture.Close(log);
        Assert.Equal(aborted, _fixture.Open(clean: true).View.AbortedTransactions(new(0), new(6)));
        var recovered = new LogFixtureReopen(_fixture).Open();
        Assert.Equal(aborted, recovered.View.AbortedTransactions(new(0), new(6)));
        Assert.Equal(producers, recovered.DescribeProducers());
    }

    private static ErrorCode Append(PartitionLog log, short epoch, int sequence) =>
        log.Append([LogFixture.Batch(1, producer: 1, epoch: epoch, sequence: sequence)])[0].Error;

    private sealed class LogFixtureReopen(LogFixture fixture)
    {
        public PartitionLog Open()
        {
            fixture.Disk.Crash(Sim.CrashKind.KeepsAll);
            foreach (var entry in fixture.Disk.List(LogFixture.Directory))
            {
                if (entry.Name.EndsWith(".snapshot", StringComparison.Ordinal))
                    fixture.Disk.DeleteFile($"{LogFixture.Directory}/{entry.Name}");
            }

            return fixture.Open();
        }
    }
}
