using Barnabas.Base;
using Barnabas.Replication;

namespace Barnabas.SimCluster;

/// <summary>What holds of every view of a partition, whatever it is to its broker.</summary>
internal static class ViewRules
{
    /// <summary>Fails where a bound is crossed.</summary>
    public static void Check(PartitionView view)
    {
        if (view.Log is not { } log)
            return;
        Promise.Holds(log.FlushedOffset <= log.End, $"{view.Name}: {log.FlushedOffset} is on disk of {log.End}");
        Promise.Holds(log.LogStart <= log.End, $"{view.Name}: starts at {log.LogStart}, behind its end {log.End}");
        Promise.Holds(view.HighWatermark <= log.End, $"{view.Name}: {view.HighWatermark} may be read of {log.End}");
        var (stable, open) = (view.LastStableOffset, log.FirstOpenTransaction);
        Promise.Holds(
            stable <= view.HighWatermark && (open is null || stable <= Offset.Max(open.Value, log.LogStart)),
            $"T3: {view.Name}: {stable} is stable, {open} is open and {view.HighWatermark} may be read");
        if (view.Role == PartitionRole.Leader && view.SyncsFirst)
        {
            Promise.Holds(
                view.HighWatermark <= log.FlushedOffset,
                $"I12: {view.Name}: {view.HighWatermark} may be read and {log.FlushedOffset} is on disk");
        }
    }
}
