using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    /// <summary>Cuts the log at <paramref name="end"/>, or, where that lies within a batch, at the batch's
    /// beginning; where it ends there or before, only epochs without a record go. Durable when it returns.
    /// Blocks.</summary>
    /// <exception cref="IOException">The disk refused, and the log has <see cref="Failed"/>.</exception>
    public void TruncateTo(Offset end)
    {
        ThrowIfFailed();
        if (end >= _end)
        {
            ForgetEmptyEpochs();
            return;
        }

        if (end < _segments[0].BaseOffset)
        {
            TruncateFullyAndStartAt(end);
            return;
        }

        Change(() => CutAt(end));
        LogEvents.Truncated(_logger, Partition, _end);
    }

    // A leader that appended nothing before another was elected began an epoch that the other may not know: asked about
    // it again and again, the other would say every time that the logs part.
    private void ForgetEmptyEpochs()
    {
        SetEpochs(_epochs.TruncateFromEnd(_end));
        Publish();
    }

    /// <summary>Drops everything and begins anew at <paramref name="start"/>. Durable when it returns.
    /// Blocks.</summary>
    /// <exception cref="IOException">The disk refused, and the log has <see cref="Failed"/>.</exception>
    public void TruncateFullyAndStartAt(Offset start)
    {
        ThrowIfFailed();
        Change(() => StartAnewAt(start));
        LogEvents.Truncated(_logger, Partition, _end);
    }

    /// <summary>Does what cannot be taken back halfway.</summary>
    private void Change(Action change)
    {
        _isAsClosed = false;
        try
        {
            change();
        }
        catch (IOException fault)
        {
            Fail(fault);
            throw;
        }
        finally
        {
            PublishSegments();
        }
    }

    private void CutAt(Offset end)
    {
        LowerRecoveryPoint(end);
        // From the last segment down: a crash in between leaves a log without gaps.
        while (_segments.Count > 1 && Active.BaseOffset > end)
            RemoveFiles(Active);
        var active = Active;
        active.RebuildIndexes(Settings, end);
        active.Cut();
        active.Log.Sync();
        Bound(active);
        // A closed segment that is taken up again is one like any other until it ends anew.
        Forget(active);
        _end = Offset.Max(active.End, active.BaseOffset);
        CutState();
        _host.Disk.SyncDirectory(_directory);
    }

    private void StartAnewAt(Offset start)
    {
        LowerRecoveryPoint(start);
        while (_segments.Count > 1)
            RemoveFiles(Active);
        _snapshots.RemoveAll();
        if (Active.BaseOffset == start)
        {
            Active.BeginRebuild(Settings);
            Active.Cut();
            Active.Log.Sync();
        }
        else
        {
            RemoveFiles(Active);
            AddSegment(CreateSegment(start));
        }

        _unproven.Clear();
        (_end, _logStart) = (start, start);
        CutState();
        _host.Disk.SyncDirectory(_directory);
        // All that there is, is on disk.
        (_flushed, _flushCeiling) = (start, Offset.Min(_flushCeiling, start));
    }

    /// <summary>Brings all that follows from the batches down to the log's new end.</summary>
    private void CutState()
    {
        _flushed = Offset.Min(_flushed, _end);
        _flushCeiling = Offset.Min(_flushCeiling, _end);
        _logStart = Offset.Min(_logStart, _end);
        SetEpochs(_epochs.TruncateFromEnd(_end));
        _epochFile.Write(_epochs, ++_epochVersion);
        _snapshots.RemoveAbove(_end);
        ReloadProducers();
    }

    private void LowerRecoveryPoint(Offset end)
    {
        if (end >= _flushed)
            return;
        // The view comes first: a checkpoint being written meanwhile takes no more than it says.
        (_flushed, _flushCeiling) = (end, Offset.Min(_flushCeiling, end));
        Publish();
        _hints.LowerRecoveryPoint?.Invoke(Partition, end);
    }

    private void RemoveFiles(Segment segment)
    {
        foreach (var kind in SegmentFiles.SegmentKinds)
            _host.Disk.DeleteFile(segment.PathOf(kind));
        _segments.Remove(segment);
        Forget(segment);
        segment.Dispose();
    }
}
