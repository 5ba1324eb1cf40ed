using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Tests.Unit.Log;

namespace Barnabas.Tests.Simulation.Log;

/// <summary>Every bit of a segment and of its side files changes on disk, one after the other, beneath everybody.
/// Damaged batches are refused, never served; damaged side files are built anew.</summary>
public sealed class FlippedBitTests
{
    private static readonly WrittenLog Written = new(16 * 1024, largestValue: 400);

    /// <summary>Bytes that no checksum covers and no order betrays: the leader epochs of all batches, and the offset
    /// of the last, as in Kafka's format.</summary>
    private static readonly HashSet<int> Unprotected = FindUnprotected();

    [Fact]
    public void No_bit_of_a_segment_changes_unseen_where_the_log_is_recovered() =>
        Workers.ForEachCase(0, Written.Bytes.Length * 8, static bit =>
        {
            if (Unprotected.Contains(bit / 8))
                return;
            var fixture = Machine(WrittenLog.LogPath, bit);
            // All of it had been synced, so nothing can be torn: it is damage, and said to be.
            var refused = Refusal(fixture);
            Assert.True(
                refused is not null,
                $"bit {bit % 8} of byte {bit / 8} was not noticed, {InBatch(bit / 8)} of its batch");
            // An offset that is too large shows only in the batch that follows.
            Assert.InRange(refused.Damage.Position, 0, Written.Boundaries.First(at => at > bit / 8));
            Assert.Equal(WrittenLog.LogPath, refused.Damage.Path);
            Assert.Equal(0, fixture.Disk.OpenFiles);
        });

    [Fact]
    public void No_bit_of_a_segment_changes_unseen_where_the_log_was_closed_cleanly() =>
        Workers.ForEachCase(0, Written.Bytes.Length * 8, static bit =>
        {
            if (Unprotected.Contains(bit / 8))
                return;
            var fixture = Machine(WrittenLog.LogPath, bit);
            PartitionLog log;
            try
            {
                log = fixture.Open(recoveryPoint: Written.End.Value, clean: true);
            }
            catch (LogDamagedException)
            {
                // The last batches are looked at even then.
                return;
            }

            CheckServes(log, bit / 8);
        });

    [Fact]
    public void No_bit_of_a_side_file_changes_what_is_read()
    {
        foreach (var (name, bytes) in Written.Files.Where(static file => Path.GetExtension(file.Key) != ".log"))
        {
            var path = $"{LogFixture.Directory}/{name}";
            Workers.ForEachCase(0, bytes.Length * 16, at =>
            {
                var clean = at % 2 == 0;
                var fixture = Machine(path, at / 2);
                var log = fixture.Open(recoveryPoint: Written.End.Value, clean: clean);
                Assert.Equal(Written.End, log.View.End);
                var all = LogFixture.ReadAll(log.View, Offset.Zero, 3000);
                Assert.True(all.AsSpan().SequenceEqual(Written.Bytes), name);
                CheckLookups(log, $"bit {at / 2} of {name}");
                // A digit of a text may still make sense, and is believed then where nothing was recovered.
                if (!clean || !name.StartsWith("leader-epoch", StringComparison.Ordinal))
                    Written.CheckHolds(log, fixture.Disk, Written.WholeBatchesOf(Written.Bytes), name);
            });
        }
    }

    /// <summary>One case of the tests above, for a log that may have a bug.</summary>
    internal static void A_changed_value_is_refused(PlantedBug bug) =>
        Assert.NotNull(Refusal(Machine(WrittenLog.LogPath, (Written.Boundaries.ElementAt(3) - 1) * 8, bug)));

    private static LogDamagedException? Refusal(LogFixture fixture)
    {
        try
        {
            fixture.Open(recoveryPoint: Written.End.Value);
            return null;
        }
        catch (LogDamagedException refused)
        {
            return refused;
        }
    }

    private static int InBatch(int at) => at - Written.Boundaries.Last(start => start <= at);

    private static LogFixture Machine(string damaged, int bit, PlantedBug bug = PlantedBug.None)
    {
        var fixture = Written.New(bug);
        fixture.Disk.CreateDirectory(LogFixture.Directory);
        foreach (var (name, bytes) in Written.Files)
            fixture.Disk.Poke($"{LogFixture.Directory}/{name}", bytes);
        fixture.Disk.Flip(damaged, bit / 8, (byte)(1 << (bit % 8)));
        return fixture;
    }

    /// <summary>Reads from everywhere: what comes is what was written, and the damaged byte is not among it.</summary>
    private static void CheckServes(PartitionLog log, int damaged)
    {
        for (var from = 0L; from < log.View.End.Value; from += 7)
        {
            var read = log.View.Read(new(from), log.View.End, 6000, atLeastOneBatch: true);
            foreach (var slice in read.Slices)
            {
                Assert.False(
                    damaged >= slice.Position && damaged < slice.Position + slice.Length,
                    $"byte {damaged} was served from offset {from} on");
            }

            Assert.True(
                read.Slices.Count > 0 || read.Error == ErrorCode.KafkaStorageError,
                $"{read.Error} at {from}, byte {damaged}");
            read.Release();
        }
    }

    private static void CheckLookups(PartitionLog log, string what)
    {
        for (var from = 0L; from < log.View.End.Value; from += 11)
        {
            var read = log.View.Read(new(from), log.View.End, 1, atLeastOneBatch: true);
            Assert.True(read.FirstOffset.Value <= from && read.NextOffset.Value > from, $"{what}: {from} not found");
            read.Release();
        }

        for (var time = LogFixture.Start; time < LogFixture.Start + 5000; time += 997)
        {
            var found = log.View.FindByTimestamp(time, log.View.End);
            Assert.True(found == FirstAtOrAfter(time), $"{what}: {found} for {time}");
        }
    }

    private static TimestampedOffset? FirstAtOrAfter(long time)
    {
        for (var at = 0; at < Written.Bytes.Length;)
        {
            var batch = new RecordBatch(Written.Bytes.AsSpan(at));
            var bytes = Written.Bytes.AsSpan(at, batch.Size);
            Assert.Equal(CodecOutcome.Done, BatchRecords.Open(bytes, 1 << 20, out var all));
            using (all)
            {
                var reader = all.Read();
                while (reader.TryRead(out var record))
                {
                    if (record.Timestamp >= time)
                        return new(record.Timestamp, record.Offset, batch.LeaderEpoch);
                }
            }

            at += batch.Size;
        }

        return null;
    }

    private static HashSet<int> FindUnprotected()
    {
        var starts = Written.Boundaries.ToList();
        var found = new HashSet<int>(Enumerable.Range(starts[^2], 8));
        foreach (var start in starts[..^1])
            found.UnionWith(Enumerable.Range(start + 12, 4));
        return found;
    }
}
