namespace Barnabas.Server.Quotas;

/// <summary>Limits a rate: whatever is used is paid for with the time the quota allows for it.</summary>
/// <remarks>
/// <para>A token bucket that remembers one number: the time up to which all that was used is paid for. While that lies
/// in the past there is credit, never more than the window's; while it lies in the future there is a debt, and it
/// tells how long to wait. So a rate comes to its quota exactly, a burst within the window passes, and there are no
/// samples to keep (the generic cell rate algorithm; Kafka counts samples, and its mutation quota tokens,
/// KIP-599).</para>
/// <para>Safe from any lane: each change is one compare-and-swap.</para>
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="rate">What may be used in a second.</param>
/// <param name="window">How long unused rate is kept, and how long a debt is remembered at least.</param>
internal sealed class RateBucket(TimeProvider time, double rate, TimeSpan window)
{
    /// <summary>The longest debt, so that what a client is told fits an int32 of milliseconds.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(int.MaxValue);
    private readonly long _window = Ticks(time, window);
    private readonly long _longest = Ticks(time, Longest);
    private long _paidUntil = long.MinValue;
    private double _rate = rate;

    /// <summary>The most that can be used at once without a debt.</summary>
    internal double MostAtOnce => Volatile.Read(ref _rate) * window.TotalSeconds;

    /// <summary>True when nothing is owed and all credit is there: a new bucket would be the same.</summary>
    internal bool IsFull => Interlocked.Read(ref _paidUntil) <= time.GetTimestamp() - _window;

    /// <summary>What may still be used; negative while something is owed.</summary>
    internal double Available
    {
        get
        {
            var now = time.GetTimestamp();
            var credit = now - Math.Max(Interlocked.Read(ref _paidUntil), now - _window);
            return Volatile.Read(ref _rate) * credit / time.TimestampFrequency;
        }
    }

    /// <summary>How long it takes until nothing is owed any more.</summary>
    internal TimeSpan Debt => Span(Interlocked.Read(ref _paidUntil) - time.GetTimestamp());

    /// <summary>Uses something, whether there is credit for it or not.</summary>
    /// <returns>How long it takes until it is paid for; zero where there was credit.</returns>
    internal TimeSpan Take(double amount)
    {
        var now = time.GetTimestamp();
        return Span(Add(CostOf(amount), now) - now);
    }

    /// <summary>Uses something if there is credit for it. More than fits the window passes when the window's credit is
    /// there, or it never could.</summary>
    /// <returns>Zero when it was used; else how long it takes until there is credit for it.</returns>
    internal TimeSpan TryTake(double amount)
    {
        var now = time.GetTimestamp();
        var cost = CostOf(amount);
        var paidUntil = Math.Max(Interlocked.Read(ref _paidUntil), now - _window);
        var wait = paidUntil + Math.Min(cost, _window) - now;
        if (wait > 0)
            return Span(wait);
        Add(cost, now);
        return TimeSpan.Zero;
    }

    /// <summary>Goes on with another rate: what is owed stays owed, and is paid for at that one.</summary>
    internal void Change(double rate)
    {
        var before = Interlocked.Exchange(ref _rate, rate);
        if (before.Equals(rate))
            return;
        var now = time.GetTimestamp();
        var seen = Interlocked.Read(ref _paidUntil);
        var owed = seen - now;
        if (owed > 0)
            Interlocked.CompareExchange(ref _paidUntil, now + Bounded(owed * (before / rate)), seen);
    }

    private static long Ticks(TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    // Another connection may have moved it on meanwhile: then this one comes behind it.
    private long Add(long cost, long now)
    {
        var seen = Interlocked.Read(ref _paidUntil);
        while (true)
        {
            var after = Math.Min(Math.Max(seen, now - _window) + cost, now + _longest);
            var before = Interlocked.CompareExchange(ref _paidUntil, after, seen);
            if (before == seen)
                return after;
            seen = before;
        }
    }

    private long CostOf(double amount) => Bounded(amount / Volatile.Read(ref _rate) * time.TimestampFrequency);

    private long Bounded(double ticks) => ticks < _longest ? (long)Math.Ceiling(ticks) : _longest;

    private TimeSpan Span(long ticks) =>
        ticks > 0 ? TimeSpan.FromSeconds((double)ticks / time.TimestampFrequency) : TimeSpan.Zero;
}
