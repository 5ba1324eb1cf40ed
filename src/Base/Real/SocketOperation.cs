using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace Barnabas.Base.Real;

/// <summary>A receive or send that can be awaited again and again without allocating.</summary>
/// <remarks>What awaits it goes on in its lane: in place where that lane is idle. One at a time.</remarks>
#pragma warning disable RS0030 // The one place where sockets and their completions meet.
internal sealed class SocketOperation(Socket socket)
    : SocketAsyncEventArgs(true), IValueTaskSource<int>
{
    private static readonly Action<object?> Done = static _ => { };
    private static readonly SendOrPostCallback Resume = static operation =>
        ((SocketOperation)operation!).GoOn();

    // Null, then who awaits it, then Done; or null, then Done. It alone says whether the operation has ended: with a
    // second field for that, whoever looks between the two writes would begin the next operation while the first is
    // still about to end it.
    private Action<object?>? _stage;
    private Action<object?>? _continuation;
    private object? _state;
    private SynchronizationContext? _context;
    private short _token;

    /// <summary>Receives some bytes; with no room, waits until there are some and returns 0.</summary>
    internal ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        try
        {
            SetBuffer(into);
            return socket.ReceiveAsync(this)
                ? new ValueTask<int>(this, _token)
                : new ValueTask<int>(Result());
        }
        catch (ObjectDisposedException)
        {
            return ValueTask.FromException<int>(Closed());
        }
        catch (IOException fault)
        {
            return ValueTask.FromException<int>(fault);
        }
    }

    /// <summary>Sends the bytes, waiting until the peer takes them.</summary>
    /// <returns>How many were sent.</returns>
    internal ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            SetBuffer(MemoryMarshal.AsMemory(bytes));
            return socket.SendAsync(this) ? new ValueTask<int>(this, _token) : new ValueTask<int>(Result());
        }
        catch (ObjectDisposedException)
        {
            return ValueTask.FromException<int>(Closed());
        }
        catch (IOException fault)
        {
            return ValueTask.FromException<int>(fault);
        }
    }

    /// <summary>What an operation on a closed connection ends with.</summary>
    internal static IOException Closed() => new("the connection is closed");

    private bool HasEnded => ReferenceEquals(Volatile.Read(ref _stage), Done);

    int IValueTaskSource<int>.GetResult(short token)
    {
        Invariant.Holds(
            token == _token && HasEnded, "the result of an operation is taken once, at its end");
        _token++;
        _continuation = null;
        _state = null;
        _context = null;
        Volatile.Write(ref _stage, null);
        return Result();
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token)
    {
        if (!HasEnded)
            return ValueTaskSourceStatus.Pending;
        return SocketError == SocketError.Success
            ? ValueTaskSourceStatus.Succeeded
            : ValueTaskSourceStatus.Faulted;
    }

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var inContext = (flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0;
        _state = state;
        _context = inContext ? SynchronizationContext.Current : null;
        _continuation = continuation;
        if (Interlocked.CompareExchange(ref _stage, continuation, null) is not null)
            Schedule();
    }

    /// <inheritdoc/>
    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        if (Interlocked.Exchange(ref _stage, Done) is null)
            return;
        if (_context is PoolLane lane)
            lane.Complete(Resume, this);
        else
            Schedule();
    }

    private void Schedule()
    {
        if (_context is { } context)
        {
            context.Post(Resume, this);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static operation => operation.GoOn(), this, preferLocal: false);
    }

    private void GoOn() => _continuation!(_state);

    private int Result() =>
        SocketError == SocketError.Success
            ? BytesTransferred
            : throw RealConnection.Fault(new SocketException((int)SocketError));
}
#pragma warning restore RS0030
