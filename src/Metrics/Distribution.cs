namespace Barnabas.Metrics;

/// <summary>How often values fell into fixed ranges, and their sum. Safe from any lane.</summary>
/// <remarks>Kept several times over, a copy for some of the threads, so that lanes do not wait for each other's cache
/// lines. Recording allocates nothing but such a copy, once. Values are whole numbers of a small unit, microseconds for
/// times; the family says what they are shown in.</remarks>
public sealed class Distribution
{
    private const int Copies = 8;
    private readonly long[] _bounds;
    private readonly long[]?[] _copies = new long[]?[Copies];

    /// <summary>An empty distribution.</summary>
    /// <param name="bounds">The upper bounds of the ranges, ascending, each inclusive; above the last there is one
    /// more.</param>
    public Distribution(long[] bounds) => _bounds = bounds;

    /// <summary>Counts a value in.</summary>
    public void Record(long value)
    {
        var at = Environment.CurrentManagedThreadId % Copies;
        var copy = Volatile.Read(ref _copies[at]) ?? Begin(at);
        var range = 0;
        while (range < _bounds.Length && value > _bounds[range])
            range++;
        Interlocked.Increment(ref copy[range]);
        Interlocked.Add(ref copy[_bounds.Length + 1], value);
    }

    /// <summary>What has been recorded: a count for each range, one more than there are bounds, and the sum of all
    /// values. The counts add up to the number of values at some moment of the call.</summary>
    public (long[] Counts, long Sum) Read()
    {
        var counts = new long[_bounds.Length + 1];
        var sum = 0L;
        foreach (var copy in _copies)
        {
            if (copy is null)
                continue;
            for (var i = 0; i < counts.Length; i++)
                counts[i] += Interlocked.Read(ref copy[i]);
            sum += Interlocked.Read(ref copy[counts.Length]);
        }

        return (counts, sum);
    }

    // Ranges, the sum, and as much again of nothing: no two copies share a cache line.
    private long[] Begin(int at)
    {
        var copy = new long[_bounds.Length + 16];
        return Interlocked.CompareExchange(ref _copies[at], copy, null) ?? copy;
    }
}
