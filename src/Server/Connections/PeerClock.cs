using Barnabas.Base;

namespace Barnabas.Server;

/// <summary>The deadlines of a connection: silence, a request that does not end, an answer that is not taken; and those
/// of requests, after which they are answered as they stand.</summary>
/// <remarks>One timer, set for the deadline that comes first, and set anew only when it fires or an earlier
/// one appears: a busy connection hardly touches it, an idle one wakes once. Owned by the connection's
/// lane.</remarks>
internal sealed class PeerClock : IDisposable
{
    private const int PulseBytes = 64 * 1024;
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Never = TimeSpan.MaxValue;
    private readonly TimeProvider _time;
    private readonly ConnectionLimits _limits;
    private readonly RequestMemory _memory;
    private readonly Action<string> _cut;
    private readonly Action _expire;
    private readonly ITimer _timer;
    private readonly long _start;
    private TimeSpan _armedFor = Never;
    private TimeSpan _answerBy = Never;
    private TimeSpan _lastHeard;
    private TimeSpan? _requestSince;
    private TimeSpan? _sendSince;
    private TimeSpan? _pulseSince;
    private long _requestBytes;
    private long _pulseBytes;
    private int _inFlight;
    private bool _proven;
    private bool _disposed;

    /// <param name="host">Whence the time.</param>
    /// <param name="lane">The connection's lane.</param>
    /// <param name="limits">The deadlines.</param>
    /// <param name="memory">What requests are received into: when it is short, who holds of it must hurry.</param>
    /// <param name="cut">Called on the lane, with the reason, when one has passed.</param>
    /// <param name="expire">Called on the lane when a request's deadline has passed.</param>
    internal PeerClock(
        Host host, Lane lane, ConnectionLimits limits, RequestMemory memory, Action<string> cut, Action expire)
    {
        (_time, _limits, _memory, _cut, _expire) = (host.Time, limits, memory, cut, expire);
        _start = _time.GetTimestamp();
        _timer = _time.CreateTimer(
            _ => lane.Post(Check), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(limits.FirstRequestTimeout);
    }

    /// <summary>Now, as a timestamp of the host's clock.</summary>
    internal long Timestamp => _time.GetTimestamp();

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    /// <summary>Half a request is there, and its rest is awaited.</summary>
    /// <param name="holdsMemory">True when it is received into memory that all requests share.</param>
    internal void AwaitRest(bool holdsMemory)
    {
        if (_requestSince is null)
        {
            (_requestSince, _requestBytes) = (Now, 0);
            Arm(_requestSince.Value + _limits.RequestTimeout);
        }

        if (holdsMemory && _pulseSince is null)
        {
            (_pulseSince, _pulseBytes) = (Now, 0);
            Arm(_pulseSince.Value + Pulse);
        }
    }

    /// <summary>Some bytes of a request have come.</summary>
    internal void Received(int bytes)
    {
        _requestBytes += bytes;
        _pulseBytes += bytes;
    }

    /// <summary>The request that was awaited is complete, or waits for us.</summary>
    internal void EndRest() => (_requestSince, _pulseSince) = (null, null);

    /// <summary>A request has begun to be served.</summary>
    internal void Began()
    {
        _inFlight++;
        if (_proven)
            return;
        _proven = true;
        Arm(Now + _limits.IdleTimeout);
    }

    /// <summary>A request has been answered.</summary>
    internal void Ended()
    {
        if (--_inFlight == 0)
            _lastHeard = Now;
    }

    /// <summary>A send waits for the peer.</summary>
    internal void AwaitSend()
    {
        _sendSince = Now;
        Arm(_sendSince.Value + _limits.SendTimeout);
    }

    /// <summary>The send has ended.</summary>
    internal void EndSend() => _sendSince = null;

    /// <summary>A request waits no longer than until then, a timestamp of the host's clock.</summary>
    internal void AwaitAnswer(long until)
    {
        var deadline = _time.GetElapsedTime(_start, until);
        if (deadline >= _answerBy)
            return;
        _answerBy = deadline;
        Arm(deadline);
    }

    private void Arm(TimeSpan deadline)
    {
        if (deadline >= _armedFor || _disposed)
            return;
        _armedFor = deadline;
        var left = deadline - Now;
        _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Check()
    {
        if (_disposed)
            return;
        var now = Now;
        _armedFor = Never;
        if (now >= _answerBy)
        {
            _answerBy = Never;
            _expire();
        }

        BeginNextStretch(now);
        var (deadline, reason) = Next();
        if (now >= deadline)
            _cut(reason);
        Arm(deadline);
        Arm(_answerBy);
    }

    // A request has as long as it keeps coming: each stretch of time must bring its share of bytes.
    private void BeginNextStretch(TimeSpan now)
    {
        var share = _limits.MinBytesPerSecond * _limits.RequestTimeout.TotalSeconds;
        if (_requestSince is { } since && now >= since + _limits.RequestTimeout && _requestBytes >= share)
            (_requestSince, _requestBytes) = (now, 0);
        if (_pulseSince is { } pulse && now >= pulse + Pulse && (_pulseBytes >= PulseBytes || !_memory.IsShort))
            (_pulseSince, _pulseBytes) = (now, 0);
    }

    private (TimeSpan Deadline, string Reason) Next()
    {
        var next = (Deadline: Never, Reason: "");
        if (_requestSince is { } requested)
            Earlier(requested + _limits.RequestTimeout, "it sends a request too slowly");
        if (_pulseSince is { } pulse)
            Earlier(pulse + Pulse, "memory is short, and it sends a request too slowly");

        if (_sendSince is { } sent)
            Earlier(sent + _limits.SendTimeout, "it does not take its answers");
        if (!_proven)
            Earlier(_limits.FirstRequestTimeout, "it has sent no request");
        else if (_inFlight == 0 && _requestSince is null && _sendSince is null)
            Earlier(_lastHeard + _limits.IdleTimeout, "it is idle");
        else if (next.Deadline == Never)
            next.Deadline = Now + _limits.IdleTimeout;
        return next;

        void Earlier(TimeSpan deadline, string reason)
        {
            if (deadline < next.Deadline)
                next = (deadline, reason);
        }
    }
}
