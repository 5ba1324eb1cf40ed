using Barnabas.Base;

namespace Barnabas.Server.Quotas;

/// <summary>What a bucket is for: a quota, and the clients that share it.</summary>
/// <param name="Key">The quota.</param>
/// <param name="User">The user; null where it is a client id's.</param>
/// <param name="ClientId">The client id; null where it is a user's.</param>
internal readonly record struct QuotaScope(string Key, string? User, string? ClientId) : IComparable<QuotaScope>
{
    /// <summary>By quota, user and client id.</summary>
    public int CompareTo(QuotaScope other)
    {
        var byKey = string.CompareOrdinal(Key, other.Key);
        var byUser = byKey != 0 ? byKey : string.CompareOrdinal(User, other.User);
        return byUser != 0 ? byUser : string.CompareOrdinal(ClientId, other.ClientId);
    }
}

/// <summary>The buckets of all clients that a quota binds. Safe from any lane.</summary>
/// <remarks>A full bucket is as good as a new one, so those of clients that have gone are dropped as more come; there
/// are never more than <see cref="Most"/>, and clients beyond that have buckets of their own connection's.</remarks>
internal sealed class QuotaBuckets(TimeProvider time)
{
    /// <summary>The most there are.</summary>
    internal const int Most = 100_000;
    private const int Few = 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private PersistentMap<QuotaScope, RateBucket> _all = PersistentMap<QuotaScope, RateBucket>.Empty();
    private int _sweepAt = Few;
    private long _nextSweep = long.MinValue;

    /// <summary>How many there are.</summary>
    internal int Count => Volatile.Read(ref _all).Count;

    /// <summary>The bucket of a scope, which goes on at the given rate.</summary>
    internal RateBucket Get(QuotaScope scope, double rate, TimeSpan window)
    {
        RateBucket? made = null;
        while (true)
        {
            var seen = Volatile.Read(ref _all);
            if (seen.TryGetValue(scope, out var bucket))
            {
                bucket.Change(rate);
                return bucket;
            }

            made ??= new RateBucket(time, rate, window);
            var room = seen.Count < Volatile.Read(ref _sweepAt) ? seen : Swept(seen);
            if (room.Count >= Most)
                return made;
            if (Interlocked.CompareExchange(ref _all, room.With(scope, made), seen) == seen)
                return made;
        }
    }

    // Not more often than once a while: names are cheap to make up.
    private PersistentMap<QuotaScope, RateBucket> Swept(PersistentMap<QuotaScope, RateBucket> all)
    {
        var now = time.GetTimestamp();
        if (now < Interlocked.Read(ref _nextSweep))
            return all;
        Interlocked.Exchange(ref _nextSweep, now + (long)(Pause.TotalSeconds * time.TimestampFrequency));
        var left = all.BeginEdit();
        foreach (var (scope, bucket) in all)
        {
            if (bucket.IsFull)
                left.Remove(scope);
        }

        var swept = left.Done();
        Volatile.Write(ref _sweepAt, Math.Max(Few, Math.Min(2 * swept.Count, Most)));
        return swept;
    }
}
