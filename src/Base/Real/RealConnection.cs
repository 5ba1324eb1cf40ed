using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Barnabas.Base.Real;

/// <summary>A TCP connection of the machine.</summary>
/// <remarks>Sends are tried on the spot, by the system call itself, and wait for the peer only when its
/// window is full. File stretches go out by sendfile(2), so their bytes never enter the process.</remarks>
#pragma warning disable RS0030 // The one place where sockets are used.
internal sealed class RealConnection : IConnection
{
    private const int Turn = 1 << 20;
    private const int CopySize = 1 << 16;
    private const int LargestPacket = 1 << 16;
    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly ILaneFactory _lanes;
    private readonly SocketOperation _receive;
    private SocketOperation? _send;
    private bool _isCorked;

    internal RealConnection(Socket socket, ILaneFactory lanes)
    {
        (_socket, _handle, _lanes) = (socket, socket.SafeHandle, lanes);
        socket.Blocking = false;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        _receive = new SocketOperation(socket);
        Local = Plain(socket.LocalEndPoint);
        Remote = Plain(socket.RemoteEndPoint);
    }

    /// <inheritdoc/>
    public IPEndPoint Local { get; }

    /// <inheritdoc/>
    public IPEndPoint Remote { get; }

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(Memory<byte> into) => _receive.ReceiveAsync(into);

