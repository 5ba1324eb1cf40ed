using Barnabas.Base;
using Barnabas.Rpc;

namespace Barnabas.Client;

/// <summary>Drains the partitions' queues to their leaders, and sees to retries, deadlines and order.</summary>
/// <remarks>Owned by the client's lane, but for <see cref="Wake"/>.</remarks>
internal sealed class Sender : IAsyncDisposable
{
    /// <summary>The last so many batches of a producer are known again by a partition (KAFKA-5494).</summary>
    private const int MostUnderWay = 5;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly ClientCore _core;
    private readonly ProducerOptions _options;
    private readonly Accumulator _accumulator;
    private readonly ProducerIdentity _identity;
    private readonly TransactionGate? _gate;
    private readonly BatchOutcomes _outcomes;
    private readonly LaneSignal _ran;
    private readonly int _use;
    private readonly List<PartitionQueue> _active = [];
    private readonly Dictionary<BrokerId, LeaderState> _leaders = [];
    private readonly List<(TaskCompletionSource<bool> Room, long Bytes, Deadline Until)> _waiting = [];
    private readonly Alarm _alarm;
    private readonly TimeSpan _expiryPrecision;
    private long _nextExpiry;
    private int _woken;
    private int _flushing;
    private int _emptying;
    private bool _disposed;

    public Sender(ClientCore core, ProducerOptions options)
    {
        (_core, _options) = (core, options);
        _accumulator = new Accumulator(core, options, Wake);
        _identity = new ProducerIdentity(core, options, Wake);
        _gate = options.TransactionalId is null ? null : new TransactionGate(core, options, _identity, Wake);
        _outcomes = new BatchOutcomes(core, options, _accumulator, _identity) { Gate = _gate };
        _ran = new LaneSignal(core.Host, core.Lane);
        _use = core.Connections.NewUse();
        _expiryPrecision = Min(options.DeliveryTimeout / 10, TimeSpan.FromSeconds(1));
        core.Metadata.Refreshed += Wake;
        _alarm = new Alarm(core.Host.Time, core.Lane, Run);
    }

    /// <summary>Where records are appended.</summary>
    public Accumulator Accumulator => _accumulator;

    /// <summary>The producer's id and epoch.</summary>
    public ProducerIdentity Identity => _identity;

    /// <summary>What may be sent in transactions; null for a producer without them.</summary>
    public TransactionGate? Gate => _gate;

    /// <summary>Why nothing can be sent any more; null as long as that is not so. Any thread.</summary>
    public KafkaException? Fatal => _identity.Fatal;

