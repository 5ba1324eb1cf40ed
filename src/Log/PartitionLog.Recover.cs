using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    /// <summary>Walks all batches from a segment on: keeps the valid prefix, cuts what a crash left
    /// unfinished, and builds anew all that follows from the batches.</summary>
    /// <exception cref="LogDamagedException">Bytes that had been synced are damaged.</exception>
    private void Recover(int first)
    {
        // After a clean stop everything had been synced.
        var recoveryPoint = _hints.CleanShutdown ? new Offset(long.MaxValue) : _hints.RecoveryPoint;
        _end = _segments[first].BaseOffset;
        SetEpochs(_epochs.TruncateFromEnd(_end));
        ReplayProducers(LoadSnapshot(_end), _end);
        var bytes = _segments.Skip(first).Sum(static segment => (long)segment.Size);
        var progress = new RecoveryProgress(bytes, _hints.Progress);
        for (var i = first; i < _segments.Count; i++)
        {
            var segment = _segments[i];
            if (segment.BaseOffset < _end)
            {
                throw new LogDamagedException(
                    new(segment.Log.Path, 0, _end, "it begins before the segment before it ends"));
            }

            // Compaction leaves gaps, but only below the recovery point: above it, one is what a crash has lost.
            if (segment.BaseOffset > _end && i > first && segment.BaseOffset > recoveryPoint)
            {
                Drop(i);
                break;
            }

            if (i > first)
                CloseRecovered(_segments[i - 1], segment.BaseOffset);
            var next = i + 1 < _segments.Count ? _segments[i + 1].BaseOffset : new Offset(long.MaxValue);
            var wasCut = RecoverSegment(segment, next, recoveryPoint, progress);
            if (wasCut && i + 1 < _segments.Count)
                Drop(i + 1);
        }

        if (!_hints.CleanShutdown && _end < recoveryPoint)
            LogEvents.ShorterThanRecoveryPoint(_logger, Partition, _end, recoveryPoint);
        if (TrustsCache)
            KeepRecovered();
        else
            SyncRecovered();
    }

    /// <summary>Takes in a segment's valid batches; true when something had to be cut off after them.</summary>
    private bool RecoverSegment(Segment segment, Offset next, Offset recoveryPoint, RecoveryProgress progress)
    {
        var length = segment.Size;
        segment.BeginRebuild(Settings);
        using var scan = new CheckedScan(segment.Log, 0, length, segment.BaseOffset.Value - 1, next.Value)
        {
            SkipsChecksums = _host.Has(PlantedBug.ChecksumsSkipped),
        };
        var beforeLast = _end;
        UnprovenStretch? unproven = null;
        while (true)
        {
            // No sync vouches for what follows: one may even have failed, and only the disk knows what it has.
            if (unproven is null && scan.LastOffset + 1 >= recoveryPoint.Value)
            {
                unproven = new(segment, scan.End, scan.LastOffset);
                if (!TrustsCache && !_host.Has(PlantedBug.CacheTrusted))
                {
                    segment.Log.ForgetCached(scan.End);
                    scan.ForgetAhead();
                }
            }

            if (!scan.MoveNext() || scan.LastOffset - segment.BaseOffset.Value > int.MaxValue)
                break;
            beforeLast = Offset.Max(_end, segment.End);
            TakeRecovered(segment, scan);
            progress.Add(scan.Batch.Length);
        }

        segment.Health.Verified.Add(0, segment.Size);
        _end = Offset.Max(_end, segment.End);
        if (TrustsCache && unproven is not null)
            Remember(unproven);
        if (segment.Size == length)
        {
            LogEvents.SegmentRecovered(_logger, segment.Log.Path, length, _end);
            return false;
        }

        var reason = scan.Fault ?? "an offset too far from the segment's";
        // Where a whole batch does not follow the one before it, either may be the one with the wrong offset.
        var sure = scan.OrderFaultSize > 0 ? beforeLast : _end;
        var isTorn = sure >= recoveryPoint
            && TornTail.IsTorn(segment.Log, segment.Size, scan.OrderFaultSize, length, sure.Value);
        if (!isTorn)
            throw new LogDamagedException(new(segment.Log.Path, segment.Size, _end, reason));
        LogEvents.TailCut(_logger, length - segment.Size, segment.Log.Path, segment.Size, _end, reason);
        if (!_host.Has(PlantedBug.TornTailKept))
            segment.Cut();
        _directoryDirty = true;
        return true;
    }

    private void TakeRecovered(Segment segment, CheckedScan scan)
    {
        if (scan.Magic == 2)
        {
            var batch = new RecordBatch(scan.Batch);
            SetEpochs(_epochs.With(batch.LeaderEpoch, batch.BaseOffset));
            var marker = batch.Attributes.IsControl ? TransactionMarker.Of(scan.Batch) : null;
            if (_producers.Apply(batch, marker) is { } aborted)
                segment.Aborted.Append(aborted);
            _producers.Keep();
        }

        var last = new Offset(scan.LastOffset);
        segment.Add(scan.Batch.Length, last, scan.MaxTimestamp, Settings.IndexIntervalBytes);
    }

    /// <summary>Removes the segments from <paramref name="index"/> on, the last first.</summary>
    private void Drop(int index)
    {
        while (_segments.Count > index)
        {
            LogEvents.SegmentDropped(_logger, Active.Log.Path, _end);
            RemoveFiles(Active);
        }

        _directoryDirty = true;
    }

    private void CloseRecovered(Segment segment, Offset end)
    {
        segment.EndAt(end);
        segment.Finish();
        segment.Retire();
        // The one there may never have reached the disk, and this segment can be deleted once it counts as synced.
        _snapshots.Write(end, _producers);
        _snapshots.SyncMany();
        NeedFullSync(segment);
    }
}
