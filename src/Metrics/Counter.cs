namespace Barnabas.Metrics;

/// <summary>A number that is counted up from many lanes at once. Safe from any lane.</summary>
/// <remarks>One field while nobody is in the way of anybody; where two count at the same moment it spreads over cache
/// lines of its own, so that they never meet again. Counting allocates nothing but that, once.</remarks>
public sealed class Counter
{
    private const int Cells = 8;
    private const int LongsInLine = 8;
    private long _first;
    private long[]? _spread;

    /// <summary>What has been counted; never less than an earlier reading.</summary>
    public long Value
    {
        get
        {
            var sum = Interlocked.Read(ref _first);
            if (Volatile.Read(ref _spread) is { } spread)
            {
                for (var i = 0; i < spread.Length; i += LongsInLine)
                    sum += Interlocked.Read(ref spread[i]);
            }

            return sum;
        }
    }

    /// <summary>Counts one.</summary>
    public void Add() => Add(1);

    /// <summary>Counts several; not fewer than none.</summary>
    public void Add(long count)
    {
        if (Volatile.Read(ref _spread) is { } spread)
        {
            Interlocked.Add(ref spread[Line()], count);
            return;
        }

        var seen = Volatile.Read(ref _first);
        if (Interlocked.CompareExchange(ref _first, seen + count, seen) == seen)
            return;
        var fresh = new long[Cells * LongsInLine];
        Interlocked.Add(ref (Interlocked.CompareExchange(ref _spread, fresh, null) ?? fresh)[Line()], count);
    }

    private static int Line() => (Environment.CurrentManagedThreadId % Cells) * LongsInLine;
}
