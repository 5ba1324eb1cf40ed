using Barnabas.Base;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>The broker's places for fetch sessions (max.incremental.fetch.session.cache.slots).</summary>
/// <remarks>Shared by all connections without a lock: a place is a counter, and taking one is one compare-and-swap. A
/// client that finds none fetches without a session, which costs it bytes and nothing else.</remarks>
/// <param name="random">Session ids are random, so that a stale client does not meet another's session.</param>
/// <param name="slots">How many sessions there may be.</param>
public sealed class FetchSessionSlots(RandomSource random, int slots)
{
    private int _taken;

    /// <summary>Sessions open now.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>An id for a new session, from 1 up.</summary>
    public int NextId() => random.Next(int.MaxValue - 1) + 1;

    /// <summary>Takes a place; false when all are taken.</summary>
    public bool TryTake()
    {
        var seen = Volatile.Read(ref _taken);
        while (seen < slots)
        {
            var before = Interlocked.CompareExchange(ref _taken, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>Takes a place, be there one or not.</summary>
    public void Take() => Interlocked.Increment(ref _taken);

    /// <summary>Gives a place back.</summary>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _taken);
        Invariant.Holds(left >= 0, "a place is given back once");
    }
}
