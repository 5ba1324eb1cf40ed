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
    private readonly List<Append> _waiting = [];
    private readonly Queue<Append> _unacknowledged = new();
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
    public Task<AppendAnswer> AppendAsync(PendingBatch batch, bool untilCommitted)
    {
        var append = new Append(this, batch, untilCommitted);
        _lane.Post(static state => ((Append)state!).Enqueue(), append);
        return append.Task;
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

    private void Enqueue(Append append)
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
        var taken = new List<PendingBatch>(_waiting.Count);
        var takers = new List<Append>(_waiting.Count);
        foreach (var append in _waiting)
        {
            var error = refusal != ErrorCode.None ? refusal : CheckInSync(append);
            if (error != ErrorCode.None)
            {
                append.Refuse(error);
                continue;
            }

            taken.Add(append.Batch with { Epoch = _view.LeaderEpoch });
            takers.Add(append);
        }

        _waiting.Clear();
        if (taken.Count > 0)
            Write(taken, takers);
    }

    private ErrorCode CheckInSync(Append append) =>
        append.UntilCommitted && IsUnderMinIsr ? ErrorCode.NotEnoughReplicas : ErrorCode.None;

    private void Write(List<PendingBatch> batches, List<Append> appends)
    {
        var log = _log!;
        _leading?.Appends(log.View.End, Now);
        AppendResult[] results;
        try
        {
            results = log.Append(batches);
        }
        catch (IOException fault)
        {
            foreach (var append in appends)
                append.Refuse(ErrorCode.KafkaStorageError);
            if (fault is DiskFullException && !log.Failed)
                GoOn();
            else
                Fail(fault);
            return;
        }

        for (var i = 0; i < appends.Count; i++)
            appends[i].Take(results[i]);
        Publish();
        _endWatchers?.WakeAll();
        foreach (var append in appends)
        {
            if (append.UntilCommitted && append.Result.Error == ErrorCode.None && !AnswersEarly(append.Result))
                _unacknowledged.Enqueue(append);
            else
                append.Complete(_view.Log!.LogStart);
        }

        Commit();
        // A duplicate lies below the watermark already, and nothing may come to move that.
        Acknowledge();
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

    /// <summary>An append on its way.</summary>
    /// <remarks>Plain: who awaits it is on a lane of its own and goes on there, and what combines such tasks stays off
    /// the thread pool.</remarks>
    private sealed class Append(Partition partition, in PendingBatch batch, bool untilCommitted)
        : TaskCompletionSource<AppendAnswer>
    {
        public PendingBatch Batch { get; } = batch;

        public bool UntilCommitted { get; } = untilCommitted;

        public AppendResult Result { get; private set; }

        public void Enqueue() => partition.Enqueue(this);

        public void Take(AppendResult result)
        {
            Result = result;
            if (result.Error != ErrorCode.None)
                partition.Traffic.Refused(result.Error);
            else if (!result.IsDuplicate)
                partition.Traffic.Appended(Batch.Bytes.Length, result.LastOffset.Value - result.BaseOffset.Value + 1);
        }

        public void Refuse(ErrorCode error)
        {
            partition.Traffic.Refused(error);
            SetResult(AppendAnswer.Refused(error));
        }

        public void Complete(Offset logStart) => SetResult(
            new AppendAnswer(Result.Error, Result.BaseOffset, Result.MaxTimestamp, logStart));
    }
}
