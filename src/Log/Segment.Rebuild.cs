using Barnabas.Base;

namespace Barnabas.Log;

internal sealed partial class Segment
{
    /// <summary>Forgets all that was derived from the batches, to be told of each of them anew.</summary>
    public void BeginRebuild(LogSettings settings)
    {
        Offsets.Reset(settings.SegmentIndexBytes);
        Times.Reset(settings.SegmentIndexBytes);
        Aborted.Reset();
        (Size, End, LastIndexed, FirstTimestamp) = (0, BaseOffset, 0, null);
        (MaxTimestamp, OffsetOfMaxTimestamp) = (-1, Offset.None);
        _view = null;
    }

    /// <summary>Cuts the file at the end of the batches told of, so that what follows is ours.</summary>
    public void Cut()
    {
        Health.Cut(Size);
        Log.SetLength(Size);
        (_reserved, _view) = (0, null);
    }

    /// <summary>Builds offset and time index anew from the headers of the batches below <paramref name="end"/>. The
    /// transaction index stays, less what lies above.</summary>
    /// <exception cref="LogDamagedException">A header is damaged.</exception>
    public void RebuildIndexes(LogSettings settings, Offset end)
    {
        var aborted = Aborted.Entries;
        var size = Size;
        BeginRebuild(settings);
        foreach (var entry in aborted.Span)
        {
            if (entry.LastOffset < end)
                Aborted.Append(entry);
        }

        var scan = new BatchScan(Log, 0, size, stackalloc byte[BatchScan.BufferSize]);
        while (scan.MoveNext() && scan.LastOffset < end.Value)
            Add(scan.Size, new Offset(scan.LastOffset), scan.MaxTimestamp, settings.IndexIntervalBytes);
        if (scan.Fault is { } fault)
            throw new LogDamagedException(new(Log.Path, scan.End, End, fault));
        Health.TrustIndexes();
        Health.LookedUpTimestamp = long.MinValue;
    }

    /// <summary>Takes the segment up again as the active one, its indexes trusted, after a clean stop.</summary>
    /// <returns>False when the indexes do not fit the batches and have to be built anew.</returns>
    public bool TryResume(LogSettings settings)
    {
        if (!Offsets.TryActivate(settings.SegmentIndexBytes) || !Times.TryActivate(settings.SegmentIndexBytes))
            return false;
        var length = Size;
        var scan = new BatchScan(Log, 0, length, stackalloc byte[BatchScan.BufferSize]);
        var last = Offsets.Last();
        if (length == 0 || !scan.MoveNext())
            return length == 0 && last is null;
        FirstTimestamp = scan.MaxTimestamp;
        LastIndexed = last?.Position ?? 0;
        scan = scan.At(LastIndexed, length);
        if (!scan.MoveNext() || (last is { } entry && scan.LastOffset != BaseOffset.Value + entry.RelativeOffset))
            return false;
        var time = Times.Last();
        (MaxTimestamp, OffsetOfMaxTimestamp) = time is { } known
            ? (known.Timestamp, BaseOffset + known.RelativeOffset)
            : (-1, Offset.None);
        do
        {
            if (scan.MaxTimestamp > MaxTimestamp)
                (MaxTimestamp, OffsetOfMaxTimestamp) = (scan.MaxTimestamp, new Offset(scan.LastOffset));
        }
        while (scan.MoveNext());

        (End, _view) = (new Offset(scan.LastOffset + 1), null);
        return scan.Fault is null;
    }
}
