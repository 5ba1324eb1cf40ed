using System.Buffers;
using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>Cuts a connection's bytes into requests. Owned by the connection's lane.</summary>
/// <remarks>
/// Memory follows what has arrived, never what a length says: an idle connection holds none; one that waits
/// for the rest of a small request holds about as much as it has of it; a large request is received into its
/// own frame, which doubles as it fills. Only a connection that has sent a large request before gets room for
/// another at once.
/// </remarks>
internal sealed class FrameReader(
    IConnection connection, RequestMemory memory, ConnectionLimits limits, PeerClock clock) : IDisposable
{
    private const int LengthSize = 4;
    private const int SmallestHeader = 8;
    private const int FirstBuffer = 4 * 1024;
    private const int Buffer = 64 * 1024;
    private const int SmallestRest = 256;
    private const int FirstRoom = 64 * 1024;
    private const int MostCredit = 1024 * 1024;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _credit;
    private long _receivedAt;

    /// <summary>True when a whole request is there already.</summary>
    internal bool HasRequest => Buffered >= LengthSize && Buffered - LengthSize >= PeekLength();

    private int Buffered => _end - _start;

    /// <inheritdoc/>
    public void Dispose() => Exchange([]);

    /// <summary>True when more bytes must come before <see cref="TakeAsync()"/> may be called.</summary>
    /// <exception cref="MalformedFrameException">The length of the next request is none, or beyond the
    /// limit.</exception>
    internal bool WantsMore
    {
        get
        {
            if (Buffered < LengthSize)
                return true;
            var length = CheckedLength();
            return length <= Buffer - LengthSize && Buffered - LengthSize < length;
        }
    }

    /// <summary>Completes when there is something to receive, or the peer has finished: it waits with as little memory
    /// as what is there needs.</summary>
    /// <remarks>This and what follows are not one method: each that is awaited allocates, and who awaits the socket
    /// itself does not.</remarks>
    /// <exception cref="IOException">The connection is lost.</exception>
    internal ValueTask<int> ArrivalAsync()
    {
        if (Buffered == 0)
            Exchange([]);
        else
            Shrink();
        if (Buffered > 0)
            clock.AwaitRest(holdsMemory: false);
        return connection.ReceiveAsync(Memory<byte>.Empty);
    }

    /// <summary>Receives what has arrived.</summary>
    /// <returns>What <see cref="Received"/> is to be told.</returns>
    /// <exception cref="IOException">The connection is lost.</exception>
    internal ValueTask<int> ReceiveAsync()
    {
        Exchange(ArrayPool<byte>.Shared.Rent(Math.Max(_credit > 0 ? Buffer : FirstBuffer, 2 * Buffered)));
        return connection.ReceiveAsync(_buffer.AsMemory(_end));
    }

    /// <summary>Takes what was received.</summary>
    /// <returns>False when the peer has finished.</returns>
    /// <exception cref="IOException">It has within a request.</exception>
    internal bool Received(int count)
    {
        if (count == 0)
            return Buffered == 0 ? false : throw Ended();
        if (Buffered > 0)
            clock.Received(count);
        _receivedAt = clock.Timestamp;
        _end += count;
        return true;
    }

    /// <summary>The next request: at once, but for a large one, and where memory is short.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    internal ValueTask<RequestFrame> TakeAsync()
    {
        var length = CheckedLength();
        return Buffered - LengthSize >= length ? TakeAsync(length) : ReceiveLargeAsync(length);
    }

    private int PeekLength() => BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));

    private int CheckedLength()
    {
        var length = PeekLength();
        var most = _credit > 0 ? limits.MaxRequestBytes : limits.MaxFirstRequestBytes;
        if (length >= SmallestHeader && length <= most)
            return length;
        throw new MalformedFrameException(
            $"a request of {length} bytes, where {SmallestHeader} to {most} are allowed{Hint(length)}");
    }

    // The first four bytes of what people point at the wrong port.
    private static string Hint(int length) => (uint)length switch
    {
        0x47455420 or 0x504f5354 or 0x48454144 or 0x50555420 => " (it speaks HTTP)",
        >= 0x16030000 and <= 0x160304ff => " (it speaks TLS, and this listener does not)",
        0x5353482d => " (it speaks SSH)",
        _ => "",
    };

    private async ValueTask<RequestFrame> TakeAsync(int length)
    {
        clock.EndRest();
        var frame = await memory.RentAsync(length, isWhole: true);
        _buffer.AsSpan(_start + LengthSize, length).CopyTo(frame.Room.Span);
        _start += LengthSize + length;
        if (Buffered == 0)
            Exchange([]);
        return Complete(frame, length);
    }

    private async ValueTask<RequestFrame> ReceiveLargeAsync(int length)
    {
        clock.EndRest();
        var frame = await memory.RentAsync(Math.Min(length, Math.Max(FirstRoom, _credit)), isWhole: false);
        var whole = false;
        try
        {
            var received = Buffered - LengthSize;
            _buffer.AsSpan(_start + LengthSize, received).CopyTo(frame.Room.Span);
            Exchange([]);
            while (received < length)
            {
                if (received == frame.Room.Length)
                {
                    clock.EndRest();
                    await memory.GrowAsync(frame, Math.Min(length, 2 * received));
                }

                clock.AwaitRest(holdsMemory: true);
                var most = Math.Min(frame.Room.Length, length);
                var count = await connection.ReceiveAsync(frame.Room[received..most]);
                if (count == 0)
                    throw Ended();
                clock.Received(count);
                received += count;
                _receivedAt = clock.Timestamp;
            }

            clock.EndRest();
            whole = true;
            return Complete(frame, length);
        }
        finally
        {
            if (!whole)
                frame.Release();
        }
    }

    private RequestFrame Complete(RequestFrame frame, int length)
    {
        frame.Length = length;
        frame.ArrivedAt = _receivedAt;
        _credit = Math.Clamp(length, _credit, MostCredit);
        return frame;
    }

    private void Shrink()
    {
        if (_buffer.Length > 2 * Math.Max(Buffered, SmallestRest))
            Exchange(ArrayPool<byte>.Shared.Rent(Math.Max(Buffered, SmallestRest)));
    }

    // Moves what is buffered to the front of another buffer.
    private void Exchange(byte[] other)
    {
        var count = Buffered;
        if (other.Length > 0)
            _buffer.AsSpan(_start, count).CopyTo(other);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = (other, 0, other.Length > 0 ? count : 0);
    }

    private static IOException Ended() => new("the peer closed within a request");
}
