using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Tests.Unit.Log;

namespace Barnabas.Tests.Simulation.Log;

/// <summary>A power cut tears the end of a log at every byte of its last 64 KiB, and leaves behind it whatever a disk
/// may leave there. The log found afterwards is the longest prefix of whole batches, and so is all that follows from
/// it.</summary>
public sealed class TornTailTests
{
    private const int Torn = 64 * 1024;
    private static readonly WrittenLog Written = new(Torn + 4096, largestValue: 300);

    public enum Fill
    {
        Zeros,
        Ones,
        Random,
        StaleBytes,
    }

    [Theory]
    [InlineData(Fill.Zeros)]
    [InlineData(Fill.Ones)]
    [InlineData(Fill.Random)]
    [InlineData(Fill.StaleBytes)]
    public void A_tail_torn_at_any_byte_leaves_the_longest_whole_prefix(Fill fill)
    {
        var first = Written.Bytes.Length - Torn;
        var closed = new HashSet<int>();
        Workers.ForEachCase(first, Torn, at =>
        {
            var torn = Written.Bytes.ToArray();
            Spoil(torn.AsSpan(at), at, fill);
            var whole = Written.WholeBatchesOf(torn);
            bool closes;
            lock (closed)
                closes = closed.Add(whole);
            Recover(torn, whole, closes, $"{fill} from byte {at}");
        });
        Assert.NotEmpty(closed);
    }

    /// <summary>One case of the test above, for a log that may have a bug.</summary>
    internal static void A_tail_torn_in_a_batch_is_cut_off(PlantedBug bug)
    {
        var torn = Written.Bytes.ToArray();
        torn.AsSpan(torn.Length - 10).Clear();
        Recover(torn, Written.WholeBatchesOf(torn), true, "the last batch", bug);
    }

    private static void Recover(
        byte[] torn, int whole, bool closes, string what, PlantedBug bug = PlantedBug.None)
    {
        var fixture = Written.New(bug);
        fixture.Disk.CreateDirectory(LogFixture.Directory);
        fixture.Disk.Poke(WrittenLog.LogPath, torn);
        if (Written.HasWholeBatchAfter(torn, whole))
        {
            // An old batch, good but for its place, is no different from a batch whose offset was damaged: nobody knows
            // what was acknowledged behind it, so it is refused rather than cut off.
            Assert.Throws<LogDamagedException>(() => fixture.Open());
            return;
        }

        var log = fixture.Open();
        Written.CheckHolds(log, fixture.Disk, whole, what);
        if (closes)
        {
            fixture.Close(log);
            Written.CheckFiles(fixture.Disk, whole, what);
        }

        // What was found is durable: another power cut takes nothing of it.
        fixture.Disk.Crash(Sim.CrashKind.LosesAll);
        Assert.Equal(torn.Length == 0 ? 0 : log.View.SizeInBytes, fixture.Disk.Peek(WrittenLog.LogPath).Length);
    }

    private static void Spoil(Span<byte> tail, int at, Fill fill)
    {
        switch (fill)
        {
            case Fill.Zeros:
                tail.Clear();
                break;
            case Fill.Ones:
                tail.Fill(0xff);
                break;
            case Fill.Random:
                new Random(at).NextBytes(tail);
                break;
            default:
                // What stood elsewhere before: whole batches, and good ones, of lower offsets.
                for (var i = 0; i < tail.Length; i++)
                    tail[i] = Written.Bytes[i % 4096 + (at % 61)];
                break;
        }
    }
}
