using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A segment at one moment, for readers of any lane: its file up to a size, and its indexes.</summary>
/// <remarks>Readers retain <see cref="File"/> around what they do: a segment that has left the log cannot be
/// retained.</remarks>
internal sealed partial class SegmentView
{
    /// <summary>The base offset in the file's name.</summary>
    public required Offset BaseOffset { get; init; }

    /// <summary>The offset at which the next segment begins, or the log ends.</summary>
    public required Offset End { get; init; }

    /// <summary>The <c>.log</c> file.</summary>
    public required DiskFile File { get; init; }

    /// <summary>The bytes of it that are batches.</summary>
    public required int Size { get; init; }

    /// <summary>The offset index.</summary>
    public required IndexView<OffsetEntry> Offsets { get; init; }

    /// <summary>The time index.</summary>
    public required IndexView<TimeEntry> Times { get; init; }

    /// <summary>The largest timestamp, -1 for none; null where <see cref="LargestTimestamp"/> must look it
    /// up.</summary>
    public required long? MaxTimestamp { get; init; }

    /// <summary>Aborted transactions whose markers are here.</summary>
    public required ReadOnlyMemory<AbortedTransaction> Aborted { get; init; }

    /// <summary>What is shared by all views of the segment.</summary>
    public required SegmentHealth Health { get; init; }

    /// <summary>How often the segment had been cut when the view was made.</summary>
    public required int Cuts { get; init; }

    /// <summary>True when the segment was cut after the view was made: what the view says of its end is
    /// void.</summary>
    public bool IsStale => Cuts != Health.Cuts;

    /// <summary>Finds the first batch whose last offset is not below <paramref name="target"/>.</summary>
    /// <param name="target">The offset looked for.</param>
    /// <param name="scan">Stands on the batch found.</param>
    /// <returns>False when the segment has no such batch, or a header on the way is damaged.</returns>
    public bool TryLocate(Offset target, ref BatchScan scan)
    {
        var buffer = scan;
        if (!Health.DistrustsIndexes && Offsets.Around(target - BaseOffset) is ({ } below, var next))
        {
            // Batches this large have an entry each: a reader that goes on where it stopped asks for the next one's
            // first offset, and the one before it need not be looked at.
            if (next is { } entry && entry.Position - below.Position >= 2 * BatchScan.BufferSize
                && StandsOn(entry, ref scan) && scan.BaseOffset <= target.Value)
            {
                return true;
            }

            if (StandsOn(below, ref scan))
                return Advance(target, ref scan);
        }

        scan = buffer.At(0, Size);
        return scan.MoveNext() && Advance(target, ref scan);
    }

    /// <summary>Goes to the batch an entry names; false where it is not there.</summary>
    private bool StandsOn(OffsetEntry entry, ref BatchScan scan)
    {
        scan = scan.At(entry.Position, Size);
        if (scan.MoveNext() && scan.LastOffset == BaseOffset.Value + entry.RelativeOffset)
            return true;
        Distrust(entry);
        return false;
    }

    /// <summary>Checks the batches of [start, end), as far as nobody has yet.</summary>
    /// <returns>Where the first damaged batch begins; <paramref name="end"/> when there is none.</returns>
    public int Verify(int start, int end)
    {
        var at = Health.Verified.FirstUnchecked(start, end);
        if (at >= end)
            return end;
        // One batch more than asked for is looked at: only the next one shows an offset to be too large.
        using var scan = new CheckedScan(File, at, Size, BaseOffset.Value - 1, End.Value);
        var more = true;
        while (more && scan.Position < end)
            more = scan.MoveNext();
        if (scan.Fault is null)
        {
            Health.Verified.Add(at, Math.Min(scan.Position, end));
            return end;
        }

        var bad = scan.OrderFaultSize > 0 && scan.Previous >= 0 ? scan.Previous : scan.Position;
        if (bad > at)
            Health.Verified.Add(at, bad);
        if (bad < end)
            Report(scan.Position, Math.Max(scan.LastOffset + 1, BaseOffset.Value), scan.Fault);
        return Math.Min(bad, end);
    }

    /// <summary>Walks all headers; tells of the first that cannot be one.</summary>
    public bool HasSoundHeaders()
    {
        var scan = new BatchScan(File, 0, Size, stackalloc byte[BatchScan.BufferSize]);
        while (scan.MoveNext())
        {
        }

        if (scan.Fault is not null)
            Report(scan.End, Math.Max(scan.LastOffset + 1, BaseOffset.Value), scan.Fault);
        return scan.Fault is null;
    }

    /// <summary>Tells of damage, unless the view is merely stale.</summary>
    public void Report(int position, long offset, string reason)
    {
        if (!IsStale)
            Health.Report(new(File.Path, position, new Offset(offset), reason));
    }

    private void Distrust(OffsetEntry entry)
    {
        if (!IsStale)
            Health.DistrustIndexes($"no batch with offset +{entry.RelativeOffset} at byte {entry.Position}");
    }

    private static bool Advance(Offset target, ref BatchScan scan)
    {
        while (scan.LastOffset < target.Value)
        {
            if (!scan.MoveNext())
                return false;
        }

        return true;
    }
}
