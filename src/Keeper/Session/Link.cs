using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>One connection to a server: requests are pipelined, and answers come in their order. Owned by the session's
/// lane.</summary>
internal sealed class Link : IDisposable
{
    /// <summary>The number of an event.</summary>
    internal const int EventXid = -1;

    /// <summary>The number of a ping.</summary>
    internal const int PingXid = -2;

    /// <summary>The number of an auth, which the server answers out of order.</summary>
    internal const int AuthXid = -4;

    /// <summary>The number of a request that renews watches.</summary>
    internal const int WatchesXid = -8;

    private readonly TimeProvider _time;
    private readonly IConnection _connection;
    private readonly JuteFrames _frames;
    private readonly ITimer _timer;
    private readonly Queue<PendingRequest> _queued = new();
    private readonly Queue<PendingRequest> _inFlight = new();
    private readonly Queue<PendingRequest> _auths = new();
    private TimeSpan _pingAfter = Timeout.InfiniteTimeSpan;
    private TimeSpan _patience;
    private Task _sending = Task.CompletedTask;
    private long _lastSent;
    private long _lastReceived;
    private long? _pingedAt;
    private bool _pingDue;
    private bool _lost;

    /// <summary>A link over a connection just opened.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="lane">The session's lane.</param>
    /// <param name="connection">The connection, which is the link's from now on.</param>
    /// <param name="maxFrameBytes">The longest answer.</param>
    /// <param name="patience">How long the server may be silent.</param>
    public Link(Host host, Lane lane, IConnection connection, int maxFrameBytes, TimeSpan patience)
    {
        (_time, _connection, _patience) = (host.Time, connection, patience);
        _frames = new JuteFrames(connection, maxFrameBytes);
        _lastSent = _lastReceived = _time.GetTimestamp();
        _timer = _time.CreateTimer(_ => lane.Post(Tick), null, patience / 4, patience / 4);
    }

    /// <summary>Told of an event.</summary>
    public Action<WatchEvent> OnEvent { get; init; } = static _ => { };

    /// <summary>Told of an answer: the transaction it reflects, and when its request was sent.</summary>
    public Action<long, long> OnAnswer { get; init; } = static (_, _) => { };

    /// <summary>Sends the first frame and gives the server's; null where it closed instead.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="MalformedFrameException">What answers is no ZooKeeper.</exception>
    public async Task<ConnectResponse?> ConnectAsync(ConnectRequest request)
    {
        await _connection.SendAsync([request.ToFrame()]);
        if (await _frames.ReadAsync() is not { } frame)
            return null;
        _lastReceived = _time.GetTimestamp();
        var r = new JuteReader(frame);
        return ConnectResponse.Read(ref r);
    }

    /// <summary>The session's timeout is known: from now on the link pings when it is idle for a third of it, and is
    /// given up when the server is silent for two.</summary>
    public void Keep(TimeSpan sessionTimeout)
    {
        (_pingAfter, _patience) = (sessionTimeout / 3, sessionTimeout * 2 / 3);
        _timer.Change(sessionTimeout / 12, sessionTimeout / 12);
    }

    /// <summary>Sends a request, after those before it.</summary>
    public void Send(PendingRequest request)
    {
        _queued.Enqueue(request);
        if (_sending.IsCompleted && !_lost)
            _sending = SendAsync();
    }

    /// <summary>Reads answers until the connection is lost; what then waits fails.</summary>
    /// <returns>Why it was lost.</returns>
    public async Task<string> RunAsync()
    {
        string why;
        try
        {
            while (await _frames.ReadAsync() is { } frame)
                Take(frame);
            why = "the server closed the connection";
        }
        catch (Exception fault) when (fault is IOException or MalformedFrameException)
        {
            why = fault.Message;
        }

        Abort();
        await _sending;
        foreach (var request in _inFlight.Concat(_auths))
            request.Fail(KeeperError.ConnectionLoss);
        _inFlight.Clear();
        _auths.Clear();
        return why;
    }

    /// <summary>What was never sent, in order.</summary>
    public IEnumerable<PendingRequest> Unsent() => _queued;

    /// <summary>Reads one answer for the head of what was sent: while the link is being opened.</summary>
    /// <returns>False where the server closed instead.</returns>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="MalformedFrameException">The answer cannot be read.</exception>
    public async Task<bool> ReadOneAsync()
    {
        if (await _frames.ReadAsync() is not { } frame)
            return false;
        Take(frame);
        return true;
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort()
    {
        _lost = true;
        _timer.Dispose();
        _connection.Abort();
    }

    /// <summary>Ends the connection at once, and lets go of it.</summary>
    public void Dispose()
    {
        Abort();
        _ = _connection.DisposeAsync().AsTask();
    }

    private async Task SendAsync()
    {
        try
        {
            while (!_lost && _queued.Count > 0)
            {
                var frames = new List<ReadOnlyMemory<byte>>();
                _lastSent = _time.GetTimestamp();
                while (frames.Count < 64 && _queued.TryDequeue(out var request))
                {
                    request.SentAt = _lastSent;
                    (request.Xid == AuthXid ? _auths : _inFlight).Enqueue(request);
                    frames.Add(request.Frame);
                }

                await _connection.SendAsync(frames);
            }

            if (!_lost && _pingDue)
            {
                _pingDue = false;
                await _connection.SendAsync([PingFrame()]);
            }
        }
        catch (IOException)
        {
            // The reader sees it too, and ends the link.
            _connection.Abort();
        }
    }

    private void Take(byte[] frame)
    {
        _lastReceived = _time.GetTimestamp();
        var r = new JuteReader(frame);
        var (xid, zxid, error) = (r.ReadInt32(), r.ReadInt64(), (KeeperError)r.ReadInt32());
        if (xid == EventXid)
        {
            TakeEvent(ref r);
            return;
        }

        if (xid == PingXid)
        {
            OnAnswer(zxid, _pingedAt ?? throw new MalformedFrameException("an answer to no ping"));
            _pingedAt = null;
            return;
        }

        var waiting = xid == AuthXid ? _auths : _inFlight;
        if (!waiting.TryPeek(out var request) || request.Xid != xid)
            throw new MalformedFrameException($"an answer to nothing asked, number {xid}");
        OnAnswer(zxid, request.SentAt);
        request.Answer(error, ref r);
        waiting.Dequeue();
    }

    private void TakeEvent(ref JuteReader r)
    {
        var (kind, _, path) = (r.ReadInt32(), r.ReadInt32(), r.ReadString());
        // What is below names no node, but a state of the server that the connection shows anyway.
        if (kind >= (int)WatchEventKind.Created)
            OnEvent(new WatchEvent((WatchEventKind)kind, path));
    }

    private void Tick()
    {
        if (_lost)
            return;
        var now = _time.GetTimestamp();
        if (_time.GetElapsedTime(_lastReceived, now) >= _patience)
        {
            _connection.Abort();
        }
        else if (_pingAfter > TimeSpan.Zero && _pingedAt is null && _sending.IsCompleted
            && _time.GetElapsedTime(_lastSent, now) >= _pingAfter)
        {
            _pingedAt = _lastSent = now;
            _pingDue = true;
            _sending = SendAsync();
        }
    }

    private static ReadOnlyMemory<byte> PingFrame()
    {
        var w = new JuteWriter();
        w.WriteInt32(PingXid);
        w.WriteInt32((int)KeeperOp.Ping);
        return w.ToFrame();
    }
}
