using Barnabas.Replication;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Node;

namespace Barnabas.Tests.Simulation.Checks;

/// <summary>What every step of the world leaves true of the partitions of a node.</summary>
/// <remarks>Looked at after every step, so cheap: a partition is judged when it has published something new.</remarks>
internal sealed class StepChecks(SimulatedNode node)
{
    private readonly Dictionary<Partition, PartitionView> _last = [];

    /// <summary>Looks at all that has changed. Fails where a bound is crossed or goes back.</summary>
    public void Look()
    {
        if (node.Running is not { } running)
        {
            _last.Clear();
            return;
        }

        foreach (var partition in running.Broker.Replicas.All)
        {
            var now = partition.View;
            var before = _last.GetValueOrDefault(partition);
            if (ReferenceEquals(now, before))
                continue;
            _last[partition] = now;
            ViewRules.Check(now);
            if (before is not null)
                Check(before, now);
        }
    }

    private static void Check(PartitionView before, PartitionView now)
    {
        Assert.True(now.HighWatermark >= before.HighWatermark, $"I4: {now.Name}: the high watermark went back");
        Assert.True(
            now.LastStableOffset >= before.LastStableOffset || now.Log is null,
            $"T3: {now.Name}: the last stable offset went back");
        Assert.True(now.LeaderEpoch >= before.LeaderEpoch, $"I8: {now.Name}: the leader epoch went back");
        if (before.Log is not { } was || now.Log is not { } log)
            return;
        Assert.True(log.End >= was.End, $"{now.Name}: the log's end went back from {was.End} to {log.End}");
        Assert.True(log.FlushedOffset >= was.FlushedOffset, $"{now.Name}: what is on disk became less");
        Assert.True(log.LogStart >= was.LogStart, $"I11: {now.Name}: the log's start went back");
    }
}
