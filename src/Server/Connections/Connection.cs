using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Server.Quotas;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>One client's connection: reads requests, has them served, sends the answers in the order of the
/// requests.</summary>
/// <remarks>
/// <para>All of it runs on the connection's lane. Reading takes up the next request once the one before is
/// accepted; answering sends what is ready at the head of the queue, several answers at once where they are.
/// A peer that does not take its answers fills the queue, and then nothing more is read from it.</para>
/// <para>A request's frame stays until its answer has been sent, for the answer may refer to it.</para>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "RunAsync ends with their disposal.")]
internal sealed partial class Connection : IRequestWatcher
{
    private const int TurnRequests = 64;
    private const int TurnBytes = 256 * 1024;

    // Two requests that are worth a write of their own: a client with a few in flight sends the next while these are
    // written, instead of waiting for the answers to all of them.
    private const int PairRequests = 2;
    private const int PairBytes = 16 * 1024;
    private const int BatchBytes = 64 * 1024;
    private const ConfigureAwaitOptions Quietly =
        ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private readonly Host _host;
    private readonly IConnection _connection;
    private readonly Pipeline _pipeline;
    private readonly ConnectionLimits _limits;
    private readonly ConnectionLog _log;
    private readonly ServerMetrics _metrics;
    private readonly ClientQuotas? _quotas;
    private readonly PeerClock _clock;
    private readonly FrameReader _reader;
    private readonly ConnectionContext _context;
    private readonly Action _proven;
    private readonly CancellationTokenSource _closed = new();
    private readonly Queue<InFlightRequest> _requests = new();
    private readonly List<InFlightRequest> _sending = [];
    private readonly AnswerBatch _batch = new();
    private ClientSoftware.Place? _software;
    private TaskCompletionSource? _room;
    private CancellationTokenSource? _pause;
    private Task _answering = Task.CompletedTask;
    private long _mutedUntil;
    private long _lastHeard;
    private bool _isProven;
    private bool _isAnswering;
    private bool _isToPump;
    private bool _ending;
    private bool _disconnects;
    private bool _failed;

    internal Connection(long id, string listener, IConnection connection, ServerParts parts, Action proven)
    {
        (_host, _pipeline, _log, _metrics) = (parts.Host, parts.Pipeline, parts.Log, parts.Metrics);
        _quotas = parts.Quotas;
        (_connection, _limits, _proven) = (connection, parts.Limits, proven);
        var lane = _host.Lanes.NewLane($"connection {id}");
        _context = new ConnectionContext(id, listener, connection, lane, _closed.Token);
        _clock = new PeerClock(_host, lane, _limits, parts.Memory, Cut, ExpireRequests);
        _reader = new FrameReader(connection, parts.Memory, _limits, _clock);
        _lastHeard = _host.Time.GetTimestamp();
    }

    /// <summary>Who is at the other end.</summary>
    internal ConnectionContext Context => _context;

    /// <summary>When its last request came, as a timestamp of the host's clock; when it was opened, where none
    /// has. From any lane.</summary>
    internal long LastHeard => Volatile.Read(ref _lastHeard);

    private bool IsMuted => _mutedUntil != 0 && _mutedUntil > _host.Time.GetTimestamp();

    private bool MayGoOn => _requests.Count < _limits.MaxInFlight && !IsMuted;

    /// <summary>Serves the connection until it has ended and nothing of it is under way any more.</summary>
    /// <exception cref="InvariantBrokenException">The program is wrong; the node halts.</exception>
    internal Task RunAsync() => _context.Lane.RunAsync(async () =>
    {
        try
        {
            await ReadAsync();
        }
        catch (MalformedFrameException fault)
        {
            _metrics.Of(_context.Listener).Refused.Add();
            _log.Refused(_context, fault.Message);
        }
        catch (IOException fault)
        {
            _log.Lost(_context, fault.Message);
            _failed = true;
        }

        await EndAsync();
    });

    /// <summary>Takes no more requests, and closes when those under way are answered. From any lane.</summary>
    internal void Drain() => _context.Lane.Post(() => _ = DrainAsync());

    /// <summary>Closes at once. From any lane.</summary>
    internal void Abort() => _context.Lane.Post(Fail);

    /// <summary>Closes at once, to make room for others, unless a request has come meanwhile. From any lane.</summary>
    internal void GiveWay() => _context.Lane.Post(() =>
    {
        if (!_isProven && !_failed)
            Cut("it has sent no request, and there are too many of its kind");
    });

    private void Pump()
    {
        _isToPump = false;
        if (!_isAnswering && !_failed)
            _answering = AnswerAsync();
    }

    private async Task AnswerAsync()
    {
        _isAnswering = true;
        var done = false;
        try
        {
            while (Collect())
                await SendAsync();
            done = true;
        }
        catch (IOException fault)
        {
            _log.Lost(_context, fault.Message);
        }
        finally
        {
            _isAnswering = false;
            if (!done)
                Fail();
        }
    }

