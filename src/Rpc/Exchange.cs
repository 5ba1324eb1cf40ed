using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Rpc;

/// <summary>What goes on over one connection: the queue to send, what awaits an answer, the clock over both.</summary>
/// <remarks>All but <see cref="Post"/>, <see cref="CloseAsync"/> and the properties run on the lane of its
/// own.</remarks>
internal sealed class Exchange
{
    /// <summary>Parts in one gathered write: well below what the system call takes.</summary>
    private const int MaxParts = 256;

    private readonly Lane _lane;
    private readonly IConnection _connection;
    private readonly PeerOptions _options;
    private readonly TimeProvider _time;
    private readonly string _remote;
    private readonly FrameReader _reader;
    private readonly Queue<PendingRequest> _queued = [];
    private readonly Queue<PendingRequest> _inFlight = [];
    private readonly List<PendingRequest> _beingSent = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;
    private Task _sender = Task.CompletedTask;
    private Task _receiver = Task.CompletedTask;
    private bool _sending;
    private bool _reading;
    private volatile PeerLostException? _lost;
    private long _lastUsed;
    private int _outstanding;

    public Exchange(Host host, IConnection connection, PeerOptions options, string remote)
    {
        _lane = host.Lanes.NewLane("peer");
        _connection = connection;
        _options = options;
        _time = host.Time;
        _remote = remote;
        _lastUsed = _time.GetTimestamp();
        _reader = new FrameReader(connection, options.MaxFrameSize);
        _timer = _time.CreateTimer(
            static me => ((Exchange)me!)._lane.Post(static m => ((Exchange)m!).Expire(), me),
            this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsLost => _lost is not null;

    public long LastUsed => Volatile.Read(ref _lastUsed);

    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Begins to read answers.</summary>
    public void Start()
    {
        _reading = true;
        _lane.Post(static me => ((Exchange)me!).BeginReceiving(), this);
    }

    /// <summary>Takes a request, from any lane.</summary>
    public void Post(PendingRequest request)
    {
        Volatile.Write(ref _lastUsed, _time.GetTimestamp());
        Interlocked.Increment(ref _outstanding);
        _lane.Post(
            static pair =>
            {
                var (me, request) = ((Exchange, PendingRequest))pair!;
                me.Enqueue(request);
            },
            (this, request));
    }

    /// <summary>Closes the connection, from any lane; completes when all that waited has failed.</summary>
    public Task CloseAsync()
    {
        return _lane.RunAsync(async () =>
        {
            Lose(new PeerLostException($"the connection to {_remote} was closed", false, false));
            await _closed.Task;
            await _sender;
            await _receiver;
        });
    }

    private void BeginReceiving() => _receiver = ReadAsync();

    private void BeginSending()
    {
        if (!_sending && _queued.Count > 0)
            _sender = SendAsync();
    }

    private void Enqueue(PendingRequest request)
    {
        if (_lost is { } lost)
        {
            Interlocked.Decrement(ref _outstanding);
            request.Lost(lost);
            return;
        }

        _queued.Enqueue(request);
        Arm(request.Deadline);
        BeginSending();
    }

    private async Task SendAsync()
    {
        _sending = true;
        try
        {
            while (_lost is null && Take())
            {
                await SendAsync(_beingSent);
                foreach (var request in _beingSent)
                    Sent(request);
                _beingSent.Clear();
            }
        }
        catch (IOException fault)
        {
            Lose(new PeerLostException($"the connection to {_remote} is lost: {fault.Message}", false, false, fault));
        }
        finally
        {
            _sending = false;
            Settle();
        }
    }

    /// <summary>Takes what may be sent now, and marks it as under way.</summary>
    private bool Take()
    {
        var parts = 0;
        while (_inFlight.Count < _options.MaxInFlight && parts < MaxParts && _queued.TryDequeue(out var request))
        {
            request.Started = true;
            if (request.IsAnswered)
                _inFlight.Enqueue(request);
            _beingSent.Add(request);
            parts += 1 + request.Frame.Parts.Count;
        }

        return _beingSent.Count > 0;
    }

    private async ValueTask SendAsync(List<PendingRequest> requests)
    {
        var gathered = new List<ReadOnlyMemory<byte>>();
        var lengths = new byte[requests.Count * 4];
        for (var i = 0; i < requests.Count; i++)
        {
            var frame = requests[i].Frame;
            BinaryPrimitives.WriteInt32BigEndian(lengths.AsSpan(i * 4), checked((int)frame.Length));
            gathered.Add(lengths.AsMemory(i * 4, 4));
            foreach (var part in frame.Parts)
            {
                if (part.Slice is not { } slice)
                {
                    gathered.Add(part.Memory);
                    continue;
                }

                await _connection.SendAsync(gathered);
                gathered = [];
                await _connection.SendFileAsync(slice);
            }
        }

        if (gathered.Count > 0)
            await _connection.SendAsync(gathered);
    }

    private void Sent(PendingRequest request)
    {
        if (!request.IsAnswered)
            Interlocked.Decrement(ref _outstanding);
        request.Sent();
    }

    private async Task ReadAsync()
    {
        PeerLostException why;
        try
        {
            while (await _reader.ReadHeadAsync() is var (rest, correlationId))
                await AnswerAsync(rest, correlationId);
            why = new PeerLostException($"{_remote} closed the connection", false, false);
        }
        catch (IOException fault)
        {
            why = new PeerLostException($"the connection to {_remote} is lost: {fault.Message}", false, false, fault);
        }
        catch (MalformedFrameException fault)
        {
            why = new PeerLostException($"{_remote} does not speak the protocol: {fault.Message}", false, false, fault);
        }

        Lose(why);
        _reading = false;
        Settle();
    }

    private async ValueTask AnswerAsync(int rest, int correlationId)
    {
        if (!_inFlight.TryPeek(out var request) || request.CorrelationId != correlationId)
            throw new MalformedFrameException($"an answer to nothing asked, correlation id {correlationId}");
        var frame = new FrameBuffer(rest, request.Leases);
        try
        {
            await _reader.ReadRestAsync(frame.Memory);
            request.Answer(frame);
        }
        catch (Exception fault) when (fault is IOException or MalformedFrameException)
        {
            frame.Dispose();
            throw;
        }

        _inFlight.Dequeue();
        Interlocked.Decrement(ref _outstanding);
        BeginSending();
    }

    private void Lose(PeerLostException why)
    {
        if (_lost is not null)
            return;
        _lost = why;
        _connection.Abort();
        Settle();
    }

    /// <summary>Once neither a send nor a receive is under way, the socket holds no memory of ours: all that waits
    /// fails now and not before.</summary>
    private void Settle()
    {
        if (_lost is not { } lost || _sending || _reading || _closed.Task.IsCompleted)
            return;
        _timer.Dispose();
        foreach (var request in _inFlight.Union(_beingSent).Union(_queued))
            request.Lost(lost);
        _inFlight.Clear();
        _beingSent.Clear();
        _queued.Clear();
        Volatile.Write(ref _outstanding, 0);
        _closed.TrySetResult();
        _ = _connection.DisposeAsync().AsTask();
    }

    private void Arm(long deadline)
    {
        if (deadline >= _armedFor)
            return;
        _armedFor = deadline;
        var left = _time.GetElapsedTime(_time.GetTimestamp(), deadline);
        _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Expire()
    {
        if (_lost is not null)
            return;
        var now = _time.GetTimestamp();
        var next = long.MaxValue;
        foreach (var request in _inFlight.Concat(_queued))
        {
            if (request.Deadline <= now)
            {
                Lose(new PeerLostException($"{_remote} did not answer in time", true, false));
                return;
            }

            next = Math.Min(next, request.Deadline);
        }

        _armedFor = long.MaxValue;
        if (next != long.MaxValue)
            Arm(next);
    }
}
