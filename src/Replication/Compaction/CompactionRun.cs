using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>A log while it is being compacted. Changed on the lane of <see cref="Replicas"/>.</summary>
/// <param name="partition">The partition.</param>
/// <param name="home">The directory its log is in.</param>
/// <param name="plan">What there is to do.</param>
internal sealed class CompactionRun(Partition partition, LogDirectory home, CleaningPlan plan)
{
    // Plain: only what runs on that lane awaits it.
    private readonly TaskCompletionSource _over = new();
    private volatile bool _isCancelled;

    /// <summary>The partition.</summary>
    public Partition Partition => partition;

    /// <summary>The directory its log is in.</summary>
    public LogDirectory Home => home;

    /// <summary>What there is to do.</summary>
    public CleaningPlan Plan => plan;

    /// <summary>True when it is to end before its time. From any lane.</summary>
    public bool IsCancelled => _isCancelled;

    /// <summary>Completes when it is over.</summary>
    public Task Over => _over.Task;

    /// <summary>It is to end: nothing of the log is replaced any more.</summary>
    public void Cancel() => _isCancelled = true;

    /// <summary>It is over.</summary>
    public void End() => _over.SetResult();
}