    // Takes the answers that are ready; true when there is something to send.
    private bool Collect()
    {
        while (!_disconnects && _batch.Bytes < BatchBytes && _requests.TryPeek(out var request))
        {
            if (!request.IsCompleted)
            {
                if (!request.IsWatched)
                    request.Watch(this);
                break;
            }

            _sending.Add(_requests.Dequeue());
            if (!TryEncode(request, out var frame) || request.Context.Disconnects)
            {
                frame?.Dispose();
                (_ending, _disconnects) = (true, true);
            }
            else if (frame is not null)
            {
                request.Context.Metrics.Answered(_batch.Add(frame));
            }
        }

        return _sending.Count > 0;
    }

    // What a handler failed with is told, and costs the client its connection; the answers before it still go out.
    private bool TryEncode(InFlightRequest request, out OutgoingFrame? frame)
    {
        frame = null;
        try
        {
            frame = _quotas is { } quotas && quotas.Served(request.Context)
                ? EncodeCounted(quotas, request)
                : request.Encode();
            return true;
        }
        catch (Exception fault) when (fault is not InvariantBrokenException)
        {
            RequestSpans.TallyOf(request.Context).Add(ErrorCode.UnknownServerError);
            _log.Failed(_context, request.Context, fault);
            return false;
        }
    }

    private OutgoingFrame? EncodeCounted(ClientQuotas quotas, InFlightRequest request)
    {
        var begun = _host.Time.GetTimestamp();
        var frame = request.Encode();
        quotas.Answered(request.Context, _host.Time.GetElapsedTime(begun));
        return frame;
    }

    private async ValueTask SendAsync()
    {
        var begun = _host.Time.GetTimestamp();
        if (_batch.Bytes > 0)
            await _batch.SendAsync(_connection, _clock);
        var sent = _host.Time.GetTimestamp();
        foreach (var request in _sending)
        {
            request.Context.Metrics.Sent(request.Context, begun, sent);
            Finish(request);
        }

        _sending.Clear();
        if (_disconnects)
            await _connection.DisposeAsync();
        if (_requests.Count < _limits.MaxInFlight)
            _room?.TrySetResult();
    }

    private void Finish(InFlightRequest request)
    {
        _clock.Ended();
        RequestSpans.End(request.Context);
        request.Context.ReleaseFrame();
        Mute(request.Context.ThrottleTime);
        request.Retire();
    }

    void IRequestWatcher.Completed(InFlightRequest request)
    {
        request.Context.AnsweredAt = _host.Time.GetTimestamp();
        PumpSoon();
    }

    void IRequestWatcher.Expires(InFlightRequest request) => _clock.AwaitAnswer(request.ExpiresAt!.Value);

    private void ExpireRequests()
    {
        var now = _host.Time.GetTimestamp();
        foreach (var request in _requests)
        {
            if (request.IsCompleted || request.ExpiresAt is not { } at)
                continue;
            if (at <= now)
                request.Expire();
            else
                _clock.AwaitAnswer(at);
        }
    }

    // Answers that become ready together, as those of one write do, go out together.
    private void PumpSoon()
    {
        if (_isToPump || _isAnswering)
            return;
        _isToPump = true;
        _context.Lane.Post(static connection => ((Connection)connection!).Pump(), this);
    }

    private async Task DrainAsync()
    {
        _ending = true;
        _room?.TrySetResult();
        EndPause();
        while (!_failed && _requests.TryPeek(out var request))
        {
            await request.Completion.ConfigureAwait(Quietly);
            Pump();
            await _answering.ConfigureAwait(Quietly);
        }

        await _answering.ConfigureAwait(Quietly);
        await _connection.DisposeAsync();
    }

    // What is ready still goes out; what is not has nobody to go to.
    private async Task EndAsync()
    {
        _ending = true;
        Pump();
        await _answering;
        _failed = true;
        _clock.Dispose();
        _metrics.Software.Leave(_software);
        _reader.Dispose();
        await _connection.DisposeAsync();
        Forsake();
        while (_requests.TryDequeue(out var request))
        {
            request.Expire();
            await request.Completion.ConfigureAwait(Quietly);
            if (TryEncode(request, out var frame))
                frame?.Dispose();
            Finish(request);
        }
    }

    // On the lane, and now: what is parked for this connection must not find it alive any more.
    private void Forsake() => _closed.Cancel();

    private void Cut(string reason)
    {
        _metrics.Of(_context.Listener).Expired.Add();
        _log.Cut(_context, reason);
        Fail();
    }

    private void Fail()
    {
        (_ending, _failed) = (true, true);
        _room?.TrySetResult();
        _connection.Abort();
        Forsake();
        if (_isAnswering)
            return;
        foreach (var request in _sending)
            Finish(request);
        _sending.Clear();
        _batch.Clear();
    }
}
