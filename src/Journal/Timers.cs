using Barnabas.Base;

namespace Barnabas.Journal;

/// <summary>The timers of a shard: one timer of the host carries them all.</summary>
/// <remarks>To set one that is set already to a later time, as every heartbeat does, costs one look-up: it stays queued
/// where it is and moves when its old time comes. Owned by one lane.</remarks>
/// <param name="host">The clock.</param>
/// <param name="lane">The lane on which it rings.</param>
/// <param name="ring">Called on the lane when a timer rings; that timer is no longer set then.</param>
internal sealed class Timers(Host host, Lane lane, Action<TimerKey> ring)
{
    private readonly TimeProvider _time = host.Time;
    private readonly Dictionary<TimerKey, Entry> _set = [];
    private readonly PriorityQueue<Entry, long> _queue = new();
    private ITimer? _next;
    private long _nextDue = long.MaxValue;

    /// <summary>How many are set.</summary>
    public int Count => _set.Count;

    /// <summary>Sets a timer, or sets it anew.</summary>
    public void Set(TimerKey key, TimeSpan after)
    {
        var due = _time.GetTimestamp() + (long)Math.Round(after.TotalSeconds * _time.TimestampFrequency);
        if (_set.TryGetValue(key, out var entry))
        {
            if (!host.Has(PlantedBug.HeartbeatForgotten))
                entry.Due = due;
            if (due >= entry.QueuedAt)
                return;
        }

        entry = new Entry(key) { Due = due, QueuedAt = due };
        _set[key] = entry;
        _queue.Enqueue(entry, due);
        Arm();
    }

    /// <summary>Sets a timer that is not set.</summary>
    public void Start(TimerKey key, TimeSpan after)
    {
        if (!_set.ContainsKey(key))
            Set(key, after);
    }

    /// <summary>Stops a timer.</summary>
    public void Stop(TimerKey key) => _set.Remove(key);

    /// <summary>Stops all of them.</summary>
    public void Clear()
    {
        _set.Clear();
        _queue.Clear();
        _next?.Dispose();
        _nextDue = long.MaxValue;
    }

    private void Arm()
    {
        if (!_queue.TryPeek(out _, out var due) || due >= _nextDue)
            return;
        _nextDue = due;
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);
        _next?.Dispose();
        _next = _time.CreateTimer(
            static timers => ((Timers)timers!).Wake(), this,
            (wait > TimeSpan.Zero ? wait : TimeSpan.Zero).ForTimer(), Timeout.InfiniteTimeSpan);
    }

    private void Wake() => lane.Post(static timers => ((Timers)timers!).RingDue(), this);

    private void RingDue()
    {
        _nextDue = long.MaxValue;
        var now = _time.GetTimestamp();
        while (_queue.TryPeek(out var entry, out var queuedAt) && queuedAt <= now)
        {
            _queue.Dequeue();
            // Stopped, or replaced by an earlier one.
            if (_set.GetValueOrDefault(entry.Key) != entry)
                continue;
            if (entry.Due > now)
            {
                entry.QueuedAt = entry.Due;
                _queue.Enqueue(entry, entry.Due);
                continue;
            }

            _set.Remove(entry.Key);
            ring(entry.Key);
        }

        Arm();
    }

    private sealed class Entry(TimerKey key)
    {
        public TimerKey Key { get; } = key;

        /// <summary>When it rings, as a timestamp of the clock.</summary>
        public long Due { get; set; }

        /// <summary>When it is looked at: no later than it rings.</summary>
        public long QueuedAt { get; set; }
    }
}
