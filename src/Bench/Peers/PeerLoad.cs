using System.Diagnostics;
using System.Net.Sockets;

namespace Barnabas.Bench;

/// <summary>Sends one message over and over to a server that is no Kafka broker, and waits for answers only
/// where too many are out: what its own clients do when they publish without waiting.</summary>
public abstract class PeerLoad : ILoad
{
    private const int Window = 4_000;
    private const int AtOnce = 64;
    private readonly Socket _socket;
    private readonly Meter _meter;
    private readonly RunWindow _window;
    private readonly byte[] _received = new byte[64 * 1024];
    private int _have;

    /// <summary>Opens the connection to a server on this machine.</summary>
    /// <exception cref="IOException">Nobody answers.</exception>
    protected PeerLoad(int port, RunWindow window)
    {
        _window = window;
        _meter = new Meter("ack", window);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            _socket.Connect("127.0.0.1", port);
            _socket.ReceiveTimeout = _socket.SendTimeout = 30_000;
        }
        catch (SocketException fault)
        {
            _socket.Dispose();
            throw new IOException($"no connection to port {port}: {fault.Message}", fault);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Meter> Meters => [_meter];

    /// <summary>The message as it is sent, and the bytes of its value.</summary>
    protected abstract (byte[] Message, int Value) Message { get; }

    /// <inheritdoc/>
    public void Man(Crew crew) => crew.Add("publish", Run);

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes the next answer off the bytes that have come.</summary>
    /// <returns>Its length; 0 where it is not there as a whole.</returns>
    /// <exception cref="LoadException">It is a refusal.</exception>
    protected abstract int LengthOf(ReadOnlySpan<byte> received);

    /// <summary>Sends bytes, all of them.</summary>
    protected void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[_socket.Send(bytes)..];
        }
        catch (SocketException fault)
        {
            throw new IOException($"the connection is lost: {fault.Message}", fault);
        }
    }

    /// <summary>Waits for answers.</summary>
    /// <returns>How many have come.</returns>
    protected int Take()
    {
        try
        {
            var received = _socket.Receive(_received.AsSpan(_have));
            if (received == 0)
                throw new IOException("the peer closed the connection");
            _have += received;
        }
        catch (SocketException fault)
        {
            throw new IOException($"the connection is lost: {fault.Message}", fault);
        }

        var (at, count) = (0, 0);
        while (LengthOf(_received.AsSpan(at, _have - at)) is var length and > 0)
            (at, count) = (at + length, count + 1);
        _received.AsSpan(at, _have - at).CopyTo(_received);
        _have -= at;
        return count;
    }

    private void Run()
    {
        var (message, value) = Message;
        var many = new byte[AtOnce * message.Length];
        for (var at = 0; at < AtOnce; at++)
            message.CopyTo(many, at * message.Length);
        var begun = new long[Window];
        var (sent, answered) = (0L, 0L);
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            while (_window.IsOpen(now) && Window - (sent - answered) >= AtOnce)
            {
                for (var at = 0; at < AtOnce; at++)
                    begun[(sent + at) % Window] = now;
                Send(many);
                sent += AtOnce;
                now = Stopwatch.GetTimestamp();
            }

            if (sent == answered)
                return;
            var count = Take();
            now = Stopwatch.GetTimestamp();
            for (var at = 0; at < count; at++)
                _meter.Took(begun[(answered + at) % Window], now);
            answered += count;
            _meter.Count(count, count, (long)count * value);
        }
    }
}
