using Barnabas.Base;
using Barnabas.Sim;
using Barnabas.Tests.Simulation.Log;
using Barnabas.Tests.Unit.Log;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What a log owes the node, each in a story of its own.</summary>
internal static class LogChecks
{
    public static void What_is_flushed_outlives_a_power_cut(PlantedBug bug)
    {
        var fixture = New(bug);
        var log = fixture.Open();
        log.Append([LogFixture.Batch(2)]);
        fixture.Flush(log);
        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.Equal(new Offset(2), fixture.Open().View.End);
    }

    public static void What_is_flushed_after_a_roll_outlives_a_power_cut(PlantedBug bug)
    {
        var fixture = New(bug);
        // The partition's directory is durable, its first file with it.
        fixture.Close(fixture.Open());
        fixture.Disk.SyncDirectory(LogFixture.Directory);
        var log = fixture.Open(clean: true);
        for (var i = 0; i < 3; i++)
        {
            log.Append([LogFixture.Batch(2)]);
            log.Roll();
            log.Append([LogFixture.Batch(2)]);
            fixture.Flush(log);
        }

        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.Equal(new Offset(12), fixture.Open().View.End);
    }

    public static void A_flush_that_failed_claims_nothing(PlantedBug bug)
    {
        var fixture = New(bug);
        var log = fixture.Open();
        fixture.Flush(log);
        log.Append([LogFixture.Batch(2)]);
        fixture.Disk.FailAt(fixture.Disk.Calls + 1);
        var claimed = Offset.Zero;
        try
        {
            fixture.Flush(log);
            claimed = log.View.FlushedOffset;
        }
        catch (IOException)
        {
            Assert.True(log.Failed);
        }

        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.True(fixture.Open().View.End >= claimed, $"{claimed} was claimed to be on disk");
    }

    public static void What_a_recovery_found_outlives_a_power_cut(PlantedBug bug)
    {
        var fixture = New(bug);
        var log = fixture.Open();
        fixture.Flush(log);
        log.Append([LogFixture.Batch(2)]);
        fixture.Disk.FailAt(fixture.Disk.Calls + 1);
        Assert.Throws<IOException>(() => fixture.Flush(log));
        fixture.Disk.Crash(CrashKind.KeepsAll);
        var found = fixture.Open().View.End;
        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.True(fixture.Open().View.End >= found, $"{found} was found and is lost");
    }

    public static void What_a_recovery_trusted_is_flushed_once_the_disk_has_it(PlantedBug bug)
    {
        var fixture = New(bug);
        var log = fixture.Open();
        fixture.Flush(log);
        log.Append([LogFixture.Batch(2)]);
        fixture.Disk.FailAt(fixture.Disk.Calls + 1);
        Assert.Throws<IOException>(() => fixture.Flush(log));
        fixture.Disk.Crash(CrashKind.KeepsAll);
        log = fixture.Open(trustsCache: true);
        Assert.Equal((new Offset(2), Offset.Zero), (log.View.End, log.RecoveryPoint));
        var claimed = Offset.Zero;
        try
        {
            fixture.Flush(log);
            claimed = log.View.FlushedOffset;
        }
        catch (IOException)
        {
            Assert.True(log.Failed);
        }

        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.True(fixture.Open().View.End >= claimed, $"{claimed} was claimed to be on disk");
    }

    public static void The_recovery_point_is_on_disk(PlantedBug bug)
    {
        var fixture = New(bug);
        var log = fixture.Open();
        fixture.Flush(log);
        log.Append([LogFixture.Batch(2)]);
        var point = log.RecoveryPoint;
        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.True(fixture.Open(point.Value).View.End >= point, $"nothing is lost below {point}");
    }

    public static void A_view_shows_only_what_is_written(PlantedBug bug)
    {
        var fixture = New(bug);
        var log = fixture.Open();
        var looked = 0;
        fixture.Disk.BeforeChange = () =>
        {
            LogFixture.ReadAll(log.View, Offset.Zero);
            looked++;
        };
        for (var i = 0; i < 20; i++)
            log.Append([LogFixture.Batch(3)]);
        fixture.Flush(log);
        Assert.True(looked > 20);
    }

    public static void A_write_that_failed_leaves_nothing_in_the_indexes(PlantedBug bug)
    {
        var (failed, plain) = (New(bug), New(PlantedBug.None));
        var (log, other) = (failed.Open(), plain.Open());
        for (var i = 0; i < 30; i++)
        {
            failed.Disk.FailAt(failed.Disk.Calls + 1);
            Assert.Throws<IOException>(() => log.Append([LogFixture.Batch(4, valueSize: 200), LogFixture.Batch(1)]));
            Assert.False(log.Failed);
            foreach (var each in new[] { log, other })
                each.Append([LogFixture.Batch(1, LogFixture.Start + i, valueSize: 60)]);
        }

        failed.Close(log);
        plain.Close(other);
        var (files, expected) = (WrittenLog.FilesOf(failed.Disk), WrittenLog.FilesOf(plain.Disk));
        Assert.Equal(expected.Keys.Order(), files.Keys.Order());
        Assert.All(expected, file => Assert.Equal(file.Value, files[file.Key]));
    }

    public static void A_retry_after_a_failed_write_is_written(PlantedBug bug)
    {
        var fixture = New(bug);
        var log = fixture.Open();
        fixture.Disk.FailAt(fixture.Disk.Calls + 1);
        Assert.Throws<IOException>(() => log.Append([LogFixture.Batch(2, producer: 1)]));
        var retry = log.Append([LogFixture.Batch(2, producer: 1)])[0];
        Assert.Equal((ErrorCode.None, Offset.Zero, false), (retry.Error, retry.BaseOffset, retry.IsDuplicate));
        Assert.Equal(new Offset(2), log.View.End);
    }

    public static void The_last_five_batches_are_known_again(PlantedBug bug)
    {
        var log = New(bug).Open();
        for (var i = 0; i < 8; i++)
            log.Append([LogFixture.Batch(2, producer: 1, sequence: i * 2)]);
        for (var i = 3; i < 8; i++)
        {
            var retry = log.Append([LogFixture.Batch(2, producer: 1, sequence: i * 2)])[0];
            Assert.Equal((ErrorCode.None, new Offset(i * 2), true), (retry.Error, retry.BaseOffset, retry.IsDuplicate));
        }
    }

    public static void An_older_epoch_of_a_producer_is_refused(PlantedBug bug)
    {
        var log = New(bug).Open();
        log.Append([LogFixture.Batch(1, producer: 1, epoch: 3)]);
        var late = log.Append([LogFixture.Batch(1, producer: 1, epoch: 2)])[0];
        Assert.Equal(ErrorCode.InvalidProducerEpoch, late.Error);
    }

    public static void Producers_outlive_a_restart(PlantedBug bug)
    {
        var fixture = New(bug);
        var log = fixture.Open();
        log.Append([LogFixture.Batch(1, producer: 1)]);
        log.Roll();
        log.Append([LogFixture.Batch(1, producer: 2)]);
        var producers = log.DescribeProducers();
        fixture.Close(log, clean: false);
        Assert.Equal(producers, fixture.Open(clean: true).DescribeProducers());
    }

    private static LogFixture New(PlantedBug bug)
    {
        var fixture = new LogFixture { Settings = LogFixture.Small with { SegmentBytes = 1 << 16 } };
        fixture.Host = fixture.Host with { Planted = bug };
        return fixture;
    }
}
