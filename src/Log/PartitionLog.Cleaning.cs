using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    /// <summary>Segments that were replaced: readers may still be at them until their files are removed.</summary>
    private readonly Queue<(long DueMs, Segment Segment)> _replaced = new();

    /// <summary>Begins to compact the log.</summary>
    /// <param name="plan">What there is to do: see <see cref="LogView.PlanCleaning"/>.</param>
    /// <param name="durable">Up to here the checkpoint on disk says that all is synced. Above it gaps between
    /// segments, which compaction leaves, would look like a loss to the next start.</param>
    /// <param name="limits">What it may take.</param>
    /// <returns>The cleaning, to be disposed of; null where nothing is to be done.</returns>
    public LogCleaning? BeginCleaning(CleaningPlan plan, Offset durable, CleaningLimits limits)
    {
        ThrowIfFailed();
        var bound = Offset.Min(durable, RecoveryPoint);
        if (!_host.Has(PlantedBug.UnstableCleaned))
            bound = Offset.Min(bound, plan.FirstUncleanable);
        var sources = _closedViews.TakeWhile(source => source.End <= bound && source.File.TryRetain()).ToList();
        if (sources.Count > 0 && sources[^1].End > plan.FirstDirty)
            return new LogCleaning(_host, this, sources, TermsOf(plan, sources), limits);
        sources.ForEach(static source => source.File.Release());
        return null;
    }

    /// <summary>Puts the segment that is ready in the place of its sources: from now on readers find it, and a crash
    /// leaves either it or them.</summary>
    /// <returns>False where the log was cut or segments deleted meanwhile: then all stays as it is.</returns>
    /// <exception cref="IOException">The disk refused, and the log has <see cref="Failed"/>.</exception>
    public bool TryReplace(LogCleaning cleaning)
    {
        ThrowIfFailed();
        if (cleaning.Log != this || cleaning.Ready is not { } ready || PlaceOf(ready.Sources) is not { } place)
        {
            cleaning.MakeVoid();
            return false;
        }

        Change(() => Replace(place, cleaning.TakeReady()));
        LogEvents.SegmentsReplaced(
            _logger, Partition, ready.Sources.Count, ready.BaseOffset, ready.SourceBytes, ready.Size);
        return true;
    }

    /// <summary>Where sources stand among the segments; null where they are not what they were.</summary>
    private int? PlaceOf(IReadOnlyList<SegmentView> sources)
    {
        var place = _segments.FindIndex(segment => segment.BaseOffset == sources[0].BaseOffset);
        if (place < 0 || place + sources.Count >= _segments.Count)
            return null;
        for (var i = 0; i < sources.Count; i++)
        {
            if (_segments[place + i].Log != sources[i].File || sources[i].IsStale)
                return null;
        }

        return place;
    }

    // A crash finds the renames up to one of them. As long as a .cleaned is left all is undone; from then on the .swap
    // files take the place of whatever there is. DirectoryFiles knows.
    private void Replace(int place, CleanedSegment ready)
    {
        var gone = _segments.GetRange(place, ready.Sources.Count);
        ready.Dispose();
        ready.Rename(SegmentFiles.Cleaned, SegmentFiles.Swap);
        foreach (var segment in gone)
            Retire(segment, staysOpen: true);
        ready.Rename(SegmentFiles.Swap, "");
        var files = DirectoryFiles.OfSegment(_host.Disk, _directory, ready.BaseOffset);
        var (cleaned, isWhole) = Segment.Open(
            _host.Disk, _logger, (_directory, files), ready.BaseOffset, gone[^1].CreatedMs);
        Invariant.Holds(isWhole, "a segment that was just written has its indexes");
        cleaned.EndAt(gone[^1].End);
        _segments.Insert(place, cleaned);
        _snapshots.RemoveStray(_segments.ConvertAll(static segment => segment.BaseOffset));
        _directoryDirty = true;
    }

    private CleaningTerms TermsOf(CleaningPlan plan, List<SegmentView> sources)
    {
        var retention = (long)Settings.DeleteRetention.TotalMilliseconds;
        var lastClean = sources.FindLast(source => source.End <= plan.FirstDirty)?.LargestTimestamp() ?? -1;
        return new(
            NowMs, retention, plan.FirstDirty, sources[^1].End, lastClean - retention, _producers.LastBatches());
    }
}
