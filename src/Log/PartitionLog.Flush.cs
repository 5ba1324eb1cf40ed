using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    private Offset _flushed;
    private Offset _flushCeiling;
    private bool _flushing;
    private bool _directoryDirty;
    private readonly List<EndedSegment> _ended = [];
    private long _unflushedRecords;
    private long _lastFlushMs;
    private TaskCompletionSource<Offset>? _nextFlush;

    /// <summary>True when <c>flush.messages</c> or <c>flush.ms</c> asks for a flush now.</summary>
    public bool FlushDue => !Failed && _unflushedRecords > 0
        && (_unflushedRecords >= Settings.FlushMessages
            || NowMs - _lastFlushMs >= Settings.FlushInterval?.TotalMilliseconds);

    /// <summary>Where a recovery would have to begin: what the checkpoint may say. Below it all files are synced, the
    /// indexes and producer snapshots of ended segments included.</summary>
    public Offset RecoveryPoint => _host.Has(PlantedBug.RecoveryPointAhead) ? _end : _ended.Count == 0
        ? _flushed
        : Offset.Min(_flushed, _ended.Min(static ended => ended.Segment.BaseOffset));

    private bool HasUnsynced => _flushed < _end || _directoryDirty || _snapshots.HasUnsynced || _ended.Count > 0;

    /// <summary>Makes all that was appended before the call durable; calls made meanwhile share the next
    /// sync.</summary>
    /// <returns>The offset below which all is on disk, at least the end at the call. Fails with an
    /// <see cref="IOException"/>, and the log with it, when a sync fails; a sync is never tried again.</returns>
    public Task<Offset> FlushAsync()
    {
        if (_failure is { } why)
            return Task.FromException<Offset>(new IOException($"the log of {Partition} cannot be used: {why}"));
        if (_flushing)
            return (_nextFlush ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        return HasUnsynced ? RunFlushAsync() : Task.FromResult(_flushed);
    }

    private async Task<Offset> RunFlushAsync()
    {
        FlushWork work;
        _flushing = true;
        try
        {
            do
                work = await SyncAsync();
            while (work.WasOvertaken && !Failed);
        }
        catch (IOException fault)
        {
            _flushing = false;
            Fail(fault);
            _nextFlush?.SetException(fault);
            _nextFlush = null;
            throw;
        }

        _flushing = false;
        if (!work.WasOvertaken)
            Flushed(work);
        if (_nextFlush is { } next)
        {
            _nextFlush = null;
            PassOn(FlushAsync(), next);
        }

        return _flushed;
    }

    private async Task<FlushWork> SyncAsync()
    {
        var work = TakeFlushWork();
        _flushCeiling = work.UpTo;
        try
        {
            await _host.Lanes.RunBlockingAsync(work.Run);
        }
        finally
        {
            work.Release();
        }

        return work;
    }

    private FlushWork TakeFlushWork()
    {
        var work = new FlushWork(_host, _directory, _end);
        work.Take(_snapshots);
        foreach (var ended in _ended)
            work.TakeEnded(ended);
        for (var i = _segments.Count - 1; i >= 0 && _segments[i].End > _flushed; i--)
            work.Take(_segments[i]);
        _unproven.RemoveAll(stretch => !_segments.Contains(stretch.Segment));
        work.Take(_unproven.Select(static stretch => stretch.Bounded()));
        // Epochs of records are found again in the batches above the recovery point: only what ends needs the file.
        if (_ended.Count > 0)
            work.TakeEpochs(_epochFile, _epochs, _epochVersion);

        work.SyncsDirectory = _directoryDirty && !_host.Has(PlantedBug.DirectoryNotSynced);
        _directoryDirty = false;
        _unflushedRecords = 0;
        return work;
    }

    private void NeedFullSync(Segment segment)
    {
        Forget(segment);
        _ended.Add(new(segment));
    }

    /// <summary>The segment has not ended, or is gone.</summary>
    private void Forget(Segment segment) => _ended.RemoveAll(ended => ended.Segment == segment);

    private void Flushed(FlushWork work)
    {
        foreach (var ended in work.Ended)
            _ended.Remove(ended);
        foreach (var proved in work.Unproven)
            _unproven.RemoveAll(stretch => stretch.Segment == proved.Segment);
        // What was cut off while the sync ran, and perhaps written anew, is not known to be on disk.
        _flushed = Offset.Max(_flushed, Offset.Min(_flushCeiling, _end));
        _lastFlushMs = NowMs;
        if (!Failed)
            Publish();
    }

    private static async void PassOn(Task<Offset> flush, TaskCompletionSource<Offset> to)
    {
        try
        {
            to.SetResult(await flush);
        }
        catch (IOException fault)
        {
            to.SetException(fault);
        }
    }
}
