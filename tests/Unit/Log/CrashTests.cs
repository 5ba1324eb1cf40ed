using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Log;

public sealed class CrashTests
{
    /// <summary>How many histories are tried; more by BARNABAS_SEEDS.</summary>
    private static readonly int Seeds =
        int.TryParse(Environment.GetEnvironmentVariable("BARNABAS_SEEDS"), out var seeds) ? seeds : 150;

    [Fact]
    public void Crashes_at_any_moment_leave_a_prefix_with_all_that_was_flushed()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var model = new CrashModel(seed);
            for (var step = 0; step < 150; step++)
                Told(seed, step, model.Step);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_call_of_the_disk_fails_no_flush_claims_what_is_not_there(bool andAfter)
    {
        var calls = Script(new LogFixture(), out _, out _);
        Assert.InRange(calls, 100, 2000);
        for (var failing = 1; failing <= calls; failing++)
        {
            var fixture = new LogFixture(failing);
            fixture.Disk.FailAt(failing, andAfter);
            Script(fixture, out var flushed, out var checkpoint);

            fixture.Disk.Crash(failing % 2 == 0 ? CrashKind.LosesAll : CrashKind.Tears);
            var after = new LogFixture(failing);
            var host = after.World.NewHost(fixture.Disk);
            var log = PartitionLog.Open(
                host, LogFixture.Directory, LogFixture.Partition, fixture.Settings,
                new(checkpoint, Offset.Zero, false));

            Assert.True(log.View.End >= flushed, $"call {failing}: {log.View.End} found, {flushed} claimed");
            LogFixture.ReadAll(log.View, Offset.Zero);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_call_fails_no_flush_after_a_recovery_from_the_cache_claims_what_is_not_there(bool andAfter)
    {
        var calls = Script(new LogFixture(), out _, out _);
        for (var failing = 1; failing <= calls; failing++)
        {
            var fixture = new LogFixture(failing);
            fixture.Disk.FailAt(failing, andAfter);
            Script(fixture, out var flushed, out var checkpoint);
            fixture.Disk.Crash(CrashKind.KeepsAll);
            (flushed, checkpoint) = FlushedAnew(fixture.Disk, failing, flushed, checkpoint);

            fixture.Disk.Crash(failing % 2 == 0 ? CrashKind.LosesAll : CrashKind.Tears);
            var host = new LogFixture(failing).World.NewHost(fixture.Disk);
            var log = PartitionLog.Open(
                host, LogFixture.Directory, LogFixture.Partition, fixture.Settings,
                new(checkpoint, Offset.Zero, false));

            Assert.True(log.View.End >= flushed, $"call {failing}: {log.View.End} found, {flushed} claimed");
            LogFixture.ReadAll(log.View, Offset.Zero);
        }
    }

    [Fact]
    public void A_recovery_from_the_cache_flushes_nothing_and_the_next_flush_all()
    {
        var fixture = new LogFixture { Settings = LogFixture.Small with { SegmentBytes = 1000 } };
        var log = fixture.Open();
        for (var i = 0; i < 40; i++)
            log.Append([LogFixture.Batch(2, producer: 1, sequence: 2 * i)]);
        fixture.Disk.Crash(CrashKind.KeepsAll);

        log = fixture.Open(trustsCache: true);

        Assert.Equal((new Offset(80), Offset.Zero), (log.View.End, log.View.FlushedOffset));
        Assert.Equal(Offset.Zero, log.RecoveryPoint);
        fixture.Flush(log);
        Assert.Equal((new Offset(80), new Offset(80)), (log.View.FlushedOffset, log.RecoveryPoint));
        fixture.Disk.Crash(CrashKind.LosesAll);
        log = fixture.Open(recoveryPoint: 80);
        Assert.Equal(new Offset(80), log.View.End);
        Assert.Equal(79, Assert.Single(log.DescribeProducers()).LastSequence);
    }

    [Fact]
    public void What_was_found_in_the_cache_may_be_gone_after_a_power_cut_and_is_no_damage()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        log.Append([LogFixture.Batch(2)]);
        fixture.Flush(log);
        log.Append([LogFixture.Batch(2)]);
        fixture.Disk.Crash(CrashKind.KeepsAll);

        log = fixture.Open(recoveryPoint: 2, trustsCache: true);
        Assert.Equal((new Offset(4), new Offset(2)), (log.View.End, log.RecoveryPoint));

        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.Equal(new Offset(2), fixture.Open(recoveryPoint: 2, trustsCache: true).View.End);
    }

    [Fact]
    public void What_is_cut_after_a_recovery_from_the_cache_need_not_be_on_disk()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        fixture.Flush(log);
        for (var i = 0; i < 4; i++)
            log.Append([LogFixture.Batch(2)]);
        fixture.Disk.Crash(CrashKind.KeepsAll);

        log = fixture.Open(trustsCache: true);
        log.TruncateTo(new Offset(6));
        log.Append([LogFixture.Batch(1), LogFixture.Batch(1, valueSize: 300)]);
        var flush = log.FlushAsync();
        log.TruncateTo(new Offset(4));
        log.Append([LogFixture.Batch(3)]);
        fixture.World.RunFor(TimeSpan.FromSeconds(1));

        Assert.True(flush.IsCompletedSuccessfully);
        fixture.Flush(log);
        Assert.Equal(new Offset(7), log.View.FlushedOffset);
        fixture.Disk.Crash(CrashKind.LosesAll);
        Assert.Equal(new Offset(7), fixture.Open(recoveryPoint: 7).View.End);
    }

