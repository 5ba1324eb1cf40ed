using System.Net;
using Barnabas.Base;
using Barnabas.Keeper;

namespace Barnabas.SimKeeper;

/// <summary>An ensemble of ZooKeeper servers in memory, which speaks the real one's protocol over the host's
/// network.</summary>
/// <remarks>Writes are ordered in one place and every member applies them later, each at its own pace: what is read at
/// one member may be older than what was read at another, as in a real ensemble. Sessions end on the host's clock. All
/// runs on one lane, and so must every call.</remarks>
public sealed class SimEnsemble
{
    private readonly Host _host;
    private readonly List<Transaction> _ordered = [];
    private readonly Dictionary<long, SimSession> _sessions = [];
    private readonly ITimer _clock;
    private long _nextSession = 0x1000;

    /// <summary>An ensemble whose members listen at the addresses.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="members">Where the members listen.</param>
    /// <exception cref="IOException">An address cannot be had.</exception>
    public SimEnsemble(Host host, params IReadOnlyList<IPEndPoint> members)
    {
        _host = host;
        Lane = host.Lanes.NewLane("zookeeper");
        Members = [.. members.Select(at => new SimMember(this, host, at))];
        _clock = host.Time.CreateTimer(_ => Lane.Post(EndSilent), null, Tick, Tick);
    }

    /// <summary>How often the ensemble looks for sessions that are over.</summary>
    public static TimeSpan Tick { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The lane of every member.</summary>
    public Lane Lane { get; }

    /// <summary>The members.</summary>
    public IReadOnlyList<SimMember> Members { get; }

    /// <summary>The shortest session timeout it grants.</summary>
    public TimeSpan ShortestTimeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest that an order takes to reach a member.</summary>
    public TimeSpan Lag { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Says what becomes of a request; by default it is served.</summary>
    public Func<KeeperOp, RequestFate> Fate { get; set; } = static _ => RequestFate.Served;

    /// <summary>The longest request, in bytes (<c>jute.maxbuffer</c>).</summary>
    public int MaxFrameBytes { get; set; } = 0xfffff;

    /// <summary>Sessions whose words do not arrive any more, though what they are told still does.</summary>
    public ISet<long> Unheard { get; } = new HashSet<long>();

    /// <summary>The sessions that live, in order of their age.</summary>
    public IReadOnlyList<long> Sessions => [.. _sessions.Keys.Order()];

    /// <summary>The members' addresses, as a connect string has them.</summary>
    public string Addresses => string.Join(',', Members.Select(static m => m.At));

    /// <summary>What was ordered so far.</summary>
    internal IReadOnlyList<Transaction> Ordered => _ordered;

    /// <summary>Ends a session, as though its client had been silent for too long.</summary>
    public void Expire(long session)
    {
        if (_sessions.Remove(session))
            Order(session, [], static t => t with { EndsSession = true });
    }

    /// <summary>Ends every member's connections and its listening, and the clock.</summary>
    public void Stop()
    {
        _clock.Dispose();
        foreach (var member in Members)
            member.Stop();
    }

    /// <summary>A session goes on at a member; a new one begins where the id is 0.</summary>
    /// <returns>Null where it is over, or the password is another.</returns>
    internal SimSession? Take(ConnectRequest request)
    {
        if (request.SessionId == 0)
            return Begin(request.TimeoutMs);
        return Find(request.SessionId) is { } known && request.Password.Span.SequenceEqual(known.Password)
            ? known
            : null;
    }

    internal SimSession? Find(long session) => _sessions.GetValueOrDefault(session);

    internal void Touch(SimSession session) => session.LastHeard = _host.Time.GetTimestamp();

    /// <summary>Puts a change into the order of all.</summary>
    internal Transaction Order(
        long session, IReadOnlyList<KeeperChange> changes, Func<Transaction, Transaction>? shape = null)
    {
        var next = new Transaction(_ordered.Count + 1, session, _host.Time.GetUtcNow(), changes);
        _ordered.Add(shape is null ? next : shape(next));
        foreach (var member in Members)
            member.CatchUpSoon();
        return _ordered[^1];
    }

    /// <summary>Lets a time pass that chance draws; shorter than a millisecond too, as Task.Delay does not.</summary>
    internal async Task LagAsync()
    {
        var over = new TaskCompletionSource();
        var lag = TimeSpan.FromTicks(_host.Random.Next((int)Lag.Ticks + 1));
        await using var timer = _host.Time.CreateTimer(
            _ => Lane.Post(() => over.SetResult()), null, lag, Timeout.InfiniteTimeSpan);
        await over.Task;
    }

    private SimSession Begin(int timeoutMs)
    {
        var password = new byte[16];
        _host.Random.Fill(password);
        var timeout = TimeSpan.FromMilliseconds(Math.Max(timeoutMs, ShortestTimeout.TotalMilliseconds));
        var session = new SimSession(_nextSession++, password, timeout);
        _sessions.Add(session.Id, session);
        Touch(session);
        return session;
    }

    private void EndSilent()
    {
        var now = _host.Time.GetTimestamp();
        foreach (var session in _sessions.Values.OrderBy(static s => s.Id).ToArray())
        {
            if (_host.Time.GetElapsedTime(session.LastHeard, now) >= session.Timeout)
                Expire(session.Id);
        }
    }
}
