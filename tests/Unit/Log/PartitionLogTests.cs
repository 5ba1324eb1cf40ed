using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Log;

public sealed class PartitionLogTests
{
    private readonly LogFixture _fixture = new();

    [Fact]
    public void Offsets_follow_each_other_over_batches_and_calls()
    {
        var log = _fixture.Open();

        var results = log.Append([LogFixture.Batch(3), LogFixture.Batch(2)]);
        var more = log.Append([LogFixture.Batch(1)]);

        Assert.Equal([0L, 3L], results.Select(r => r.BaseOffset.Value));
        Assert.Equal([2L, 4L], results.Select(r => r.LastOffset.Value));
        Assert.Equal(5, more[0].BaseOffset.Value);
        Assert.Equal(new Offset(6), log.View.End);
    }

    [Fact]
    public void What_is_read_is_what_was_appended()
    {
        var log = _fixture.Open();
        var batches = Enumerable.Range(0, 200)
            .Select(i => LogFixture.Batch(1 + (i % 4), LogFixture.Start + i)).ToList();
        foreach (var group in batches.Chunk(7))
            log.Append(group);

        Assert.Equal(LogFixture.Concat(batches), LogFixture.ReadAll(log.View, Offset.Zero));
        Assert.True(_fixture.Disk.List(LogFixture.Directory).Count > 8, "several segments");
    }

    [Fact]
    public void A_read_begins_with_the_batch_that_holds_the_offset()
    {
        var log = _fixture.Open();
        for (var i = 0; i < 100; i++)
            log.Append([LogFixture.Batch(5)]);

        for (var from = 0; from < 500; from++)
        {
            var read = log.View.Read(new(from), log.View.End, 1, atLeastOneBatch: true);
            Assert.Equal(from / 5 * 5, read.FirstOffset.Value);
            Assert.Equal((from / 5 * 5) + 5, read.NextOffset.Value);
            read.Release();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Among_batches_large_and_small_a_read_begins_with_the_one_that_holds_the_offset(int seed)
    {
        var random = new Random(seed);
        _fixture.Settings = LogFixture.Small with
        {
            SegmentBytes = 300_000,
            IndexIntervalBytes = 4096,
            SegmentIndexBytes = 100_000,
        };
        var log = _fixture.Open();
        var begins = new List<long>();
        Fill();
        Check();

        // Cut within the active segment: what its index named behind that is void.
        var cut = begins[^20];
        log.TruncateTo(new(cut));
        begins.RemoveAll(begin => begin >= cut);
        Fill();
        Check();

        _fixture.Close(log);
        log = _fixture.Open(recoveryPoint: log.View.End.Value, clean: true);
        Check();

        void Fill()
        {
            for (var i = 0; i < 100; i++)
            {
                begins.Add(log.View.End.Value);
                var size = random.Next(3) == 0 ? random.Next(1, 500) : random.Next(2000, 9000);
                log.Append([LogFixture.Batch(random.Next(1, 5), valueSize: size)]);
            }
        }

        void Check()
        {
            var end = log.View.End;
            for (var (from, at) = (0L, 0); from < end.Value; from++)
            {
                if (at + 1 < begins.Count && begins[at + 1] == from)
                    at++;
                var read = log.View.Read(new(from), end, 1, atLeastOneBatch: true);
                Assert.Equal(begins[at], read.FirstOffset.Value);
                Assert.Equal(at + 1 < begins.Count ? begins[at + 1] : end.Value, read.NextOffset.Value);
                read.Release();
            }
        }
    }

    [Theory]
    [InlineData(0, 0, true, 1)]
    [InlineData(0, 0, false, 0)]
    [InlineData(0, 400, true, 2)]
    [InlineData(3, 400, true, 2)]
    [InlineData(0, 100_000, true, 60)]
    public void A_read_takes_whole_batches_within_its_limit(int from, int maxBytes, bool atLeastOne, int batches)
    {
        var log = _fixture.Open();
        var size = 0;
        for (var i = 0; i < 60; i++)
        {
            var batch = LogFixture.Batch(5, valueSize: 20);
            size = batch.Bytes.Length;
            log.Append([batch]);
        }

        var read = log.View.Read(new(from), log.View.End, maxBytes, atLeastOne);

        Assert.InRange(size, 134, 200);
        Assert.Equal(batches * size, read.Bytes);
        read.Release();
    }

    [Fact]
    public void A_read_stops_below_its_bound()
    {
        var log = _fixture.Open();
        for (var i = 0; i < 100; i++)
            log.Append([LogFixture.Batch(5)]);

        for (var bound = 0; bound <= 500; bound += 5)
        {
            var read = log.View.Read(Offset.Zero, new(bound), int.MaxValue, atLeastOneBatch: true);
            Assert.Equal(bound, read.NextOffset.Value);
            read.Release();
        }
    }

    [Fact]
    public void Offsets_outside_the_log_are_out_of_range()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(5)]);
        log.DeleteTo(new(3));

