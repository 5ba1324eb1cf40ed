using System.Collections.Concurrent;

namespace Barnabas.Base.Real;

/// <summary>A lane on the thread pool: it holds a pool thread only while it has work.</summary>
/// <remarks>
/// <para>Who raises <see cref="_pending"/> from 0 owns the lane until it has brought it back to 0, so pieces
/// never overlap.</para>
/// <para>Two short cuts save wake-ups of other threads. A piece that posts to an idle lane leaves that lane
/// to its own thread, to be run as soon as the piece ends (one lane at a time; the others go to the pool).
/// And a completion of the network runs in place when its lane is idle; such a thread serves all sockets, so
/// whatever it posts goes to the pool.</para>
/// </remarks>
#pragma warning disable RS0030 // The one place where lanes meet the thread pool.
internal sealed class PoolLane(string name) : Lane, IThreadPoolWorkItem
{
    private const int Quantum = 64;
    private const int MaxHandOvers = 16;

    [ThreadStatic]
    private static Hand _hand;

    [ThreadStatic]
    private static PoolLane? _next;

    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _work = new();
    private int _pending;

    private enum Hand
    {
        /// <summary>The thread runs no lane.</summary>
        Free,

        /// <summary>The thread runs a lane, and cannot take another one over.</summary>
        Busy,

        /// <summary>The thread runs a lane, and can take another one over.</summary>
        Open,
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        _work.Enqueue((d, state));
        if (Interlocked.Increment(ref _pending) != 1)
            return;
        if (_hand == Hand.Open && _next is null)
            _next = this;
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("lanes never block");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <inheritdoc/>
    public override string ToString() => name;

    /// <summary>Runs the callback at once when the lane is idle and the thread in no other; else posts
    /// it.</summary>
    internal void Complete(SendOrPostCallback callback, object? state)
    {
        if (_hand != Hand.Free || Interlocked.CompareExchange(ref _pending, 1, 0) != 0)
        {
            Post(callback, state);
            return;
        }

        var previous = Current;
        SetSynchronizationContext(this);
        _hand = Hand.Busy;
        callback(state);
        _hand = Hand.Free;
        SetSynchronizationContext(previous);
        if (Interlocked.Decrement(ref _pending) > 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var previous = Current;
        var lane = this;
        for (var left = MaxHandOvers; lane is not null; left--)
        {
            _hand = left > 0 ? Hand.Open : Hand.Busy;
            lane.RunSome();
            (lane, _next) = (_next, null);
        }

        _hand = Hand.Free;
        SetSynchronizationContext(previous);
    }

    // A fault in a piece ends the process: nothing here may catch it, nor is there state to tidy up then.
    private void RunSome()
    {
        SetSynchronizationContext(this);
        var ran = 0;
        for (; ran < Quantum && _next is null && _work.TryDequeue(out var piece); ran++)
            piece.Callback(piece.State);
        if (Interlocked.Add(ref _pending, -ran) > 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
#pragma warning restore RS0030
