using System.Diagnostics;

namespace Barnabas.Base.Real;

/// <summary>A lane on the thread pool: it holds a pool thread only while it has work.</summary>
/// <remarks>
/// <para>Who raises <see cref="_pending"/> from 0 owns the lane until it has brought it back to 0, so pieces
/// never overlap.</para>
/// <para>Two short cuts save wake-ups of other threads. A completion of the network runs in place when its lane is
/// idle. And a piece that posts to an idle lane leaves that lane to its own thread, to be run as soon as the piece
/// ends: see <see cref="LaneThread"/>.</para>
/// </remarks>
#pragma warning disable RS0030 // The one place where lanes meet the thread pool.
internal sealed class PoolLane(string name) : Lane, IThreadPoolWorkItem
{
    private const int Quantum = 64;
    private static readonly long TurnTicks = Stopwatch.Frequency / 20_000;

    private PieceQueue _work = new();
    private int _pending;

    /// <summary>The lane behind this one in its thread's line; for the <see cref="LaneThread"/> alone.</summary>
    internal PoolLane? Following { get; set; }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        _work.Enqueue(d, state);
        if (Interlocked.Increment(ref _pending) == 1)
            RunLater();
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
        var thread = LaneThread.Current;
        if (thread.IsInLane || Interlocked.CompareExchange(ref _pending, 1, 0) != 0)
        {
            Post(callback, state);
            return;
        }

        var previous = Current;
        thread.EnterFromNetwork();
        SetSynchronizationContext(this);
        callback(state);
        if (Interlocked.Decrement(ref _pending) > 0)
            RunLater();
        thread.RunTaken();
        SetSynchronizationContext(previous);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var previous = Current;
        var thread = LaneThread.Current;
        thread.EnterFromPool();
        RunSome();
        thread.RunTaken();
        SetSynchronizationContext(previous);
    }

    /// <summary>Runs what waits, within bounds; the rest has its turn later, behind the lanes that its thread has taken
    /// over: large batches are written one by one as they come, not all that a client sends ahead.</summary>
    /// <remarks>A fault in a piece ends the process: nothing here may catch it, nor is there state to tidy up
    /// then.</remarks>
    internal void RunSome()
    {
        SetSynchronizationContext(this);
        var thread = LaneThread.Current;
        var begun = Stopwatch.GetTimestamp();
        var ran = 0;
        for (; ran < Quantum && !(thread.HasTaken && Stopwatch.GetTimestamp() - begun > TurnTicks); ran++)
        {
            if (!_work.TryDequeue(out var piece))
                break;
            piece.Callback(piece.State);
        }

        if (Interlocked.Add(ref _pending, -ran) > 0)
            RunLater();
    }

    private void RunLater()
    {
        if (!LaneThread.Current.TryTake(this))
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
#pragma warning restore RS0030