    /// <inheritdoc/>
    public ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> buffers, bool more)
    {
        var (at, skip) = (0, 0);
        while (at < buffers.Count)
        {
            var taken = at == buffers.Count - 1
                ? TrySend(buffers[at].Span[skip..], more)
                : TrySend(buffers, at, skip, more);
            if (taken < 0)
                return SendRestAsync(buffers, at, skip, more);
            Gather.Advance(buffers, taken, ref at, ref skip);
        }

        Cork(more && _isCorked);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask SendFileAsync(FileSlice slice, bool more)
    {
        if (more && slice.Length <= LargestPacket)
            Cork(wanted: true);
        var sending = slice.File is RealFile file ? SendAsync(file, slice.Position, slice.Length) : CopyAsync(slice);
        return more || !_isCorked ? sending : UncorkAsync(sending);
    }

    /// <inheritdoc/>
    public void Abort()
    {
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (SocketException)
        {
            // The peer was faster: the connection is gone already, and closing it is all that is left to do.
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        _socket.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return default;
    }

    /// <summary>What the seam throws for what the runtime throws.</summary>
    internal static IOException Fault(SocketException fault) =>
        fault.SocketErrorCode == SocketError.OperationAborted
            ? SocketOperation.Closed()
            : new IOException(fault.Message, fault);

    private static IPEndPoint Plain(EndPoint? point)
    {
        if (point is not IPEndPoint { Address: var address, Port: var port })
            return new IPEndPoint(IPAddress.None, 0);
        return address.IsIPv4MappedToIPv6
            ? new IPEndPoint(address.MapToIPv4(), port)
            : new IPEndPoint(address, port);
    }

    private async ValueTask SendRestAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> buffers, int at, int skip, bool more)
    {
        for (; at < buffers.Count; at++, skip = 0)
            await SendWholeAsync(buffers[at][skip..]);
        Cork(more && _isCorked);
    }

    private async ValueTask UncorkAsync(ValueTask sending)
    {
        await sending;
        Cork(wanted: false);
    }

    // An answer ends with a few bytes behind its records. sendfile cannot be told that they follow, so that they would
    // be a packet of their own, and one more wake-up of the peer. What is full goes out all the same; but what is more
    // than a packet the kernel then cuts to full ones piece by piece, which takes it longer than sending it does.
    private unsafe void Cork(bool wanted)
    {
        if (_isCorked == wanted)
            return;
        _isCorked = wanted;
        var value = wanted ? 1 : 0;
        try
        {
            // Where it fails the bytes go out in more packets, or 200 ms later.
            _ = Libc.SetOption(_handle, Libc.Tcp, Libc.Cork, &value, sizeof(int));
        }
        catch (ObjectDisposedException)
        {
            throw SocketOperation.Closed();
        }
    }

    private async ValueTask SendWholeAsync(ReadOnlyMemory<byte> bytes)
    {
        // Few connections ever wait for their peer.
        var send = _send ??= new SocketOperation(_socket);
        while (bytes.Length > 0)
            bytes = bytes[await send.SendAsync(bytes)..];
    }

    // Whoever reads faster than we send would hold the thread for as long as there is something to send: the
    // lane gets a turn after each stretch. Stretches that are not in memory are read by threads kept for what
    // blocks.
    private async ValueTask SendAsync(RealFile file, long position, int length)
    {
        while (length > 0)
        {
            var (from, part) = (position, Math.Min(length, Turn));
            var sent = file.SeemsCached(from, part)
                ? TrySend(file, from, part)
                : await _lanes.RunBlockingAsync(() => TrySend(file, from, part));
            if (sent < part)
            {
                var rest = Math.Min(part - sent, CopySize);
                await CopyAsync(new FileSlice(file, position + sent, rest));
                sent += rest;
            }
            else if (sent < length)
            {
                await Task.Yield();
            }

            position += sent;
            length -= sent;
        }
    }

    // Also the way to wait for a peer whose window is full: the runtime sends memory when it opens again.
    private async ValueTask CopyAsync(FileSlice slice)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(slice.Length, CopySize));
        try
        {
            for (var done = 0; done < slice.Length;)
            {
                var part = buffer.AsMemory(0, Math.Min(buffer.Length, slice.Length - done));
                if (slice.File.Read(slice.Position + done, part.Span) < part.Length)
                    throw Ended(slice.File);
                await SendWholeAsync(part);
                done += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private unsafe int TrySend(ReadOnlySpan<byte> bytes, bool more)
    {
        try
        {
            fixed (byte* start = bytes)
                return Taken(Libc.Send(_handle, start, (nuint)bytes.Length, Flags(more)), "send");
        }
        catch (ObjectDisposedException)
        {
            throw SocketOperation.Closed();
        }
    }

    private unsafe int TrySend(IReadOnlyList<ReadOnlyMemory<byte>> buffers, int at, int skip, bool more)
    {
        var vectors = stackalloc Libc.IoVector[Gather.Most];
        var count = Gather.Count(buffers, at);
        var pins = Gather.Pin(buffers, at, skip, vectors);
        try
        {
            var message = new Libc.Message { Vectors = vectors, Count = (nuint)count };
            return Taken(Libc.Send(_handle, &message, Flags(more || at + count < buffers.Count)), "sendmsg");
        }
        catch (ObjectDisposedException)
        {
            throw SocketOperation.Closed();
        }
        finally
        {
            Gather.Unpin(pins, count);
        }
    }

    private static int Flags(bool more) => Libc.NoSignal | Libc.DontWait | (more ? Libc.More : 0);

    private int TrySend(RealFile file, long position, int length)
    {
        var sent = 0;
        while (sent < length)
        {
            var count = SendFile(file, position + sent, length - sent);
            if (count == 0)
                throw Ended(file);
            if (count < 0)
                break;
            sent += count;
        }

        return sent;
    }

    private unsafe int SendFile(RealFile file, long position, int length)
    {
        try
        {
            return Taken(Libc.SendFile(_handle, file.Handle, &position, (nuint)length), "sendfile");
        }
        catch (ObjectDisposedException)
        {
            throw SocketOperation.Closed();
        }
    }

    // -1 when the peer's window is full, or a signal came between: the send then waits until it can go on.
    private int Taken(nint result, string call)
    {
        if (result >= 0)
            return (int)result;
        return Errno.Last is Errno.Again or Errno.Interrupted ? -1 : throw Errno.Fault(call, $"to {Remote}");
    }

    private static IOException Ended(DiskFile file) => new($"{file.Path} ends before the stretch to be sent");
}
#pragma warning restore RS0030
