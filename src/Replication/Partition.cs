using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>This node's copy of a partition: one writer, the lane, and any number of readers of its view.</summary>
/// <remarks>
/// Appends that wait together go to disk in one write (group commit). The high watermark follows what all in sync have;
/// of the log here its end counts, or, where the topic is durable by fsync, the flushed offset: a consumer never sees
/// what a power cut could take back, and an acks=all append is answered when the watermark has passed it.
/// </remarks>
public sealed partial class Partition
{
    private readonly Host _host;
    private readonly Lane _lane;
    private readonly List<BatchAppend> _waiting = [];
    private readonly Queue<BatchAppend> _unacknowledged = new();
    private Watchers? _watchers;
    private Watchers? _endWatchers;
    private readonly PartitionContext _context;
    private PartitionLog? _log;
    private PartitionView _view;
    private Task _abandoned = Task.CompletedTask;
    private ITimer? _flushTimer;
    private bool _drainPosted;
    private bool _flushing;

    internal Partition(PartitionContext context, PartitionLog? log, PartitionView view)
    {
        (_context, _host, _log) = (context, context.Host, log);
        _lane = _host.Lanes.NewLane(view.Name.ToString());
        _view = view with { FirstUnstable = FirstUnstable(view.HighWatermark) };
    }

    /// <summary>The partition as it stands; from any lane.</summary>
    public PartitionView View => Volatile.Read(ref _view);

    /// <summary>What clients do with its topic.</summary>
    public TopicTraffic Traffic => _context.Metrics.Topic;

    /// <summary>The directory of its files; null while it is offline.</summary>
    public string? Directory => _log?.Directory;

    /// <summary>Appends a batch; its order is fixed when this returns, which it does at once. From any lane.</summary>
    /// <param name="batch">One valid batch; offsets and epoch are written into it. It must live until the
    /// answer.</param>
    /// <param name="untilCommitted">True to be answered when the high watermark has passed the batch (acks=all), false
    /// when the log has it.</param>
    public Task<AppendAnswer> AppendAsync(Memory<byte> batch, bool untilCommitted) =>
        AppendAsync(new PendingBatch(batch, LeaderEpoch.None), untilCommitted);

    /// <summary>Appends a batch, with all that is known of it but the leader epoch, which is the partition's own. From
    /// any lane.</summary>
    /// <param name="batch">The batch; its bytes must live until the answer.</param>
    /// <param name="untilCommitted">True to be answered when the high watermark has passed the batch (acks=all), false
    /// when the log has it.</param>
    public Task<AppendAnswer> AppendAsync(in PendingBatch batch, bool untilCommitted)
    {
        var append = new AwaitedAppend();
        Append(append, batch, untilCommitted);
        return append.Task;
    }

    /// <summary>As <see cref="AppendAsync(in PendingBatch, bool)"/>, for one who is told and awaits nothing. From any
    /// lane.</summary>
    /// <param name="append">Who is told; under way nowhere else.</param>
    /// <param name="batch">The batch; its bytes must live until then.</param>
    /// <param name="untilCommitted">True for acks=all.</param>
    public void Append(BatchAppend append, in PendingBatch batch, bool untilCommitted)
    {
        append.Begin(this, batch, untilCommitted);
        _lane.Post(static append => ((BatchAppend)append!).Enqueue(), append);
    }

    /// <summary>Wakes <paramref name="watcher"/> when the high watermark is no longer <paramref name="seen"/>, or the
    /// partition changes hands. From any lane.</summary>
    public void Watch(Watcher watcher, PartitionView seen) => _lane.Post(() =>
    {
        if (_view.HighWatermark != seen.HighWatermark || HasChangedHands(seen))
            watcher.Wake();
        else
            (_watchers ??= new()).Add(watcher);
    });

    /// <summary>Wakes <paramref name="waiter"/>, a follower's, when the log no longer begins and ends
    /// where it was <paramref name="seen"/> to, or the partition changes hands. From any lane.</summary>
    public void WatchEnd(Waiter waiter, PartitionView seen) => _lane.Post(() =>
    {
        if (_view.Log?.End != seen.Log?.End || _view.Log?.LogStart != seen.Log?.LogStart || HasChangedHands(seen))
            waiter.Wake();
        else
            (_endWatchers ??= new()).Add(waiter);
    });

    private bool HasChangedHands(PartitionView seen) =>
        _view.Role != seen.Role || _view.LeaderEpoch != seen.LeaderEpoch || (_view.Log is null && seen.Log is not null);

    internal void Enqueue(BatchAppend append)
    {
        Traffic.Produces.Add();
        _waiting.Add(append);
        if (_drainPosted)
            return;
        _drainPosted = true;
        _lane.Post(static state => ((Partition)state!).Drain(), this);
    }

