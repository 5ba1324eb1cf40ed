using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Tests.Unit.Log;

public sealed class RetentionTests
{
    private static readonly LogSettings Ten = LogFixture.Small with { SegmentBytes = 850 };

    private readonly LogFixture _fixture = new() { Settings = Ten };

    [Fact]
    public void Segments_below_the_log_start_go_and_reads_begin_at_it()
    {
        var log = Filled();

        var deleted = log.DeleteTo(new(25));

        Assert.Equal([0L, 10L], deleted.Select(d => d.BaseOffset.Value));
        Assert.All(deleted, d => Assert.Equal(DeletionReason.LogStart, d.Reason));
        Assert.Equal(new Offset(25), log.View.LogStart);
        Assert.Equal(new Offset(20), log.View.FirstSegment);
        Assert.Equal(ErrorCode.OffsetOutOfRange, log.View.Read(new(24), log.View.End, 1, true).Error);
        Assert.Empty(log.DeleteTo(new(25)));
    }

    [Fact]
    public void Deleted_files_are_renamed_and_go_after_the_delay()
    {
        var log = Filled();
        log.DeleteTo(new(10));
        Assert.Contains("00000000000000000000.log.deleted", Names());

        _fixture.World.RunFor(TimeSpan.FromSeconds(59));
        log.ApplyRetention(log.View.End);
        Assert.Contains("00000000000000000000.log.deleted", Names());
        _fixture.World.RunFor(TimeSpan.FromSeconds(2));
        log.ApplyRetention(log.View.End);

        Assert.DoesNotContain(Names(), name => name.EndsWith(".deleted", StringComparison.Ordinal));
        Assert.DoesNotContain("00000000000000000000.index", Names());
    }

    [Fact]
    public void Deleted_files_do_not_survive_a_restart()
    {
        var log = Filled();
        log.DeleteTo(new(10));
        _fixture.Close(log);

        var again = _fixture.Open(clean: true);

        Assert.DoesNotContain(Names(), name => name.EndsWith(".deleted", StringComparison.Ordinal));
        Assert.Equal(new Offset(10), again.View.LogStart);
    }

    [Fact]
    public void Old_segments_go_by_the_time_of_their_newest_record()
    {
        _fixture.Settings = Ten with { RetentionTime = TimeSpan.FromMinutes(2) };
        var log = Filled();
        _fixture.World.RunFor(TimeSpan.FromMilliseconds(120_000 + 1_500));

        var deleted = log.ApplyRetention(log.View.End);

        Assert.Equal([DeletionReason.Age, DeletionReason.Age], deleted.Select(d => d.Reason));
        Assert.Equal(new Offset(20), log.View.LogStart);
    }

    [Fact]
    public void The_active_segment_is_rolled_when_it_is_old_itself_and_goes_once_it_is_synced()
    {
        _fixture.Settings = Ten with { RetentionTime = TimeSpan.FromMinutes(2) };
        var log = Filled();
        _fixture.World.RunFor(TimeSpan.FromHours(1));

        log.ApplyRetention(log.View.End);
        _fixture.Flush(log);
        log.ApplyRetention(log.View.End);

        Assert.Equal((new Offset(50), new Offset(50), 0L), (log.View.LogStart, log.View.End, log.View.SizeInBytes));
        Assert.Equal(new Offset(50), log.Append([LogFixture.Batch(10)])[0].BaseOffset);
    }

    [Fact]
    public void A_log_larger_than_its_limit_loses_its_oldest_segments()
    {
        _fixture.Settings = Ten with { RetentionBytes = 1000 };
        var log = Filled();
        var segment = log.View.SizeInBytes / 5;

        log.ApplyRetention(log.View.End);

        Assert.InRange(log.View.SizeInBytes, 1000, 1000 + segment);
    }

    [Fact]
    public void Nothing_above_the_high_watermark_goes()
    {
        _fixture.Settings = Ten with { RetentionBytes = 0 };
        var log = Filled();

        log.ApplyRetention(new(29));

        Assert.Equal(new Offset(20), log.View.LogStart);
    }

    [Fact]
    public void Snapshots_are_kept_for_segments_that_are_there()
    {
        var log = Filled();

        log.DeleteTo(new(25));

        Assert.Equal(
            ["00000000000000000020.snapshot", "00000000000000000030.snapshot", "00000000000000000040.snapshot"],
            Names().Where(name => name.EndsWith(".snapshot", StringComparison.Ordinal)));
    }

    [Fact]
    public void Truncation_cuts_across_segments()
    {
        var log = Filled();
        var all = LogFixture.ReadAll(log.View, Offset.Zero);

        log.TruncateTo(new(15));

        Assert.Equal(new Offset(10), log.View.End);
        Assert.Equal(all[..(int)log.View.SizeInBytes], LogFixture.ReadAll(log.View, Offset.Zero));
        Assert.Equal(new Offset(10), log.Append([LogFixture.Batch(3)])[0].BaseOffset);
        Assert.Equal(9, log.DescribeProducers()[0].LastSequence);
    }

    [Fact]
    public void Truncating_fully_begins_anew_elsewhere()
    {
        var log = Filled();

        log.TruncateFullyAndStartAt(new(1000));

        Assert.Equal((new Offset(1000), new Offset(1000)), (log.View.LogStart, log.View.End));
        Assert.Empty(log.DescribeProducers());
        Assert.Equal(new Offset(1000), log.Append([LogFixture.Batch(3)])[0].BaseOffset);
    }

    [Fact]
    public void Flushes_are_due_by_count_and_by_time()
    {
        _fixture.Settings = Ten with { FlushMessages = 20 };
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(10)]);
        Assert.False(log.FlushDue);
        log.Append([LogFixture.Batch(10)]);
        Assert.True(log.FlushDue);
        _fixture.Flush(log);
        Assert.False(log.FlushDue);

        log.Settings = Ten with { FlushInterval = TimeSpan.FromSeconds(1) };
        log.Append([LogFixture.Batch(1)]);
        Assert.False(log.FlushDue);
        _fixture.World.RunFor(TimeSpan.FromSeconds(2));
        Assert.True(log.FlushDue);
    }

    /// <summary>Five segments of ten records, a second apart.</summary>
    private PartitionLog Filled()
    {
        var log = _fixture.Open();
        for (var i = 0; i < 5; i++)
        {
            log.Append(
                [LogFixture.Batch(10, LogFixture.Start + (i * 1000), producer: 1, sequence: i * 10, valueSize: 40)]);
        }

        _fixture.Flush(log);
        return log;
    }

    private IEnumerable<string> Names() => _fixture.Disk.List(LogFixture.Directory).Select(entry => entry.Name);
}
