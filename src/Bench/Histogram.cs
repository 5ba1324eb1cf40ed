using System.Numerics;

namespace Barnabas.Bench;

/// <summary>Counts lengths of time in buckets whose width grows with the time: 128 of equal width to each power
/// of two, so that a percentile is at most 0.8 % too long. Its memory is fixed. One thread records at a time;
/// others may read what is a little behind.</summary>
public sealed class Histogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;
    private const int LargestExponent = 40;
    private readonly long[] _counts = new long[SubBuckets * (LargestExponent - SubBits + 1)];
    private long _longest;
    private double _sum;

    /// <summary>How many were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, exactly; zero where nothing was recorded.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(_longest);

    /// <summary>The mean; zero where nothing was recorded.</summary>
    public TimeSpan Mean => TimeSpan.FromTicks(Count == 0 ? 0 : (long)(_sum / Count));

    /// <summary>Records a length of time; what is negative counts as none, and what is above 30 hours as 30
    /// hours.</summary>
    public void Record(TimeSpan time)
    {
        var ticks = Math.Clamp(time.Ticks, 0, (1L << LargestExponent) - 1);
        _counts[BucketOf(ticks)]++;
        _longest = Math.Max(_longest, ticks);
        _sum += ticks;
        Count++;
    }

    /// <summary>Adds all that another one has recorded.</summary>
    public void Add(Histogram other)
    {
        for (var at = 0; at < _counts.Length; at++)
            _counts[at] += other._counts[at];
        _longest = Math.Max(_longest, other._longest);
        _sum += other._sum;
        Count += other.Count;
    }

    /// <summary>What was recorded since an earlier copy of this one. The longest is known to its bucket
    /// only.</summary>
    public Histogram Since(Histogram earlier)
    {
        var since = new Histogram();
        for (var at = 0; at < _counts.Length; at++)
        {
            since._counts[at] = _counts[at] - earlier._counts[at];
            since.Count += since._counts[at];
            if (since._counts[at] > 0)
                since._longest = Math.Min(_longest, LastOf(at));
        }

        since._sum = _sum - earlier._sum;
        return since;
    }

    /// <summary>The time that so many percent did not exceed: the end of its bucket, and never beyond the
    /// longest.</summary>
    /// <param name="percent">From 0 to 100.</param>
    /// <returns>Zero where nothing was recorded.</returns>
    public TimeSpan Percentile(double percent)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(Math.Clamp(percent, 0, 100) / 100 * Count));
        var seen = 0L;
        for (var at = 0; at < _counts.Length; at++)
        {
            seen += _counts[at];
            if (seen >= wanted)
                return TimeSpan.FromTicks(Math.Min(LastOf(at), _longest));
        }

        return Longest;
    }

    private static int BucketOf(long ticks)
    {
        if (ticks < SubBuckets)
            return (int)ticks;
        var shift = BitOperations.Log2((ulong)ticks) - SubBits;
        return (shift * SubBuckets) + (int)(ticks >> shift);
    }

    private static long LastOf(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        var shift = (bucket / SubBuckets) - 1;
        return ((bucket - ((long)shift * SubBuckets) + 1) << shift) - 1;
    }
}