    [Fact]
    public void A_full_disk_refuses_appends_until_there_is_space_again()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        log.Append([LogFixture.Batch(2, producer: 1)]);
        var before = log.View;
        fixture.Disk.Capacity = 1;

        Assert.Throws<DiskFullException>(
            () => log.Append([LogFixture.Batch(2, producer: 1, sequence: 2), LogFixture.Batch(1)]));

        Assert.False(log.Failed);
        Assert.Equal(before.End, log.View.End);
        Assert.Equal(before.SizeInBytes, fixture.Disk.Peek($"{LogFixture.Directory}/00000000000000000000.log").Length);
        fixture.Disk.Capacity = 1 << 20;
        var result = log.Append([LogFixture.Batch(2, producer: 1, sequence: 2)])[0];
        Assert.Equal((ErrorCode.None, new Offset(2), false), (result.Error, result.BaseOffset, result.IsDuplicate));
        fixture.Flush(log);
    }

    [Fact]
    public void A_failed_sync_fails_the_log_and_everybody_waiting()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        log.Append([LogFixture.Batch(2)]);
        var first = log.FlushAsync();
        log.Append([LogFixture.Batch(2)]);
        var second = log.FlushAsync();
        fixture.Disk.FailAt(fixture.Disk.Calls + 1);

        fixture.World.RunFor(TimeSpan.FromSeconds(1));

        Assert.IsType<IOException>(first.Exception?.InnerException);
        Assert.IsType<IOException>(second.Exception?.InnerException);
        Assert.True(log.Failed);
        Assert.Throws<IOException>(() => log.Append([LogFixture.Batch(1)]));
        Assert.True(log.FlushAsync().IsFaulted);
        Assert.Equal(Offset.Zero, log.View.FlushedOffset);
    }

    [Fact]
    public async Task Flushes_asked_for_while_one_runs_share_the_next()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        fixture.Flush(log);
        log.Append([LogFixture.Batch(2)]);
        var flushes = new List<Task<Offset>> { log.FlushAsync() };
        log.Append([LogFixture.Batch(2)]);
        for (var i = 0; i < 10; i++)
            flushes.Add(log.FlushAsync());
        var calls = fixture.Disk.Calls;

        fixture.World.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(new Offset(2), await flushes[0]);
        Assert.All(await Task.WhenAll(flushes.Skip(1)), end => Assert.Equal(new Offset(4), end));
        Assert.Equal(2, fixture.Disk.Calls - calls);
        Assert.Equal(new Offset(4), log.RecoveryPoint);
        Assert.True(log.FlushAsync().IsCompletedSuccessfully);
    }

    /// <summary>A life after the process ended: what was found in the cache is flushed, where the disk lets.</summary>
    private static (Offset Flushed, Offset Checkpoint) FlushedAnew(
        SimDisk disk, int seed, Offset flushed, Offset checkpoint)
    {
        var world = new LogFixture(seed).World;
        try
        {
            var log = PartitionLog.Open(
                world.NewHost(disk), LogFixture.Directory, LogFixture.Partition,
                LogFixture.Small with { SegmentBytes = 1000 },
                new(checkpoint, Offset.Zero, false) { TrustsCache = true });
            Assert.True(log.RecoveryPoint <= Offset.Max(checkpoint, Offset.Zero));
            LogFixture.ReadAll(log.View, Offset.Zero);
            return (Offset.Max(flushed, world.Run(log.FlushAsync)), log.RecoveryPoint);
        }
        catch (IOException)
        {
            // What was found is not on disk; the directory would go offline.
            return (flushed, checkpoint);
        }
    }

    private static long Script(LogFixture fixture, out Offset flushed, out Offset checkpoint)
    {
        (flushed, checkpoint) = (Offset.Zero, Offset.Zero);
        fixture.Settings = LogFixture.Small with { SegmentBytes = 1000 };
        try
        {
            var log = fixture.Open();
            for (var i = 0; i < 6; i++)
            {
                for (var j = 0; j < 4; j++)
                    TryAppend(log, i, j);
                flushed = fixture.World.Run(log.FlushAsync);
                checkpoint = i % 2 == 0 ? log.RecoveryPoint : checkpoint;
            }

            fixture.Close(log);
            flushed = log.View.End;
        }
        catch (IOException)
        {
            // The node would take the directory offline; what it was told before must hold.
        }

        fixture.World.RunFor(TimeSpan.FromSeconds(1));
        return fixture.Disk.Calls;
    }

    private static void TryAppend(PartitionLog log, int i, int j)
    {
        var end = log.View.End;
        try
        {
            log.Append(
                [LogFixture.Batch(2, leaderEpoch: i), LogFixture.Batch(1, LogFixture.Start + j, leaderEpoch: i)]);
        }
        catch (IOException) when (!log.Failed)
        {
            Assert.True(log.View.End >= end);
        }
    }

    private static void Told(int seed, int step, Action act)
    {
        try
        {
            act();
        }
        catch (Exception fault) when (fault is not InvalidOperationException)
        {
            throw new InvalidOperationException($"seed {seed}, step {step}: {fault.Message}", fault);
        }
    }
}
