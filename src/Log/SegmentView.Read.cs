using Barnabas.Base;

namespace Barnabas.Log;

internal sealed partial class SegmentView
{
    /// <summary>Adds to an answer the batches from where it stands on, as many as it takes.</summary>
    /// <param name="answer">The answer; complete afterwards unless the next segment may have more for it.</param>
    /// <param name="bound">Only batches that end below it.</param>
    /// <returns>True when a slice of the file was added.</returns>
    public bool TryAddTo(ReadAnswer answer, Offset bound)
    {
        var scan = new BatchScan(File, 0, Size, stackalloc byte[BatchScan.BufferSize]);
        if (!TryLocate(Offset.Max(answer.Next, BaseOffset), ref scan))
        {
            // No batch here ends at or after the offset: compaction took it, and the next segment follows.
            if (scan.Fault is not null)
                Fail(answer, scan.End, scan.LastOffset + 1, scan.Fault);
            return false;
        }

        // Its base offset, which no checksum covers, cannot be right; waiting for the watermark to pass it would never
        // end.
        if (scan.LastOffset >= End.Value)
        {
            Fail(answer, scan.Position, scan.BaseOffset, "an offset beyond the segment's end");
            return false;
        }

        if (scan.LastOffset >= bound.Value || !answer.Takes(scan.Size))
        {
            answer.Complete();
            return false;
        }

        var (start, first) = (scan.Position, new Offset(scan.BaseOffset));
        var (end, next) = Extend(scan, answer, bound);
        next = Offset.Min(next, bound);
        var good = Verify(start, end);
        if (good < end)
            (end, next) = (good, new Offset(OffsetAt(start, good)));
        if (end > start)
            answer.Add(new(File, start, end - start), first, next);
        if (good < end || end < Size)
            answer.Complete();
        if (end == start)
            Fail(answer, start, first.Value, "damaged before");
        return end > start;
    }

    /// <summary>How far an answer reaches that begins with the batch the scan stands on.</summary>
    private (int End, Offset Next) Extend(BatchScan scan, ReadAnswer answer, Offset bound)
    {
        var limit = Math.Min((long)scan.Position + Math.Max(answer.Left, scan.Size), Size);
        if (limit == Size && bound >= End)
            return (Size, End);

        var (end, next) = (scan.End, new Offset(scan.LastOffset + 1));
        // The index names batches that begin within the limit; what lies before the last of them is taken unread.
        var stands = TryJump(ref scan, limit, bound);
        while (stands || scan.MoveNext())
        {
            stands = false;
            (end, next) = (scan.Position, new Offset(scan.BaseOffset));
            if (scan.LastOffset >= bound.Value || scan.End > limit)
                break;
            (end, next) = (scan.End, new Offset(scan.LastOffset + 1));
        }

        return (end, next);
    }

    /// <summary>Goes to the last batch that the index names within the bounds, if there is one behind where the scan
    /// stands.</summary>
    /// <returns>True when the scan stands on it; else it stands where it stood, or before the batch that
    /// follows.</returns>
    private bool TryJump(ref BatchScan scan, long limit, Offset bound)
    {
        if (Health.DistrustsIndexes || Offsets.FloorByTarget(limit) is not { } entry)
            return false;
        if (bound < End)
        {
            if (Offsets.FloorByKey(bound - BaseOffset - 1) is not { } byOffset)
                return false;
            entry = entry.Position < byOffset.Position ? entry : byOffset;
        }

        var end = scan.End;
        if (entry.Position <= end)
            return false;
        scan = scan.At(entry.Position, Size);
        if (scan.MoveNext() && scan.LastOffset == BaseOffset.Value + entry.RelativeOffset)
            return true;
        Distrust(entry);
        scan = scan.At(end, Size);
        return false;
    }

    /// <summary>The base offset of the batch at <paramref name="position"/>, reached from one before it.</summary>
    private long OffsetAt(int start, int position)
    {
        var scan = new BatchScan(File, start, position, stackalloc byte[BatchScan.BufferSize]);
        while (scan.MoveNext())
        {
        }

        return scan.LastOffset + 1;
    }

    private void Fail(ReadAnswer answer, int position, long offset, string reason)
    {
        if (IsStale)
        {
            answer.Complete();
            return;
        }

        Report(position, Math.Max(offset, BaseOffset.Value), reason);
        answer.Damaged();
    }
}
