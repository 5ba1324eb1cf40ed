using System.Buffers.Binary;
using System.Net.Sockets;
using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench;

/// <summary>A connection to a broker whose calls block: one thread sends, and the same or another one receives.
/// It costs a load the least that a connection can.</summary>
public sealed class Line : IDisposable
{
    private const int LengthSize = 4;
    private const int MaxFrame = 256 << 20;
    private readonly Socket _socket;
    private byte[] _buffer;
    private int _start;
    private int _end;

    private Line(Socket socket, string remote, int room)
    {
        (_socket, Remote) = (socket, remote);
        _buffer = GC.AllocateUninitializedArray<byte>(room, pinned: true);
    }

    /// <summary>The other end.</summary>
    public string Remote { get; }

    /// <summary>What the broker serves; nothing before <see cref="Greet"/>.</summary>
    public VersionRanges Versions { get; private set; } = new(new ApiVersionsResponse());

    /// <summary>True when the next frame has come already, whole.</summary>
    public bool HasFrame => _end - _start >= LengthSize && _end - _start >= LengthSize + PeekLength();

    /// <summary>Opens a connection.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="patience">How long an answer, or room to send, may be waited for.</param>
    /// <param name="roomAtFirst">Bytes that can be received at once; it grows with the answers.</param>
    /// <exception cref="IOException">Nobody answers.</exception>
    public static Line Dial(string host, int port, TimeSpan patience, int roomAtFirst = 64 * 1024)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(host, port);
            socket.ReceiveTimeout = socket.SendTimeout = (int)patience.TotalMilliseconds;
            return new Line(socket, $"{host}:{port}", roomAtFirst);
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new IOException($"no connection to {host}:{port}: {fault.Message}", fault);
        }
    }

    /// <summary>Asks the broker which versions it serves.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="MalformedFrameException">What answers is no broker.</exception>
    public void Greet()
    {
        // Every broker answers version 0.
        Send(RequestFrame.Encode(new ApiVersionsRequest(), 0, correlationId: 0));
        var answer = RequestFrame.Decode<ApiVersionsResponse>(Receive(), 0, flexibleHeader: false);
        if (answer.ErrorCode != ErrorCode.None)
            throw new MalformedFrameException($"ApiVersions was answered with {answer.ErrorCode.KafkaName()}");
        Versions = new VersionRanges(answer);
    }

    /// <summary>The newest version of a request that both sides speak.</summary>
    /// <param name="last">The newest that will do; the request's own if null.</param>
    /// <exception cref="LoadException">There is none.</exception>
    public short Choose<TRequest>(short? last = null)
        where TRequest : IApiMessage<TRequest> =>
        Versions.TryChoose(TRequest.ApiKey, TRequest.FirstVersion, last ?? TRequest.LastStableVersion, out var version)
            ? version
            : throw new LoadException($"{Remote} serves no version of {TRequest.ApiKey} that is known here");

    /// <summary>Sends bytes, all of them.</summary>
    /// <exception cref="IOException">The connection is lost, or the peer takes nothing for too
    /// long.</exception>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[_socket.Send(bytes)..];
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            throw Lost(fault);
        }
    }

    /// <summary>Waits for the next frame.</summary>
    /// <returns>The frame behind its length; good until the next call.</returns>
    /// <exception cref="IOException">The connection is lost, or no answer comes for too long.</exception>
    /// <exception cref="MalformedFrameException">The length is none.</exception>
    public ReadOnlyMemory<byte> Receive()
    {
        Fill(LengthSize);
        var length = PeekLength();
        if (length is < 0 or > MaxFrame)
            throw new MalformedFrameException($"a frame of {length} bytes");
        Fill(LengthSize + length);
        var frame = _buffer.AsMemory(_start + LengthSize, length);
        _start += LengthSize + length;
        return frame;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private int PeekLength() => BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));

    private void Fill(int count)
    {
        if (_start == _end)
            (_start, _end) = (0, 0);
        if (_buffer.Length - _start < count)
            MakeRoom(count);
        while (_end - _start < count)
        {
            var received = ReceiveSome(_buffer.AsSpan(_end));
            _end += received;
        }
    }

    private void MakeRoom(int count)
    {
        var into = _buffer.Length >= count
            ? _buffer
            : GC.AllocateUninitializedArray<byte>(Math.Max(count, 2 * _buffer.Length), pinned: true);
        _buffer.AsSpan(_start, _end - _start).CopyTo(into);
        (_buffer, _start, _end) = (into, 0, _end - _start);
    }

    private int ReceiveSome(Span<byte> into)
    {
        try
        {
            var received = _socket.Receive(into);
            return received > 0 ? received : throw new IOException($"{Remote} closed the connection");
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            throw Lost(fault);
        }
    }

    private IOException Lost(Exception fault) =>
        fault is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock }
            ? new IOException($"{Remote} did not answer in time", fault)
            : new IOException($"the connection to {Remote} is lost: {fault.Message}", fault);
}
