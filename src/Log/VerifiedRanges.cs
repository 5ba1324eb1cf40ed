namespace Barnabas.Log;

/// <summary>Which stretches of a segment's file are known to hold the bytes that were appended: those this process
/// wrote itself, and those whose checksums it has compared since it started.</summary>
/// <remarks>Used from any lane. Readers add what they have checked, so that each stretch is checked once a
/// run.</remarks>
internal sealed class VerifiedRanges
{
    private Range[] _ranges;

    /// <summary>All of the file from <paramref name="start"/> on, however long it grows, is good.</summary>
    public VerifiedRanges(int start) => _ranges = [new(start, int.MaxValue)];

    /// <summary>True when all of [start, end) is good.</summary>
    public bool Holds(int start, int end)
    {
        foreach (var range in Volatile.Read(ref _ranges))
        {
            if (range.Start <= start && end <= range.End)
                return true;
        }

        return false;
    }

    /// <summary>The part of [start, end) that remains to be checked, less what is good at its beginning.</summary>
    public int FirstUnchecked(int start, int end)
    {
        foreach (var range in Volatile.Read(ref _ranges))
        {
            if (range.Start <= start && start < range.End)
                start = range.End;
        }

        return Math.Min(start, end);
    }

    /// <summary>[start, end) was found good.</summary>
    public void Add(int start, int end)
    {
        while (true)
        {
            var before = Volatile.Read(ref _ranges);
            if (Interlocked.CompareExchange(ref _ranges, Merge(before, new(start, end)), before) == before)
                return;
        }
    }

    private static Range[] Merge(Range[] ranges, Range added)
    {
        var merged = new List<Range>(ranges.Length + 1);
        foreach (var range in ranges)
        {
            if (range.End < added.Start || range.Start > added.End)
                merged.Add(range);
            else
                added = new(Math.Min(range.Start, added.Start), Math.Max(range.End, added.End));
        }

        merged.Add(added);
        merged.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        return [.. merged];
    }

    private readonly record struct Range(int Start, int End);
}