        Assert.Equal(ErrorCode.OffsetOutOfRange, log.View.Read(new(2), new(5), 100, true).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, log.View.Read(new(6), new(5), 100, true).Error);
        Assert.Equal(ErrorCode.None, log.View.Read(new(5), new(5), 100, true).Error);
    }

    [Fact]
    public void Slices_outlive_the_segment_they_are_from()
    {
        var log = _fixture.Open();
        var batches = Enumerable.Range(0, 100).Select(i => LogFixture.Batch(5)).ToList();
        log.Append(batches);
        var view = log.View;
        var read = view.Read(Offset.Zero, view.End, 100, true);

        _fixture.Flush(log);
        log.DeleteTo(new(400));

        var bytes = new byte[read.Bytes];
        read.Slices[0].File.Read(read.Slices[0].Position, bytes);
        Assert.Equal(batches[0].Bytes.ToArray(), bytes);
        read.Release();
        Assert.Equal(ErrorCode.KafkaStorageError, view.Read(Offset.Zero, view.End, 100, true).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, log.View.Read(Offset.Zero, view.End, 100, true).Error);
    }

    [Fact]
    public void A_closed_log_releases_every_file_and_reopens_as_it_was()
    {
        var log = _fixture.Open();
        var batches = Enumerable.Range(0, 150).Select(i => LogFixture.Batch(2, producer: 7, sequence: i * 2)).ToList();
        log.Append(batches);
        _fixture.Close(log);
        Assert.Equal(0, _fixture.Disk.OpenFiles);
        var files = Files();

        var again = _fixture.Open(recoveryPoint: 300, clean: true);

        Assert.Equal(LogFixture.Concat(batches), LogFixture.ReadAll(again.View, Offset.Zero));
        Assert.Equal(new ActiveProducer(new(7), 0, 299, LogFixture.Start + 1, -1, null), again.DescribeProducers()[0]);
        _fixture.Close(again);
        Assert.Equal(files, Files());
    }

    [Fact]
    public void Indexes_built_anew_equal_those_written_live()
    {
        var log = _fixture.Open();
        for (var i = 0; i < 150; i++)
            log.Append([LogFixture.Batch(2, LogFixture.Start + (i * 7 % 50))]);
        _fixture.Close(log);
        var files = Files();

        var again = _fixture.Open();
        Assert.Equal(new Offset(300), again.RecoveryPoint);
        _fixture.Close(again);

        Assert.Equal(files, Files());
    }

    [Fact]
    public void A_batch_larger_than_a_segment_is_refused()
    {
        var log = _fixture.Open();

        var result = log.Append([LogFixture.Batch(1, valueSize: 5000)])[0];

        Assert.Equal(AppendResult.Refused(ErrorCode.RecordListTooLarge), result);
    }

    [Fact]
    public void An_append_that_would_overflow_offsets_is_refused()
    {
        var log = _fixture.Open(logStart: long.MaxValue - 3);

        Assert.Equal(ErrorCode.InvalidRecord, log.Append([LogFixture.Batch(4)])[0].Error);
        Assert.Equal(ErrorCode.None, log.Append([LogFixture.Batch(2)])[0].Error);
        Assert.Equal(new Offset(long.MaxValue - 1), log.View.End);
    }

    [Fact]
    public void A_segment_is_rolled_by_the_age_of_its_records()
    {
        _fixture.Settings = LogFixture.Small with { SegmentAge = TimeSpan.FromSeconds(10) };
        var log = _fixture.Open();

        log.Append([LogFixture.Batch(1, 1000), LogFixture.Batch(1, 11_000), LogFixture.Batch(1, 11_001)]);

        Assert.True(_fixture.Disk.FileExists($"{LogFixture.Directory}/00000000000000000002.log"));
        Assert.False(_fixture.Disk.FileExists($"{LogFixture.Directory}/00000000000000000001.log"));
    }

    [Fact]
    public void Replicated_batches_keep_their_offsets_and_epochs()
    {
        var log = _fixture.Open();
        var batch = LogFixture.Batch(2);
        RecordBatch.Assign(batch.Bytes.Span, new(10), new(4));

        var result = log.Append([batch with { Origin = AppendOrigin.Replication }])[0];

        Assert.Equal(new Offset(10), result.BaseOffset);
        Assert.Equal([new EpochStart(new(4), new(10))], log.View.Epochs.Entries);
        Assert.Equal(new Offset(12), log.View.End);
        var again = log.Append([batch with { Origin = AppendOrigin.Replication }])[0];
        Assert.Equal(ErrorCode.OffsetOutOfRange, again.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_the_segment_that_is_written_one_file_is_held_open(bool stopsCleanly)
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(3), LogFixture.Batch(3)]);

        Assert.Equal(1, _fixture.Disk.OpenFiles);

        _fixture.Close(log, stopsCleanly);
        Assert.Equal(0, _fixture.Disk.OpenFiles);
        log = _fixture.Open(clean: stopsCleanly);
        Assert.Equal(1, _fixture.Disk.OpenFiles);
        log.TruncateTo(new(3));
        Assert.Equal(1, _fixture.Disk.OpenFiles);
        Assert.Equal(new Offset(3), log.View.End);
    }

    private List<(string Name, string Bytes)> Files() =>
        [.. _fixture.Disk.List(LogFixture.Directory).Select(entry => (
            entry.Name, Convert.ToHexString(_fixture.Disk.Peek($"{LogFixture.Directory}/{entry.Name}"))))];
}
