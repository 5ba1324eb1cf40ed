using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Barnabas.Base;

namespace Barnabas.Server;

/// <summary>The memory of all requests that are being received or served, and its limit.</summary>
/// <remarks>
/// <para>At the limit connections wait, first come first served, before they receive more, and so press back on
/// their peers. An eighth of the memory is kept for requests that are there as a whole when they ask, small ones: a
/// few clients that send large requests slowly must not stop all others.</para>
/// <para>One frame at a time may go beyond the limit, or half-received frames could fill it and none ever be
/// completed. So no more is taken than the limit and one frame of the largest size. Safe from any lane.</para>
/// </remarks>
internal sealed class RequestMemory
{
    private const int SmallestRoom = 16;
    private const int Shares = 8;
    private readonly Lane _lane;
    private readonly bool _poison;
    private readonly Line _whole;
    private readonly Line _parts;
    private RequestFrame? _overdrawn;
    private long _used;

    /// <param name="host">Whence the lane that waits.</param>
    /// <param name="limit">The limit in bytes.</param>
    /// <param name="poison">True to overwrite what is given back, so that tests see who still looks at
    /// it.</param>
    internal RequestMemory(Host host, long limit, bool poison)
    {
        _lane = host.Lanes.NewLane("request memory");
        (_whole, _parts) = (new Line(limit), new Line(limit - (limit / Shares)));
        _poison = poison;
    }

    /// <summary>The bytes taken now.</summary>
    internal long Used => Interlocked.Read(ref _used);

    /// <summary>True while somebody waits for memory.</summary>
    internal bool IsShort => _whole.IsWaiting || _parts.IsWaiting;

    /// <summary>A frame with room for at least <paramref name="size"/> bytes, waiting while the memory is
    /// used up.</summary>
    /// <param name="size">The bytes.</param>
    /// <param name="isWhole">True when all of the request has arrived: it may take from what is kept for
    /// such.</param>
    internal ValueTask<RequestFrame> RentAsync(int size, bool isWhole)
    {
        var frame = new RequestFrame(this);
        var line = isWhole ? _whole : _parts;
        if (!TryTake(line, Rounded(size)))
            return RentLaterAsync(line, frame, size);
        frame.Move(ArrayPool<byte>.Shared.Rent(size));
        return new(frame);
    }

    /// <summary>Moves a frame's bytes to room for at least <paramref name="size"/>, waiting as
    /// above.</summary>
    internal async ValueTask GrowAsync(RequestFrame frame, int size)
    {
        if (frame.Overdrawn)
            Interlocked.Add(ref _used, Rounded(size));
        else if (!TryTake(_parts, Rounded(size)))
            await _lane.RunAsync(() => ParkAsync(_parts, frame, Rounded(size)));
        GiveBack(frame.Move(ArrayPool<byte>.Shared.Rent(size)));
    }

    /// <summary>The frame has no holder left.</summary>
    internal void Return(RequestFrame frame, byte[] bytes)
    {
        if (frame.Overdrawn)
            _lane.Post(ClearOverdraft);
        GiveBack(bytes);
    }

    // The pool's arrays come in powers of two.
    private static int Rounded(int size) =>
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, SmallestRoom));

    private void GiveBack(byte[] bytes)
    {
        if (_poison)
            bytes.AsSpan().Fill(0xdd);
        ArrayPool<byte>.Shared.Return(bytes);
        Interlocked.Add(ref _used, -bytes.Length);
        if (IsShort)
            _lane.Post(Grant);
    }

    private bool TryTake(Line line, int bytes)
    {
        if (line.IsWaiting)
            return false;
        if (Interlocked.Add(ref _used, bytes) <= line.Limit)
            return true;
        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    private async ValueTask<RequestFrame> RentLaterAsync(Line line, RequestFrame frame, int size)
    {
        await _lane.RunAsync(() => ParkAsync(line, frame, Rounded(size)));
        frame.Move(ArrayPool<byte>.Shared.Rent(size));
        return frame;
    }

    // The count goes up before the memory is looked at, and comes down in GiveBack before the count is: so
    // either the memory that was freed is seen here, or the waiter is seen there.
    private Task ParkAsync(Line line, RequestFrame frame, int bytes)
    {
        var granted = line.Join(frame, bytes);
        Grant();
        return granted;
    }

    private void Grant()
    {
        Grant(_whole);
        Grant(_parts);
    }

    private void Grant(Line line)
    {
        while (line.TryPeek(out var frame, out var bytes))
        {
            if (Interlocked.Add(ref _used, bytes) > line.Limit && !MayOverdraw(frame))
            {
                Interlocked.Add(ref _used, -bytes);
                return;
            }

            line.Serve();
        }
    }

    private bool MayOverdraw(RequestFrame frame)
    {
        if (_overdrawn is not null)
            return false;
        _overdrawn = frame;
        return frame.Overdrawn = true;
    }

    private void ClearOverdraft()
    {
        _overdrawn = null;
        Grant();
    }

    /// <summary>Those who wait, and how much may be taken before they do. Owned by the lane, but for what it
    /// shows.</summary>
    private sealed class Line(long limit)
    {
        private readonly Queue<(RequestFrame Frame, int Bytes, TaskCompletionSource Granted)> _waiters = new();
        private int _count;

        internal long Limit => limit;

        internal bool IsWaiting => Volatile.Read(ref _count) > 0;

        internal Task Join(RequestFrame frame, int bytes)
        {
            Interlocked.Increment(ref _count);
            var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Enqueue((frame, bytes, granted));
            return granted.Task;
        }

        internal bool TryPeek([NotNullWhen(true)] out RequestFrame? frame, out int bytes)
        {
            var waits = _waiters.TryPeek(out var first);
            (frame, bytes) = (first.Frame, first.Bytes);
            return waits;
        }

        internal void Serve()
        {
            Interlocked.Decrement(ref _count);
            _waiters.Dequeue().Granted.SetResult();
        }
    }
}
