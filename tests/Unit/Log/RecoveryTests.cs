using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Log;

public sealed class RecoveryTests
{
    private const string FirstLog = LogFixture.Directory + "/00000000000000000000.log";

    public enum Fill
    {
        CutShort,
        Zeros,
        OldSectors,
        Garbage,
    }

    [Theory]
    [InlineData(Fill.CutShort)]
    [InlineData(Fill.Zeros)]
    [InlineData(Fill.OldSectors)]
    [InlineData(Fill.Garbage)]
    public void A_tail_torn_at_any_byte_is_cut_to_whole_batches(Fill fill)
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        var ends = new List<(int Size, long Offset)> { (0, 0) };
        for (var i = 0; i < 24; i++)
        {
            var sequence = (int)ends[^1].Offset;
            log.Append(
                [LogFixture.Batch(1 + (i % 3), valueSize: 3 + (i * 7 % 40), producer: 1, sequence: sequence)]);
            ends.Add(((int)log.View.SizeInBytes, log.View.End.Value));
        }

        fixture.Close(log);
        var whole = fixture.Disk.Peek(FirstLog);
        var random = new Random(3);
        for (var at = whole.Length - 1500; at < whole.Length; at++)
        {
            var (size, offset) = ends.Last(end => end.Size <= at);
            fixture.Disk.Poke(FirstLog, Torn(whole, at, size, fill, random));

            var again = fixture.Open();

            if (again.View.End.Value != offset)
                // What was lost may have been zeros anyway, and an old sector the same as the new one.
                Assert.True(fill is Fill.Zeros or Fill.OldSectors && again.View.End.Value > offset);
            size = (int)again.View.SizeInBytes;
            Assert.Equal(whole[..size], LogFixture.ReadAll(again.View, Offset.Zero));
            Assert.Equal(size, fixture.Disk.Peek(FirstLog).Length);
            fixture.Close(again, clean: false);
        }
    }

    [Fact]
    public void Damage_below_the_recovery_point_is_reported_with_file_and_offset()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        for (var i = 0; i < 20; i++)
            log.Append([LogFixture.Batch(2)]);
        fixture.Close(log);
        var size = fixture.Disk.Peek(FirstLog).Length / 20;
        fixture.Disk.Flip(FirstLog, (size * 7) + 70, 4);

        var refused = Assert.Throws<LogDamagedException>(() => fixture.Open(recoveryPoint: 40));

        Assert.Equal(new(FirstLog, size * 7, new(14), "a batch whose checksum does not match"), refused.Damage);
        Assert.Equal(0, fixture.Disk.OpenFiles);
    }

    [Fact]
    public void Damage_with_whole_batches_behind_it_is_not_taken_for_a_torn_tail()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        for (var i = 0; i < 20; i++)
            log.Append([LogFixture.Batch(2)]);
        fixture.Close(log);
        var size = fixture.Disk.Peek(FirstLog).Length / 20;
        fixture.Disk.Flip(FirstLog, (size * 7) + 70, 4);

        Assert.Throws<LogDamagedException>(() => fixture.Open(recoveryPoint: 0));

        fixture.Disk.Flip(FirstLog, (size * 7) + 70, 4);
        fixture.Disk.Flip(FirstLog, (size * 19) + 70, 4);
        Assert.Equal(new Offset(38), fixture.Open(recoveryPoint: 0).View.End);
    }

    [Fact]
    public void No_flipped_bit_of_a_recovered_log_is_ever_served()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        for (var i = 0; i < 12; i++)
            log.Append([LogFixture.Batch(2, producer: 9, sequence: i * 2)]);
        fixture.Close(log);
        var whole = fixture.Disk.Peek(FirstLog);
        var last = whole.Length / 12 * 11;
        for (var at = 0; at < whole.Length; at++)
        {
            // Nothing follows the last batch that would tell its offset and epoch, which no checksum covers,
            // to be wrong.
            if (at >= last && (at < last + 8 || at is var i && i >= last + 12 && i < last + 16))
                continue;
            fixture.Disk.Flip(FirstLog, at, (byte)(1 << (at % 8)));
            try
            {
                fixture.Open(recoveryPoint: 24);
                Assert.Fail($"byte {at} was not noticed");
            }
            catch (LogDamagedException)
            {
                // As it should be.
            }

            fixture.Disk.Flip(FirstLog, at, (byte)(1 << (at % 8)));
        }

        Assert.Equal(whole, LogFixture.ReadAll(fixture.Open(recoveryPoint: 24).View, Offset.Zero));
    }

    [Fact]
    public void No_flipped_bit_of_a_log_closed_cleanly_is_ever_served()
    {
        var fixture = new LogFixture { Settings = LogFixture.Small with { SegmentBytes = 1200 } };
        var log = fixture.Open();
        for (var i = 0; i < 30; i++)
            log.Append([LogFixture.Batch(2, valueSize: 5 + i)]);
        fixture.Close(log);
        var whole = fixture.Disk.Peek(FirstLog);
        // No checksum covers epochs, and those of the last batches follow no order that could be checked.
        var epochs = new HashSet<int>();
        for (var at = 0; at < whole.Length; at += new RecordBatch(whole.AsSpan(at)).Size)
            epochs.UnionWith([at + 12, at + 13, at + 14, at + 15]);
        for (var at = 0; at < whole.Length; at++)
        {
            fixture.Disk.Flip(FirstLog, at, 0x21);
            var again = fixture.Open(clean: true);
            for (var from = 0; from < 60; from += 3)
            {
                var read = again.View.Read(new(from), again.View.End, 400, atLeastOneBatch: true);
                foreach (var slice in read.Slices.Where(slice => slice.File.Path == FirstLog))
                {
                    var covers = at >= slice.Position && at < slice.Position + slice.Length;
                    Assert.False(covers && !epochs.Contains(at), $"byte {at} was served from {from}");
                }

                read.Release();
            }

            fixture.Close(again, clean: false);
            fixture.Disk.Flip(FirstLog, at, 0x21);
        }
    }

    [Fact]
    public void Side_files_with_any_flipped_bit_change_nothing_that_is_read()
    {
        var fixture = new LogFixture { Settings = LogFixture.Small with { SegmentBytes = 1500 } };
        var log = fixture.Open();
        for (var i = 0; i < 40; i++)
        {
            log.Append(
                [LogFixture.Batch(2, LogFixture.Start + i, producer: i % 3, sequence: i / 3 * 2, leaderEpoch: i / 15)]);
        }

        var producers = log.DescribeProducers();
        var epochs = log.View.Epochs.Entries;
        var all = LogFixture.ReadAll(log.View, Offset.Zero);
        fixture.Close(log);
        var sideFiles = fixture.Disk.List(LogFixture.Directory)
            .Where(e => !e.Name.EndsWith(".log", StringComparison.Ordinal)).ToList();
        foreach (var entry in sideFiles)
        {
            var path = $"{LogFixture.Directory}/{entry.Name}";
            var before = fixture.Disk.List(LogFixture.Directory)
                .ToDictionary(e => e.Name, e => fixture.Disk.Peek($"{LogFixture.Directory}/{e.Name}"));
            for (var at = 0; at < before[entry.Name].Length; at++)
            {
                fixture.Disk.Flip(path, at, (byte)(1 << (at * 5 % 8)));
                var again = fixture.Open(recoveryPoint: 80, clean: at % 2 == 0);
                Assert.Equal(all, LogFixture.ReadAll(again.View, Offset.Zero));
                Assert.Equal(producers, again.DescribeProducers());
                // Digits of the text may still make sense; what they say of epochs is then believed.
                if (entry.Name != "leader-epoch-checkpoint")
                    Assert.Equal(epochs, again.View.Epochs.Entries);
                fixture.Close(again, clean: false);
                foreach (var (name, bytes) in before)
                    fixture.Disk.Poke($"{LogFixture.Directory}/{name}", bytes);
            }
        }
    }

    [Fact]
    public void An_index_found_to_lie_is_built_anew_by_the_next_retention_round()
    {
        var fixture = new LogFixture { Settings = LogFixture.Small with { SegmentBytes = 1500 } };
        var log = fixture.Open();
        for (var i = 0; i < 40; i++)
            log.Append([LogFixture.Batch(2, LogFixture.Start + i)]);
        fixture.Close(log);
        var path = $"{LogFixture.Directory}/00000000000000000000.index";
        var index = fixture.Disk.Peek(path);
        fixture.Disk.Flip(path, 7, 1);
        var again = fixture.Open(clean: true);
        for (var from = 0; from < 80; from++)
        {
            var read = again.View.Read(new(from), again.View.End, 1, atLeastOneBatch: true);
            Assert.Equal(from / 2 * 2, read.FirstOffset.Value);
            read.Release();
        }

        again.ApplyRetention(again.View.End);
        fixture.Flush(again);

        Assert.Equal(index, fixture.Disk.Peek(path));
        fixture.Disk.Crash(Sim.CrashKind.LosesAll);
        Assert.Equal(index, fixture.Disk.Peek(path));
    }

    [Fact]
    public void A_missing_index_is_built_anew()
    {
        var fixture = new LogFixture { Settings = LogFixture.Small with { SegmentBytes = 1500 } };
        var log = fixture.Open();
        for (var i = 0; i < 40; i++)
            log.Append([LogFixture.Batch(2, LogFixture.Start + i)]);
        fixture.Close(log);
        var path = $"{LogFixture.Directory}/00000000000000000000.index";
        var index = fixture.Disk.Peek(path);
        fixture.Disk.DeleteFile(path);

        fixture.Close(fixture.Open(clean: true));

        Assert.NotEmpty(index);
        Assert.Equal(index, fixture.Disk.Peek(path));
    }

    [Fact]
    public void A_log_start_above_the_end_begins_anew()
    {
        var fixture = new LogFixture();
        var log = fixture.Open();
        log.Append([LogFixture.Batch(2)]);
        fixture.Close(log);

        var again = fixture.Open(clean: true, logStart: 50);

        Assert.Equal((new Offset(50), new Offset(50)), (again.View.LogStart, again.View.End));
        Assert.Equal(new Offset(50), again.Append([LogFixture.Batch(2)])[0].BaseOffset);
    }

    private static byte[] Torn(byte[] whole, int at, int synced, Fill fill, Random random)
    {
        if (fill == Fill.CutShort)
            return whole[..at];
        var torn = whole.ToArray();
        if (fill == Fill.Zeros)
        {
            torn.AsSpan(at).Clear();
        }
        else if (fill == Fill.Garbage)
        {
            random.NextBytes(torn.AsSpan(at));
        }
        else
        {
            for (var sector = at / 512; sector * 512 < torn.Length; sector++)
            {
                // A sector that was lost still has what was synced of it before.
                var start = Math.Max(sector * 512, synced);
                if (sector == at / 512 || random.Next(2) == 0)
                    torn.AsSpan(start, Math.Min((sector + 1) * 512, torn.Length) - start).Clear();
            }
        }

        return torn;
    }
}
