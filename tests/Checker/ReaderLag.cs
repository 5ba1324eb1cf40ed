namespace Barnabas.Tests.Checker;

/// <summary>How long readers did not get what was there.</summary>
internal static class ReaderLag
{
    /// <summary>The longest time from when it was known that a key goes on behind a reader's position until that reader
    /// began a poll which still did not get it.</summary>
    public static long Worst(History history)
    {
        var tails = Tails(history);
        var worst = 0L;
        var positions = new Dictionary<int, Dictionary<int, long>>();
        foreach (var operation in history.Operations)
        {
            if (!positions.TryGetValue(operation.Process, out var own))
                positions[operation.Process] = own = [];
            if (operation.Assigns is { } keys)
            {
                foreach (var key in own.Keys.Except(keys).ToList())
                    own.Remove(key);
            }

            if (operation.Outcome != Outcome.Ok || operation.Steps.Any(static step => step.Kind == StepKind.Send))
                continue;
            foreach (var step in operation.Steps.Where(static step => step.Kind == StepKind.Read))
                own[step.Key] = step.Offset;
            foreach (var (key, position) in own)
            {
                if (tails.TryGetValue(key, out var tail) && KnownSince(tail, position) is { } since)
                    worst = Math.Max(worst, operation.Began - since);
            }
        }

        return worst;
    }

    /// <summary>By key: the highest offset that was known, and from when on; both ascend.</summary>
    private static Dictionary<int, List<(long Offset, long Time)>> Tails(History history)
    {
        var tails = new Dictionary<int, List<(long Offset, long Time)>>();
        foreach (var operation in history.Operations.Where(static o => o.Outcome == Outcome.Ok)
            .OrderBy(static o => o.Ended))
        {
            foreach (var step in operation.Steps)
            {
                if (step.Kind is not (StepKind.Send or StepKind.Read) || step.Offset == Step.NoOffset)
                    continue;
                if (!tails.TryGetValue(step.Key, out var tail))
                    tails[step.Key] = tail = [];
                if (tail.Count == 0 || tail[^1].Offset < step.Offset)
                    tail.Add((step.Offset, operation.Ended));
            }
        }

        return tails;
    }

    /// <summary>Since when an offset above a position was known; null where none ever was.</summary>
    private static long? KnownSince(List<(long Offset, long Time)> tail, long position)
    {
        var (low, high) = (0, tail.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (tail[middle].Offset <= position)
                low = middle + 1;
            else
                high = middle;
        }

        return low < tail.Count ? tail[low].Time : null;
    }
}
