using System.Buffers;
using System.Numerics;
using Barnabas.Base;

namespace Barnabas.Server;

/// <summary>The memory of all requests that are being received or served, and its limit.</summary>
/// <remarks>
/// At the limit connections wait, first come first served, before they receive more, and so press back on
/// their peers. One frame at a time may go beyond the limit, or half-received frames could fill it and none
/// ever be completed. So no more is taken than the limit and one frame of the largest size. Safe from any
/// lane.
/// </remarks>
internal sealed class RequestMemory
{
    private const int SmallestRoom = 16;
    private readonly Lane _lane;
    private readonly bool _poison;
    private readonly long _limit;
    private readonly Queue<(RequestFrame Frame, int Bytes, TaskCompletionSource Granted)> _waiters = new();
    private RequestFrame? _overdrawn;
    private long _used;
    private int _waiting;

    /// <param name="host">Whence the lane that waits.</param>
    /// <param name="limit">The limit in bytes.</param>
    /// <param name="poison">True to overwrite what is given back, so that tests see who still looks at
    /// it.</param>
    internal RequestMemory(Host host, long limit, bool poison)
    {
        _lane = host.Lanes.NewLane("request memory");
        (_limit, _poison) = (limit, poison);
    }

    /// <summary>The bytes taken now.</summary>
    internal long Used => Interlocked.Read(ref _used);

    /// <summary>A frame with room for at least <paramref name="size"/> bytes, waiting while the memory is
    /// used up.</summary>
    internal ValueTask<RequestFrame> RentAsync(int size)
    {
        var frame = new RequestFrame(this);
        if (!TryTake(Rounded(size)))
            return RentLaterAsync(frame, size);
        frame.Move(ArrayPool<byte>.Shared.Rent(size));
        return new(frame);
    }

    /// <summary>Moves a frame's bytes to room for at least <paramref name="size"/>, waiting as
    /// above.</summary>
    internal async ValueTask GrowAsync(RequestFrame frame, int size)
    {
        if (frame.Overdrawn)
            Interlocked.Add(ref _used, Rounded(size));
        else if (!TryTake(Rounded(size)))
            await _lane.RunAsync(() => ParkAsync(frame, Rounded(size)));
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
        if (Volatile.Read(ref _waiting) > 0)
            _lane.Post(Grant);
    }

    private bool TryTake(int bytes)
    {
        if (Volatile.Read(ref _waiting) > 0)
            return false;
        if (Interlocked.Add(ref _used, bytes) <= _limit)
            return true;
        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    private async ValueTask<RequestFrame> RentLaterAsync(RequestFrame frame, int size)
    {
        await _lane.RunAsync(() => ParkAsync(frame, Rounded(size)));
        frame.Move(ArrayPool<byte>.Shared.Rent(size));
        return frame;
    }

    // The count goes up before the memory is looked at, and comes down in GiveBack before the count is: so
    // either the memory that was freed is seen here, or the waiter is seen there.
    private Task ParkAsync(RequestFrame frame, int bytes)
    {
        Interlocked.Increment(ref _waiting);
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Enqueue((frame, bytes, granted));
        Grant();
        return granted.Task;
    }

    private void Grant()
    {
        while (_waiters.TryPeek(out var first))
        {
            if (Interlocked.Add(ref _used, first.Bytes) > _limit && !MayOverdraw(first.Frame))
            {
                Interlocked.Add(ref _used, -first.Bytes);
                return;
            }

            _waiters.Dequeue();
            Interlocked.Decrement(ref _waiting);
            first.Granted.SetResult();
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
}
