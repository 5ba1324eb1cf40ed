using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

internal sealed partial class Segment
{
    private const int LargestAhead = 64 << 20;
    private const int SmallestAhead = 1 << 20;

    private int _reserved;

    /// <summary>True when the batch, which would follow what was added, has to go to a new segment.</summary>
    /// <param name="batch">The batch, offsets assigned.</param>
    /// <param name="settings">The limits.</param>
    /// <param name="jitter">What is taken off the largest age.</param>
    /// <param name="nowMs">The time, for segments without timestamps.</param>
    public bool MustRollFor(RecordBatch batch, LogSettings settings, TimeSpan jitter, long nowMs) =>
        MustRollFor(batch.Size, batch.LastOffset, batch.MaxTimestamp, (settings, jitter, nowMs));

    /// <summary>As the other, for a batch, or an entry of an older format, of which so much is known.</summary>
    public bool MustRollFor(
        int size, Offset lastOffset, long maxTimestamp, (LogSettings Settings, TimeSpan Jitter, long NowMs) by)
    {
        if (Size == 0)
            return lastOffset - BaseOffset > int.MaxValue;
        return Size > by.Settings.SegmentBytes - size
            || Age(maxTimestamp, by.NowMs) > (by.Settings.SegmentAge - by.Jitter).TotalMilliseconds
            || Offsets.IsFull
            || Times.IsNearlyFull
            || lastOffset - BaseOffset > int.MaxValue;
    }

    /// <summary>Ends the segment: its indexes are complete, on file, and trimmed. It may still be added to, should
    /// the next segment not come about.</summary>
    public void Finish()
    {
        AddTimeEntry(atEnd: true);
        Offsets.Close();
        Times.Close();
        Aborted.WritePending();
        Trim();
        _view = null;
    }

    /// <summary>The segment will never be added to again: index entries leave memory.</summary>
    public void Retire()
    {
        Offsets.Store();
        Times.Store();
        _view = null;
    }

    /// <summary>Opens the files that no use has opened so far, before they get other names: who reads them meanwhile
    /// goes on with them, not with what takes their place.</summary>
    public void Hold()
    {
        foreach (var file in (ReadOnlySpan<DiskFile>)[Log, Offsets.File, Times.File])
        {
            if (file.TryRetain())
                file.Release();
        }
    }

    /// <summary>Reserves blocks ahead of the end, the more the larger the segment has become, so that many small
    /// partitions do not hold space they never use.</summary>
    public void Reserve(LogSettings settings)
    {
        if (Size < _reserved || (Size < SmallestAhead && !settings.Preallocate))
            return;
        var ahead = settings.Preallocate ? settings.SegmentBytes : Math.Clamp(Size, SmallestAhead, LargestAhead);
        var to = (int)Math.Max(Size, Math.Min((long)Size + ahead, settings.SegmentBytes));
        try
        {
            Log.Preallocate(_reserved, to - _reserved);
        }
        catch (IOException)
        {
            // Space that cannot be reserved is no fault yet: the write itself will tell.
        }

        _reserved = to;
    }

    /// <summary>Gives back blocks that were reserved beyond the end.</summary>
    public void Trim()
    {
        if (_reserved <= Size)
            return;
        Log.SetLength(Size);
        _reserved = Size;
    }

    private double Age(long timestamp, long nowMs) =>
        FirstTimestamp is { } first and >= 0 && timestamp >= 0 ? (double)timestamp - first : nowMs - CreatedMs;
}
