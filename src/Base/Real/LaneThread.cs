using System.Diagnostics;

namespace Barnabas.Base.Real;

/// <summary>What a thread that runs a lane has taken over: idle lanes that this lane, or one of those, posted
/// to.</summary>
/// <remarks>
/// <para>To wake another thread costs more than most pieces take. So a request goes from its connection's lane to the
/// partition's and back on the thread that received it, and to the connections whose fetches it wakes.</para>
/// <para>A thread of the network serves many sockets. Should a lane it took over block there, as a write does while the
/// system throttles who dirties its cache, none takes a lane over for many times as long: the pool bears it.</para>
/// </remarks>
#pragma warning disable RS0030 // The real clock, for the real threads.
internal sealed class LaneThread
{
    private const int Most = 16;
    private const int PenaltyFactor = 16;
    private static readonly long LongestTicks = Stopwatch.Frequency / 100;

    [ThreadStatic]
    private static LaneThread? _current;
    private static long _barredUntil;

    private PoolLane? _first;
    private PoolLane? _last;
    private int _room;
    private bool _isNetworks;

    /// <summary>That of the thread that asks.</summary>
    internal static LaneThread Current => _current ??= new LaneThread();

    /// <summary>True while the thread runs a lane.</summary>
    internal bool IsInLane { get; private set; }

    /// <summary>True when there are lanes that it has taken over and not run yet.</summary>
    internal bool HasTaken => _first is not null;

    /// <summary>The thread, one of the pool, begins to run a lane.</summary>
    internal void EnterFromPool() => (IsInLane, _isNetworks, _room) = (true, false, Most);

    /// <summary>The thread, one of the network, begins to run a lane.</summary>
    internal void EnterFromNetwork()
    {
        (IsInLane, _isNetworks, _room) = (true, true, Most);
        var until = Volatile.Read(ref _barredUntil);
        if (until != 0 && Stopwatch.GetTimestamp() < until)
            _room = 0;
    }

    /// <summary>Takes over a lane that has work and that nobody runs.</summary>
    /// <returns>False where the thread runs no lane, or has taken over enough.</returns>
    internal bool TryTake(PoolLane lane)
    {
        if (_room == 0)
            return false;
        _room--;
        if (_last is null)
            _first = lane;
        else
            _last.Following = lane;
        _last = lane;
        return true;
    }

    /// <summary>Runs the lanes taken over, and those that they bring; then the thread is in no lane any more.</summary>
    internal void RunTaken()
    {
        if (_first is not null)
        {
            if (_isNetworks)
                RunTimed();
            else
                RunAll();
        }

        (IsInLane, _room) = (false, 0);
    }

    private void RunAll()
    {
        while (TryNext() is { } lane)
            lane.RunSome();
    }

    private void RunTimed()
    {
        var begun = Stopwatch.GetTimestamp();
        while (TryNext() is { } lane)
        {
            lane.RunSome();
            var ended = Stopwatch.GetTimestamp();
            var took = ended - begun;
            begun = ended;
            if (took <= LongestTicks)
                continue;
            Volatile.Write(ref _barredUntil, ended + (PenaltyFactor * took));
            _room = 0;
        }
    }

    private PoolLane? TryNext()
    {
        if (_first is not { } lane)
            return null;
        _first = lane.Following;
        lane.Following = null;
        if (_first is null)
            _last = null;
        return lane;
    }
}
#pragma warning restore RS0030
