using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What of a log there is to compact, as it stood at a moment.</summary>
/// <param name="FirstDirty">The offset up to which it was compacted before.</param>
/// <param name="FirstUncleanable">Where the first segment begins that may not be compacted yet; not below
/// <paramref name="FirstDirty"/>.</param>
/// <param name="CleanBytes">The bytes of segments below <paramref name="FirstDirty"/>.</param>
/// <param name="CleanableBytes">The bytes of the segments between the two.</param>
/// <param name="Delay">For how long the oldest of these records has been due by <c>max.compaction.lag.ms</c>; zero
/// where none is.</param>
/// <param name="IsCheckpointVoid">True when the offset up to which it was compacted cannot be right, or lies below the
/// log's start.</param>
public readonly record struct CleaningPlan(
    Offset FirstDirty, Offset FirstUncleanable, long CleanBytes, long CleanableBytes, TimeSpan Delay,
    bool IsCheckpointVoid)
{
    /// <summary>The part of the log that is new, of 1.</summary>
    public double DirtyRatio =>
        CleanBytes + CleanableBytes == 0 ? 0 : CleanableBytes / (double)(CleanBytes + CleanableBytes);

    /// <summary>True when it is worth compacting, or overdue.</summary>
    /// <param name="minDirtyRatio">The topic's <c>min.cleanable.dirty.ratio</c>.</param>
    public bool IsDue(double minDirtyRatio) =>
        CleanableBytes > 0 && (Delay > TimeSpan.Zero || DirtyRatio > minDirtyRatio);
}

/// <summary>What of a topic's configs decides when its logs are compacted.</summary>
/// <param name="MinLag"><c>min.compaction.lag.ms</c>.</param>
/// <param name="MaxLag"><c>max.compaction.lag.ms</c>; null for no limit.</param>
public readonly record struct CleaningLags(TimeSpan MinLag, TimeSpan? MaxLag);