    private void Drain()
    {
        _drainPosted = false;
        // Once the log is replaced, what waits is drained.
        if (_replacing is not null)
            return;
        var refusal = _view.Role switch
        {
            PartitionRole.Leader => ErrorCode.None,
            PartitionRole.Offline => ErrorCode.KafkaStorageError,
            _ => ErrorCode.NotLeaderOrFollower,
        };
        using var work = AppendWork.Begin();
        foreach (var append in _waiting)
        {
            var error = refusal != ErrorCode.None ? refusal : CheckInSync(append);
            if (error == ErrorCode.None)
                work.Add(append, _view.LeaderEpoch);
            else
                append.Refuse(error);
        }

        _waiting.Clear();
        if (work.Appends.Count > 0)
            Write(work);
    }

    private ErrorCode CheckInSync(BatchAppend append) =>
        append.UntilCommitted && IsUnderMinIsr ? ErrorCode.NotEnoughReplicas : ErrorCode.None;

    private void Write(AppendWork work)
    {
        var log = _log!;
        _leading?.Appends(log.View.End, Now);
        try
        {
            log.Append(work.Batches, work.Results);
        }
        catch (IOException fault)
        {
            foreach (var append in work.Appends)
                append.Refuse(ErrorCode.KafkaStorageError);
            if (fault is DiskFullException && !log.Failed)
                GoOn();
            else
                Fail(fault);
            return;
        }

        var results = work.Results;
        for (var i = 0; i < results.Length; i++)
            work.Appends[i].Take(results[i]);
        var committed = Committed() ?? Offset.None;
        var moves = committed > _view.HighWatermark;
        if (moves)
            MoveWatermark(committed);
        else
            Publish();
        _endWatchers?.WakeAll();
        foreach (var append in work.Appends)
        {
            if (append.UntilCommitted && append.Result.Error == ErrorCode.None && !AnswersEarly(append.Result))
                _unacknowledged.Enqueue(append);
            else
                append.Complete(_view.Log!.LogStart);
        }

        Commit();
        // A duplicate lies below the watermark already, and nothing may come to move that.
        Acknowledge();
        if (moves)
            _watchers?.WakeAll();
    }

    private bool AnswersEarly(in AppendResult result) => _host.Has(PlantedBug.AnsweredBeforeSync)
        || (result.IsDuplicate && _host.Has(PlantedBug.DuplicateAnsweredEarly));

    // The disk is full and the log took the write back; what it wrote before that stands, though nobody was told of
    // it. Any other refusal is not to be trusted again.
    private void GoOn()
    {
        Publish();
        Commit();
    }

    /// <summary>Moves the high watermark, at once or after a flush.</summary>
    private void Commit()
    {
        if (_view.SyncsFirst || _log?.FlushDue == true)
            Flush();
        else
            ArmFlush();
        Advance();
    }

    private long Now => _host.Time.GetTimestamp();

    // flush.ms counts from the first append that is not on disk yet.
    private void ArmFlush()
    {
        if (_flushTimer is not null || _view.Config.FlushInterval is not { } interval)
            return;
        _flushTimer = _host.Time.CreateTimer(
            static p => ((Partition)p!).FlushIfDue(), this, interval.ForTimer(), Timeout.InfiniteTimeSpan);
    }

    private void FlushIfDue() => _lane.Post(() =>
    {
        _flushTimer?.Dispose();
        _flushTimer = null;
        Flush();
    });

    private async void Flush()
    {
        if (_flushing)
            return;
        _flushing = true;
        try
        {
            while (_log is { } log && log.View.FlushedOffset < log.View.End)
            {
                var begun = _host.Time.GetTimestamp();
                await log.FlushAsync();
                _context.Metrics.Flushes.Record((long)_host.Time.GetElapsedTime(begun).TotalMicroseconds);
                Publish();
                Advance();
            }
        }
        catch (IOException fault)
        {
            Fail(fault);
        }
        finally
        {
            _flushing = false;
        }
    }

    private void Acknowledge()
    {
        while (_unacknowledged.TryPeek(out var append) && append.Result.LastOffset < _view.HighWatermark)
            _unacknowledged.Dequeue().Complete(_view.Log!.LogStart);
    }

    private void Publish() => Volatile.Write(
        ref _view, _view with { Log = _log?.View, FirstUnstable = FirstUnstable(_view.HighWatermark) });

    private Offset? FirstUnstable(Offset highWatermark)
    {
        if (_host.Has(PlantedBug.StableBeforeMarker))
            return _log?.View.FirstOpenTransaction;
        var unstable = _log?.FirstUnstable(highWatermark);
        return _host.Has(PlantedBug.StableOffByOne) ? unstable + 1 : unstable;
    }

    private void WakeAll()
    {
        _watchers?.WakeAll();
        _endWatchers?.WakeAll();
        _lowWatchers?.WakeAll();
    }
}