    /// <summary>Has the sender look for work soon. Any thread.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0)
            _core.Lane.Post(static me => ((Sender)me!).Run(), this);
    }

    /// <summary>Completes when so many bytes may be appended, and a batch.</summary>
    /// <exception cref="KafkaException">There was no room in time.</exception>
    public async Task RoomAsync(long bytes, Deadline deadline)
    {
        if (Room(bytes))
            return;
        var room = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add((room, bytes, deadline));
        Wake();
        if (!await room.Task)
        {
            throw new KafkaException(
                ErrorCode.RequestTimedOut, $"no buffer space within {_options.MaxBlock.TotalSeconds:0.#} s");
        }
    }

    /// <summary>Sends everything appended so far, and completes when its fate is known.</summary>
    /// <exception cref="KafkaException">A record that nobody waits for could not be delivered.</exception>
    public async Task FlushAsync()
    {
        _flushing++;
        try
        {
            Activate();
            var open = new List<Task<BatchFate>>();
            foreach (var queue in _active)
            {
                lock (queue.Gate)
                {
                    _accumulator.Close(queue);
                    open.AddRange(queue.Unsettled().Select(b => b.Fate.Known));
                }
            }

            Wake();
            foreach (var fate in open)
                await fate;
        }
        finally
        {
            _flushing--;
        }

        if (_outcomes.TakeFailure() is { } failure)
            throw failure;
    }

    /// <summary>Completes when nothing waits and nothing is under way any more. For what has come to its end: it is not
    /// flushed by this.</summary>
    public async Task EmptyAsync()
    {
        _emptying++;
        Wake();
        do
            await _ran.WaitAsync(_options.RequestTimeout);
        while (_active.Count > 0 && !_disposed);
        _emptying--;
        _outcomes.TakeFailure();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        _core.Metadata.Refreshed -= Wake;
        await _alarm.DisposeAsync();
        await _core.Connections.CloseAsync(_use);
    }

    private void Run()
    {
        Volatile.Write(ref _woken, 0);
        if (_disposed)
            return;
        Activate();
        var now = _core.Host.Time.GetTimestamp();
        Expire(now);
        Retire();
        if (_active.Count > 0 && _identity.IsReady() && _gate is null or { IsOpen: true })
            Drain(now);
        AdmitWaiting();
        Arm(now);
        if (_emptying > 0)
            _ran.Set();
    }

    /// <summary>Looks for what is overdue, not more often than it may be late.</summary>
    private void Expire(long now)
    {
        if (now < _nextExpiry && Fatal is null && _gate?.Failure is null)
            return;
        _nextExpiry = Deadline.In(_core.Host.Time, _expiryPrecision).At;
        foreach (var queue in _active)
            _outcomes.Expire(queue, now);
    }

    private void Activate() => _active.AddRange(_accumulator.TakeActivated());

    private void Retire()
    {
        for (var i = _active.Count - 1; i >= 0; i--)
        {
            var queue = _active[i];
            lock (queue.Gate)
            {
                if (!queue.IsEmpty)
                    continue;
                queue.IsActive = false;
            }

            _active[i] = _active[^1];
            _active.RemoveAt(_active.Count - 1);
        }
    }

    private void Drain(long now)
    {
        var ready = new Dictionary<BrokerId, List<PartitionQueue>>();
        foreach (var queue in _active)
        {
            if (_gate is null)
                _outcomes.RaiseEpochIfIdle(queue);
            if (!_identity.IsReady() || !IsReady(queue, now))
                continue;
            var leader = _core.Metadata.View.Partition(queue.Partition)?.Leader ?? BrokerId.None;
            if (leader == BrokerId.None || _core.Metadata.View.Broker(leader) is null)
            {
                _core.Metadata.Doubt();
                continue;
            }

            if (!ready.TryGetValue(leader, out var queues))
                ready[leader] = queues = [];
            if (_gate?.Admits(queue.Partition) != false)
                queues.Add(queue);
        }

        _gate?.AddWanted();
        foreach (var (leader, queues) in ready)
            DrainTo(leader, queues, now);
    }

    /// <summary>True when the queue has something that may be sent now.</summary>
    private bool IsReady(PartitionQueue queue, long now)
    {
        if (_identity.IsUsed && queue.InFlight.Count >= (queue.Sequences.IsAcknowledged ? MostUnderWay : 1))
            return false;
        if (queue.Sequences.IsBroken && (queue.InFlight.Count > 0 || !queue.IsFirstRetryInDoubt))
            return false;
        if (queue.Retries.Count > 0)
            return queue.Retries[0].NotBefore <= now && !HasEarlierInFlight(queue, queue.Retries[0]);
        lock (queue.Gate)
        {
            var isPressed = _flushing > 0 || _waiting.Count > 0;
            if (queue.FirstFull is null && queue.Open is { } open && (isPressed || Waited(open, now)))
                _accumulator.Close(queue);
            return queue.FirstFull is { IsSealable: true };
        }
    }

    private bool HasEarlierInFlight(PartitionQueue queue, ProducerBatch batch) =>
        _identity.IsUsed && queue.InFlight.Exists(b => SequenceState.Precedes(b.BaseSequence, batch.BaseSequence));

    private bool Waited(ProducerBatch batch, long now) =>
        _options.Linger <= TimeSpan.Zero || _core.Host.Time.GetElapsedTime(batch.Created, now) >= _options.Linger;

    private void DrainTo(BrokerId leader, List<PartitionQueue> queues, long now)
    {
        if (!_leaders.TryGetValue(leader, out var state))
            _leaders[leader] = state = new LeaderState();
        var address = _core.Metadata.View.Broker(leader)!;
        if (_core.Connections.Standing(address, _use) is not { } peer)
        {
            if (state.Connecting is null or { IsCompleted: true })
                state.Connecting = _core.Guard(ConnectAsync(address));
            return;
        }

        // Who was served last comes last the next time.
        queues.Sort((a, b) => a.LastDrained.CompareTo(b.LastDrained));
        while (state.InFlight < _options.MaxInFlight && Collect(queues, now) is { Count: > 0 } taken)
        {
            state.InFlight++;
            _ = SendAsync(peer, state, taken);
        }
    }

    private async Task ConnectAsync(BrokerAddress address)
    {
        try
        {
            await _core.Connections.GetAsync(address, _use);
        }
        catch (IOException)
        {
            _core.Metadata.Doubt();
        }

        Wake();
    }

    /// <summary>One batch a partition, as many as a request holds.</summary>
    private List<(PartitionQueue Queue, ProducerBatch Batch)> Collect(List<PartitionQueue> queues, long now)
    {
        var taken = new List<(PartitionQueue, ProducerBatch)>();
        var size = 0L;
        foreach (var queue in queues)
        {
            if (!IsReady(queue, now))
                continue;
            var batch = queue.Retries.Count > 0 ? queue.Retries[0] : First(queue);
            if (taken.Count > 0 && size + batch.Size > _options.MaxRequestSize)
                continue;
            if (queue.Retries.Count > 0)
                queue.Retries.RemoveAt(0);
            else
                Take(queue, batch);
            size += batch.Size;
            batch.Attempts++;
            queue.InFlight.Add(batch);
            queue.LastDrained = now;
            taken.Add((queue, batch));
        }

        return taken;
    }

    private static ProducerBatch First(PartitionQueue queue)
    {
        lock (queue.Gate)
            return queue.FirstFull!;
    }

    private void Take(PartitionQueue queue, ProducerBatch batch)
    {
        lock (queue.Gate)
            queue.TakeFull();
        if (_identity.IsUsed)
        {
            if (_gate is null)
                queue.Sequences.Begin(_identity.Id, _identity.Epoch);
            else
                queue.Sequences.Follow(_identity.Id, _identity.Epoch);
            batch.Seal(queue.Sequences.Id, queue.Sequences.Epoch, queue.Sequences.Take(batch.Count));
        }
        else
        {
            batch.Seal(ProducerId.None, -1, -1);
        }
    }

    private async Task SendAsync(Peer peer, LeaderState state, List<(PartitionQueue Queue, ProducerBatch Batch)> taken)
    {
        var request = ProduceCall.Request(_core.Metadata.View, _options, taken);
        _gate?.Start();
        try
        {
            if (!ProduceCall.TryChoose(peer, request, _options, _gate?.IsImplicit, out var version))
            {
                _outcomes.Failed(taken, ErrorCode.UnsupportedVersion, $"{peer.Remote} serves no Produce that will do");
            }
            else if (_options.Acks == Acks.None)
            {
                await peer.SendOneWayAsync(request, version, _options.RequestTimeout);
                _outcomes.Sent(taken);
            }
            else
            {
                var answer = await peer.SendAsync(request, version, _options.RequestTimeout);
                _outcomes.Answered(taken, request, answer);
            }
        }
        catch (PeerLostException fault)
        {
            _outcomes.Lost(taken, fault);
        }

        state.InFlight--;
        Wake();
    }

    private void AdmitWaiting()
    {
        // First come, first served: a large record is not starved by small ones behind it.
        while (_waiting.Count > 0 && (Room(_waiting[0].Bytes) || _waiting[0].Until.IsOver))
        {
            _waiting[0].Room.TrySetResult(Room(_waiting[0].Bytes));
            _waiting.RemoveAt(0);
        }
    }

    // For a batch, as Java's client has it: who is let in for a record would be back at once.
    private bool Room(long bytes) => _accumulator.Buffered == 0
        || _accumulator.Buffered + Math.Max(bytes, _options.BatchSize) <= _options.BufferMemory;

    /// <summary>Wakes when the next batch has waited long enough, and in time for those that take too long.</summary>
    private void Arm(long now)
    {
        if (_active.Count == 0)
            return;
        var next = _expiryPrecision;
        foreach (var queue in _active)
            next = Min(next, NextEvent(queue, now));
        _alarm.Set(now, next > Shortest ? next : Shortest);
    }

    /// <summary>How long until a linger or a pause is over; what is over already waits for another event.</summary>
    private TimeSpan NextEvent(PartitionQueue queue, long now)
    {
        var next = TimeSpan.MaxValue;
        lock (queue.Gate)
        {
            if (queue.Open is { } open && !Waited(open, now))
                next = _options.Linger - _core.Host.Time.GetElapsedTime(open.Created, now);
        }

        return queue.Retries.Count > 0 && queue.Retries[0].NotBefore > now
            ? Min(next, _core.Host.Time.GetElapsedTime(now, queue.Retries[0].NotBefore))
            : next;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed class LeaderState
    {
        public int InFlight;
        public Task? Connecting;
    }
}
