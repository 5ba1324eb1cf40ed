using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    /// <summary>Begins to compact the log; null where there is nothing to do, or no log.</summary>
    internal Task<LogCleaning?> BeginCleaningAsync(CleaningPlan plan, Offset durable, CleaningLimits limits) =>
        _lane.RunAsync(() => _log is { Failed: false } log && _replacing is null
            ? log.BeginCleaning(plan, durable, limits)
            : null);

    /// <summary>Puts the segment that is ready in the place of those it was made of.</summary>
    /// <returns>False where the log is not what it was, or is not to be compacted any more.</returns>
    internal Task<bool> ReplaceSegmentsAsync(LogCleaning cleaning, CompactionRun run) => _lane.RunAsync(() =>
    {
        if (_log is not { Failed: false } log || _replacing is not null || run.IsCancelled)
            return false;
        try
        {
            var isReplaced = log.TryReplace(cleaning);
            Publish();
            ArmRemoval();
            return isReplaced;
        }
        catch (IOException fault)
        {
            Fail(fault);
            return false;
        }
    });

    /// <summary>Puts on disk what was done to the log; false where that failed, or there is no log.</summary>
    internal Task<bool> FlushAsync() => _lane.RunAsync(async () =>
    {
        if (_log is not { } log)
            return false;
        try
        {
            await log.FlushAsync();
            Publish();
            return true;
        }
        catch (IOException fault)
        {
            if (_log == log)
                Fail(fault);
            return false;
        }
    });

    /// <summary>Ends the active segment, whose records are to be compacted.</summary>
    internal Task RollAsync() => _lane.RunAsync(() =>
    {
        try
        {
            if (_replacing is null)
                _log?.Roll();
            Publish();
        }
        catch (DiskFullException) when (_log is { Failed: false })
        {
            // There is no room for a segment; the next look tries again.
            Publish();
        }
        catch (IOException fault)
        {
            Fail(fault);
        }

        return true;
    });
}
