using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>Looks at logs that are compacted: what there is to do in each.</summary>
/// <param name="nowMs">The time.</param>
/// <param name="logs">The partitions, and where their logs are.</param>
internal sealed class CompactionSurvey(
    long nowMs, IReadOnlyList<(Partition Partition, LogDirectory Home)> logs)
{
    /// <summary>Looks at all of them. May block on the disk.</summary>
    public List<SurveyedLog> Take()
    {
        var surveyed = new List<SurveyedLog>(logs.Count);
        foreach (var (partition, home) in logs)
        {
            if (Look(partition, home) is { } log)
                surveyed.Add(log);
        }

        return surveyed;
    }

    private SurveyedLog? Look(Partition partition, LogDirectory home)
    {
        var view = partition.View;
        if (view.Log is not { } log)
            return null;
        try
        {
            var lags = new CleaningLags(view.Config.MinCompactionLag, view.Config.MaxCompactionLag);
            var plan = log.PlanCleaning(home.CleanedOf(view.Name), view.LastStableOffset, nowMs, lags);
            return new(partition, home, plan) { NeedsRoll = NeedsRoll(log, lags.MaxLag) };
        }
        catch (LogDamagedException damaged)
        {
            return new(partition, home, default) { Damage = damaged.Message };
        }
        catch (IOException)
        {
            // The log was closed, or a segment deleted, under the reader. What is worse the cleaning itself will tell.
            return null;
        }
    }

    // An append rolls a segment that is too old; where nothing is appended, nothing would.
    private bool NeedsRoll(LogView log, TimeSpan? maxLag) => maxLag is { } lag
        && log.OldestActiveTimestamp() is { } oldest && nowMs - oldest > lag.TotalMilliseconds;
}

/// <summary>A log that is compacted, as it stood at a moment.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Home">The directory it is in.</param>
/// <param name="Plan">What there is to do.</param>
internal sealed record SurveyedLog(Partition Partition, LogDirectory Home, CleaningPlan Plan)
{
    /// <summary>True when its active segment has records that ought to be compacted by now.</summary>
    public bool NeedsRoll { get; init; }

    /// <summary>What is wrong with its bytes; null where nothing was found.</summary>
    public string? Damage { get; init; }

    /// <summary>True when it is worth compacting.</summary>
    public bool IsDue => Damage is null && Plan.IsDue(Partition.View.Config.MinCleanableDirtyRatio);
}
