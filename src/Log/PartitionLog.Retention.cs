using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    private readonly Queue<(long DueMs, string Path)> _deleted = new();

    /// <summary>Moves the log start offset up to <paramref name="logStart"/>, which does not exceed the high
    /// watermark; segments wholly below it are deleted. A lower offset changes nothing.</summary>
    /// <remarks>The caller has the log start checkpointed before anybody relies on it.</remarks>
    public IReadOnlyList<DeletedSegment> DeleteTo(Offset logStart)
    {
        ThrowIfFailed();
        Invariant.Holds(logStart <= _end, "a log starts within itself");
        if (logStart <= _logStart)
            return [];
        _logStart = logStart;
        return DeleteWhile(Below, DeletionReason.LogStart, _end);
    }

    /// <summary>Forgets the producers that have sent nothing for <c>producer.id.expiration.ms</c>, unless they have a
    /// transaction open.</summary>
    public void ExpireProducers() => _producers.Expire(NowMs, Settings.ProducerIdExpiration);

    /// <summary>Deletes old segments by time, size and log start, never beyond <paramref
    /// name="highWatermark"/>; removes files whose delay has passed; builds indexes anew that were found
    /// damaged.</summary>
    public IReadOnlyList<DeletedSegment> ApplyRetention(Offset highWatermark)
    {
        ThrowIfFailed();
        RebuildDistrusted();
        RemoveDueFiles();
        var deleted = new List<DeletedSegment>();
        if (Settings.DeletesOldSegments)
        {
            deleted.AddRange(DeleteWhile(TooOld, DeletionReason.Age, highWatermark));
            deleted.AddRange(DeleteWhile(TooMuch, DeletionReason.Size, highWatermark));
        }

        deleted.AddRange(DeleteWhile(Below, DeletionReason.LogStart, highWatermark));
        return deleted;
    }

    private bool Below(Segment segment) => EndOf(segment) <= _logStart;

    private bool TooOld(Segment segment)
    {
        if (Settings.RetentionTime is not { } limit)
            return false;
        var newest = segment.View.LargestTimestamp();
        return NowMs - (newest >= 0 ? newest : segment.CreatedMs) > limit.TotalMilliseconds;
    }

    private bool TooMuch(Segment segment)
    {
        if (Settings.RetentionBytes is not { } limit)
            return false;
        var bytes = 0L;
        foreach (var each in _segments)
            bytes += each.Size;
        return bytes - limit >= segment.Size;
    }

    private Offset EndOf(Segment segment) => ReferenceEquals(segment, Active) ? _end : segment.End;

    /// <summary>Deletes segments from the oldest on for as long as <paramref name="mayGo"/> says so; when it
    /// says so of the active one, too, that is rolled first.</summary>
    /// <remarks>A segment stays until it is synced whole, and what it says of producers and epochs with it: a crash
    /// after the deletion must not take the log back to before it. The next round deletes it then.</remarks>
    private List<DeletedSegment> DeleteWhile(Func<Segment, bool> mayGo, DeletionReason reason, Offset bound)
    {
        var deleted = new List<DeletedSegment>();
        var starts = _logStart;
        while ((_segments.Count > 1 || _segments[0].Size > 0) && EndOf(_segments[0]) <= bound && mayGo(_segments[0]))
        {
            if (_segments.Count == 1)
                RollTo(_end);
            var segment = _segments[0];
            if (segment.End > RecoveryPoint)
                break;
            deleted.Add(new(segment.BaseOffset, segment.Size, reason));
            LogEvents.SegmentDeleted(_logger, Partition, segment.BaseOffset, segment.Size, reason);
            Change(() => Retire(segment));
        }

        _logStart = Offset.Max(starts, _segments[0].BaseOffset);
        SetEpochs(_epochs.TruncateFromStart(_logStart));
        if (deleted.Count > 0)
        {
            _snapshots.RemoveStray(_segments.ConvertAll(static segment => segment.BaseOffset));
            _directoryDirty = true;
        }

        PublishSegments();
        return deleted;
    }

    /// <summary>Takes a segment out of the log: its files get another name now and go later, so that what is
    /// read from them is not cut short.</summary>
    private void Retire(Segment segment, bool staysOpen = false)
    {
        if (staysOpen)
            segment.Hold();
        var due = NowMs + (long)Settings.FileDeleteDelay.TotalMilliseconds;
        foreach (var kind in SegmentFiles.SegmentKinds)
        {
            var path = segment.PathOf(kind);
            if (!_host.Disk.FileExists(path))
                continue;
            _host.Disk.Rename(path, path + SegmentFiles.Deleted);
            _deleted.Enqueue((due, path + SegmentFiles.Deleted));
        }

        _segments.Remove(segment);
        Forget(segment);
        if (staysOpen)
            _replaced.Enqueue((due, segment));
        else
            segment.Dispose();
    }

    /// <summary>When the first of the files that left the log are due to be removed, in ms; null while there are
    /// none.</summary>
    public long? NextRemovalMs => _deleted.TryPeek(out var next) ? next.DueMs : null;

    /// <summary>Removes the files whose delay has passed.</summary>
    /// <exception cref="IOException">The disk refused; they are still due.</exception>
    public void RemoveDueFiles()
    {
        while (_replaced.TryPeek(out var replaced) && replaced.DueMs <= NowMs)
            _replaced.Dequeue().Segment.Dispose();
        while (_deleted.TryPeek(out var next) && next.DueMs <= NowMs)
        {
            _host.Disk.DeleteFile(next.Path);
            _deleted.Dequeue();
        }
    }

    private void RebuildIndexes(Segment segment)
    {
        var end = EndOf(segment);
        segment.RebuildIndexes(Settings, end);
        if (ReferenceEquals(segment, Active))
            return;
        segment.EndAt(end);
        segment.Finish();
        segment.Retire();
        NeedFullSync(segment);
        _background = FlushAsync();
    }

    private void RebuildDistrusted()
    {
        foreach (var segment in _segments.ToArray())
        {
            if (!segment.Health.DistrustsIndexes || !segment.View.HasSoundHeaders())
                continue;
            Change(() => RebuildIndexes(segment));
            LogEvents.IndexesRebuilt(_logger, segment.Log.Path);
        }

        PublishSegments();
    }
}
