using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class LogView
{
    /// <summary>What there is to compact: whole segments below the active one and below <paramref
    /// name="stable"/>.</summary>
    /// <param name="cleaned">Up to where the log was compacted before; null where it never was.</param>
    /// <param name="stable">The last stable offset, which does not exceed the high watermark.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="lags">How old records have to be, and may become.</param>
    /// <remarks>May block on the disk where a lag is configured: it needs timestamps then.</remarks>
    /// <exception cref="IOException">The disk refused, or the bytes are damaged.</exception>
    public CleaningPlan PlanCleaning(Offset? cleaned, Offset stable, long nowMs, CleaningLags lags)
    {
        var isVoid = cleaned is { } offset && (offset < LogStart || offset > End);
        var dirty = isVoid ? LogStart : cleaned ?? LogStart;
        var bound = Offset.Min(stable, _active.BaseOffset);
        var (clean, cleanable, first) = (0L, 0L, (Offset?)null);
        long? oldest = null;
        foreach (var segment in _closed)
        {
            if (segment.End <= dirty)
            {
                clean += segment.Size;
                continue;
            }

            if (segment.End > bound || IsTooYoung(segment, nowMs, lags.MinLag))
            {
                first = segment.BaseOffset;
                break;
            }

            // Of a segment compacted in part, what is left of it is new.
            cleanable += segment.Size;
            if (lags.MaxLag is not null && segment.FirstTimestamp() is > 0 and var timestamp)
                oldest = Math.Min(oldest ?? timestamp, timestamp);
        }

        var uncleanable = Offset.Max(dirty, first ?? _active.BaseOffset);
        return new(dirty, uncleanable, clean, cleanable, Overdue(oldest, nowMs, lags.MaxLag), isVoid);
    }

    /// <summary>The timestamp of the active segment's first batch, from which its age counts; null where it is empty or
    /// has none. May block on the disk.</summary>
    public long? OldestActiveTimestamp() => _active.Size > 0 && _active.FirstTimestamp() is > 0 and var first
        ? first
        : null;

    private static bool IsTooYoung(SegmentView segment, long nowMs, TimeSpan minLag)
    {
        if (minLag <= TimeSpan.Zero || !segment.File.TryRetain())
            return false;
        try
        {
            return segment.LargestTimestamp() > nowMs - minLag.TotalMilliseconds;
        }
        finally
        {
            segment.File.Release();
        }
    }

    private static TimeSpan Overdue(long? oldest, long nowMs, TimeSpan? maxLag)
    {
        if (oldest is not { } timestamp || maxLag is not { } lag)
            return TimeSpan.Zero;
        var late = nowMs - lag.TotalMilliseconds - timestamp;
        return late > 0 ? TimeSpan.FromMilliseconds(late) : TimeSpan.Zero;
    }
}
