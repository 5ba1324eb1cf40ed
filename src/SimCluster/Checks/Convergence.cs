using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Replication;

namespace Barnabas.SimCluster;

/// <summary>Whether a cluster without faults has come to rest, and what has to hold once it has.</summary>
/// <param name="nodes">The brokers.</param>
/// <param name="watch">What is known of the cluster's state.</param>
internal sealed class Convergence(IReadOnlyList<ClusterNode> nodes, ClusterWatch watch)
{
    /// <summary>What is yet to come; null where every broker serves, every partition has its wanted replicas in sync
    /// and all of them have the same.</summary>
    public string? Missing()
    {
        foreach (var node in nodes)
        {
            if (node.Running is not { } running)
                return $"broker {node.Number} does not serve";
            var active = running.Broker.State.Brokers.Where(static broker => broker.Value.IsActive).ToList();
            if (active.Count < nodes.Count)
            {
                var quorum = running.Broker.Quorum();
                return $"broker {node.Number}, led by {quorum.Leader} in epoch {quorum.Epoch}, knows of "
                    + $"{string.Join(", ", active.Select(static broker => broker.Key))} alone to be active";
            }
        }

        foreach (var topic in watch.State.Topics)
        {
            foreach (var partition in topic.Value.Partitions)
            {
                if (Missing(topic.Value, partition.Key, partition.Value) is { } missing)
                    return missing;
            }
        }

        return null;
    }

    /// <summary>Holds the brokers against each other: they know the same (K12), and replicas are the same, byte for
    /// byte (I10).</summary>
    public void Check()
    {
        foreach (var topic in watch.State.Topics)
        {
            foreach (var partition in topic.Value.Partitions)
                Check(topic.Value, partition.Key, partition.Value);
        }
    }

    private string? Missing(TopicState topic, int index, PartitionState state)
    {
        var name = $"{topic.Name}-{index}";
        if (state.Leader == BrokerId.None)
            return $"{name} has no leader";
        if (state.IsReassigning)
            return $"{name} is being reassigned";
        if (state.Isr.Length < state.Replicas.Length)
            return $"{name}: in sync are {string.Join(", ", state.Isr)} of {string.Join(", ", state.Replicas)}";
        var leader = ViewOf(state.Leader, topic.Id, index);
        if (leader is not { Role: PartitionRole.Leader, Log: { } led } || leader.LeaderEpoch != state.LeaderEpoch)
            return $"{name} is not led by {state.Leader}";
        if (leader.HighWatermark != led.End)
            return $"{name}: {leader.HighWatermark} is committed of {led.End}";
        foreach (var broker in state.Replicas)
        {
            var view = ViewOf(broker, topic.Id, index);
            if (view?.Log?.End != led.End)
                return $"{name}: {broker} ends at {view?.Log?.End}, its leader at {led.End}";
            if (view.HighWatermark != leader.HighWatermark)
                return $"{name}: {broker} knows {view.HighWatermark} to be committed of {leader.HighWatermark}";
        }

        return null;
    }

    private void Check(TopicState topic, int index, PartitionState state)
    {
        var name = $"{topic.Name}-{index}";
        foreach (var node in nodes)
        {
            var known = node.Running!.Broker.State.TryGetTopic(topic.Id, out var there)
                ? there.Partitions.TryGetValue(index, out var partition) ? partition : null
                : null;
            Promise.Holds(
                known?.PartitionEpoch == state.PartitionEpoch && known.Leader == state.Leader,
                $"K12: {name}: broker {node.Number} knows another state of it");
        }

        var leader = ViewOf(state.Leader, topic.Id, index)!;
        foreach (var broker in state.Replicas)
        {
            var view = ViewOf(broker, topic.Id, index)!;
            Promise.Holds(
                view.Log!.LogStart == leader.Log!.LogStart,
                $"I11: {name}: {broker} begins at {view.Log.LogStart}, its leader at {leader.Log.LogStart}");
        }

        var first = Bytes(state.Replicas[0], name);
        foreach (var broker in state.Replicas.Skip(1))
        {
            var other = Bytes(broker, name);
            var same = first.AsSpan().CommonPrefixLength(other);
            Promise.Holds(
                same == first.Length && same == other.Length,
                $"I10: {name}: brokers {state.Replicas[0]} and {broker} have the same {same} bytes of "
                + $"{first.Length} and {other.Length}");
        }
    }

    private byte[] Bytes(BrokerId broker, string partition)
    {
        var (disk, directory) = (nodes[broker.Value - 1].Disk, $"/data/{partition}");
        var segments = disk.List(directory).Select(static entry => entry.Name)
            .Where(static name => name.EndsWith(".log", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return [.. segments.SelectMany(name => disk.Peek($"{directory}/{name}"))];
    }

    private PartitionView? ViewOf(BrokerId broker, TopicId topic, int index) =>
        nodes[broker.Value - 1].Running?.Broker.Replicas.Find(topic, index)?.View;
}
