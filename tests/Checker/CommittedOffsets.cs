namespace Barnabas.Tests.Checker;

/// <summary>All that was tried to be committed for a key, and what can stand there when.</summary>
/// <remarks>A commit of which nobody knows what became of it may take effect at any time after it began.</remarks>
internal sealed class CommittedOffsets
{
    private readonly List<Tried> _acknowledged;
    private readonly List<Tried> _known;
    private readonly List<Tried> _all;
    private readonly long[] _endedUpTo;
    private readonly long[] _leastUnknown;
    private readonly long[] _most;

    public CommittedOffsets(Facts facts, IEnumerable<(int Operation, Step Step)> commits)
    {
        _all =
        [
            .. from commit in commits
               let operation = facts.Operations[commit.Operation]
               where operation.Outcome != Outcome.Failed
               select new Tried(operation, commit.Step.Offset),
        ];
        _known = [.. _all.Where(static tried => tried.Operation.Outcome == Outcome.Ok)];
        _acknowledged = [.. _known.OrderBy(static tried => tried.Operation.Ended)];
        _endedUpTo = Running(_known, long.MinValue, static (most, tried) => Math.Max(most, tried.Operation.Ended));
        _leastUnknown = Running(
            _all, long.MaxValue,
            static (least, tried) => tried.Operation.Outcome == Outcome.Ok ? least : Math.Min(least, tried.Offset));
        _most = Running(_all, Step.NoOffset, static (most, tried) => Math.Max(most, tried.Offset));
    }

    /// <summary>The lowest offset that may be found: what was acknowledged last, or a lower one that was under way with
    /// it, or after it.</summary>
    public long Least(Operation asked)
    {
        var last = CountBefore(_acknowledged, asked.Began, static tried => tried.Operation.Ended) - 1;
        if (last < 0)
            return Step.NoOffset;
        var standing = _acknowledged[last];
        var least = standing.Offset;
        var (known, all) = (CountBegun(_known, asked), CountBegun(_all, asked));
        for (var i = known - 1; i >= 0 && _endedUpTo[i] >= standing.Operation.Began; i--)
        {
            if (_known[i].Operation.Ended >= standing.Operation.Began)
                least = Math.Min(least, _known[i].Offset);
        }

        return all == 0 ? least : Math.Min(least, _leastUnknown[all - 1]);
    }

    /// <summary>The highest offset that may be found: the highest that anybody had tried to commit.</summary>
    public long Most(Operation asked)
    {
        var begun = CountBegun(_all, asked);
        return begun == 0 ? Step.NoOffset : _most[begun - 1];
    }

    private static int CountBegun(List<Tried> tried, Operation asked) =>
        CountBefore(tried, asked.Ended, static one => one.Operation.Began);

    /// <summary>How many of those, sorted by a time, come before a time.</summary>
    private static int CountBefore(List<Tried> sorted, long time, Func<Tried, long> timeOf)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (timeOf(sorted[middle]) < time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static long[] Running(List<Tried> all, long seed, Func<long, Tried, long> next)
    {
        var running = new long[all.Count];
        for (var i = 0; i < running.Length; i++)
            running[i] = seed = next(seed, all[i]);
        return running;
    }

    private sealed record Tried(Operation Operation, long Offset);
}
