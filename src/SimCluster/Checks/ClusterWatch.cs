using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Replication;

namespace Barnabas.SimCluster;

/// <summary>What every step of the world leaves true of a cluster.</summary>
/// <remarks>Partitions are judged when they have published something new, the cluster's state when a broker knows a
/// newer one; what compares brokers is looked at every so many steps.</remarks>
/// <param name="nodes">The brokers.</param>
/// <param name="topics">The topics whose creation was acknowledged.</param>
/// <param name="mark">Told of what does not happen in every history.</param>
internal sealed class ClusterWatch(
    IReadOnlyList<ClusterNode> nodes, IReadOnlyList<HistoryTopic> topics, Action<string> mark)
{
    private const int Stride = 16;
    private const int LongStride = 256;
    private readonly Dictionary<Partition, PartitionView> _last = [];
    private readonly Dictionary<(TopicId, int, LeaderEpoch), BrokerId> _leaders = [];
    private readonly Dictionary<(TopicId, int), Offset> _exposed = [];
    private long _stateOffset = -1;
    private int _steps;

    /// <summary>The newest state of the cluster that any broker ever knew.</summary>
    public ClusterState State { get; private set; } = ClusterState.Empty;

    /// <summary>Looks at all that has changed. Fails where a promise is broken.</summary>
    public void Look()
    {
        _steps++;
        foreach (var node in nodes)
        {
            if (node.Running is not { } running)
                continue;
            var held = running.Broker.Controller.Held;
            if (held.Offset > _stateOffset)
                Take(held.State, held.Offset);
            foreach (var partition in running.Broker.Replicas.All)
            {
                var now = partition.View;
                var before = _last.GetValueOrDefault(partition);
                if (ReferenceEquals(now, before))
                    continue;
                _last[partition] = now;
                Check(running.Broker.Id, before, now);
            }
        }

        if (_steps % Stride == 0)
            CheckAcknowledged();
        if (_steps % LongStride == 0)
            CheckHistories();
    }

    /// <summary>True while a broker believes that it leads a partition which another leads by now: it answers what
    /// it knows, as Apache Kafka's does.</summary>
    public bool IsLedByTwo(TopicPartition name) => State.FindPartition(name) is { } decided && nodes.Any(
        node => node.Running?.Broker.Replicas.All.Any(replica => replica.View is { Role: PartitionRole.Leader } view
            && view.Name == name && view.LeaderEpoch < decided.LeaderEpoch) == true);

    private void Take(ClusterState state, long offset)
    {
        foreach (var topic in state.Topics)
        {
            var before = State.TryGetTopic(topic.Value.Id, out var known) ? known : null;
            if (ReferenceEquals(before, topic.Value))
                continue;
            foreach (var partition in topic.Value.Partitions)
            {
                var name = $"{topic.Key}-{partition.Key}";
                var was = before?.Partitions.TryGetValue(partition.Key, out var old) == true ? old : null;
                if (!ReferenceEquals(was, partition.Value))
                    Check(state, name, was, partition.Value);
            }
        }

        (State, _stateOffset) = (state, offset);
    }

    private void Check(ClusterState state, string name, PartitionState? before, PartitionState now)
    {
        Promise.Holds(
            now.Leader == BrokerId.None || now.Isr.Contains(now.Leader),
            $"I2: {name}: {now.Leader} leads and is not in sync with itself: {string.Join(", ", now.Isr)}");
        Promise.Holds(
            now.Leader == BrokerId.None || IsServing(state, now.Leader),
            $"I7: {name}: {now.Leader} leads and is fenced");
        if (now.Isr.Length > 1)
        {
            foreach (var broker in now.Isr)
                Promise.Holds(IsServing(state, broker), $"I7: {name}: {broker} is in sync and fenced");
        }

        if (now.RecoveryState != LeaderRecoveryState.Recovered)
            mark("unclean election");
        if (!now.Elr.IsEmpty)
            mark("eligible leader replica");
        if (now.IsReassigning)
            mark("reassignment");
        if (before is not null)
            Check(name, before, now);
    }

    private static bool IsServing(ClusterState state, BrokerId broker) =>
        state.Brokers.TryGetValue(broker, out var known) && !known.Fenced;

    private void Check(string name, PartitionState before, PartitionState now)
    {
        Promise.Holds(
            now.PartitionEpoch >= before.PartitionEpoch,
            $"I8: {name}: partition epoch {now.PartitionEpoch} after {before.PartitionEpoch}");
        // Another broker told it first.
        if (now.PartitionEpoch == before.PartitionEpoch)
        {
            Promise.Holds(
                now.Leader == before.Leader && now.LeaderEpoch == before.LeaderEpoch
                    && now.Isr.AsSpan().SequenceEqual(before.Isr.AsSpan()),
                $"K12: {name}: two states have partition epoch {now.PartitionEpoch}");
            return;
        }

        Promise.Holds(
            now.LeaderEpoch >= before.LeaderEpoch, $"I8: {name}: epoch {now.LeaderEpoch} after {before.LeaderEpoch}");
        Promise.Holds(
            now.Leader == before.Leader || now.LeaderEpoch > before.LeaderEpoch,
            $"I8: {name}: {now.Leader} leads after {before.Leader} in the same epoch {now.LeaderEpoch}");
        if (now.Leader != before.Leader && now.Leader != BrokerId.None)
            mark("election");
        if (now.Leader != BrokerId.None && before.Elr.Contains(now.Leader))
            mark("election of an eligible replica");
        if (now.Isr.Length < before.Isr.Length)
            mark("shrunk");
        if (now.Isr.Length > before.Isr.Length)
            mark("grown");
    }

    private void Check(BrokerId broker, PartitionView? before, PartitionView now)
    {
        if (now.Log is not { } log)
        {
            mark("offline replica");
            return;
        }

        ViewRules.Check(now);
        var key = (now.TopicId, now.Name.Partition);
        if (now.Role == PartitionRole.Leader)
        {
            var leader = _leaders.TryGetValue((now.TopicId, now.Name.Partition, now.LeaderEpoch), out var known)
                ? known
                : broker;
            Promise.Holds(leader == broker, $"I8: {now.Name}: {leader} and {broker} lead in epoch {now.LeaderEpoch}");
            _leaders[(now.TopicId, now.Name.Partition, now.LeaderEpoch)] = broker;
            if (now.HighWatermark > _exposed.GetValueOrDefault(key, Offset.Zero))
            {
                _exposed[key] = now.HighWatermark;
                // A watermark that a deposed leader still moves is on all that it was in sync with.
                Promise.Holds(
                    before is null || before.Role != PartitionRole.Leader || now.HighWatermark == before.HighWatermark
                        || now.Isr.Length >= Math.Min(now.Config.MinInsyncReplicas, now.Replicas.Length),
                    $"I6: {now.Name}: {now.HighWatermark} is committed by {now.Isr.Length} replicas in sync");
            }
        }

        if (before is not null)
            Check(before, now);
        else if (now.Role == PartitionRole.Leader && log.End > now.HighWatermark)
            mark("leader with an uncommitted tail");
    }

    private void Check(PartitionView before, PartitionView now)
    {
        Promise.Holds(now.LeaderEpoch >= before.LeaderEpoch, $"I8: {now.Name}: the leader epoch went back");
        if (before.Log is not { } was || now.Log is not { } log)
            return;
        Promise.Holds(log.LogStart >= was.LogStart, $"I11: {now.Name}: the log's start went back");
        if (log.End < was.End)
            mark("truncation");
        if (before.Role != PartitionRole.Leader || now.Role != PartitionRole.Leader
            || before.LeaderEpoch != now.LeaderEpoch)
        {
            return;
        }

        Promise.Holds(
            now.HighWatermark >= before.HighWatermark,
            $"I4: {now.Name}: the watermark went from {before.HighWatermark} to {now.HighWatermark}");
        Promise.Holds(log.End >= was.End, $"{now.Name}: a leader's end went from {was.End} to {log.End}");
        Promise.Holds(
            now.LastStableOffset >= before.LastStableOffset, $"T3: {now.Name}: the last stable offset went back");
    }

    // I3, I5: what was acknowledged, and what consumers may have read, is on every replica in sync that runs.
    private void CheckAcknowledged()
    {
        foreach (var topic in topics)
        {
            if (!State.TryGetTopic(topic.Id, out var state))
                continue;
            for (var i = 0; i < topic.Partitions.Count; i++)
            {
                if (!state.Partitions.TryGetValue(i, out var partition))
                    continue;
                var committed = Math.Max(
                    topic.Partitions[i].End, _exposed.GetValueOrDefault((topic.Id, i), Offset.Zero).Value);
                foreach (var (node, view) in InSync(topic.Id, i, partition))
                {
                    Promise.Holds(
                        view.Log is null || view.Log.End.Value >= committed,
                        $"I3: {view.Name}: {committed} is committed, and {node} in sync ends at {view.Log?.End}");
                }
            }
        }
    }

    // I1, I9: the logs of all in sync agree up to what is committed.
    private void CheckHistories()
    {
        foreach (var topic in State.Topics)
        {
            foreach (var partition in topic.Value.Partitions)
            {
                if (Leader(topic.Value.Id, partition.Key, partition.Value) is not { Log: { } led } leader)
                    continue;
                foreach (var (node, view) in InSync(topic.Value.Id, partition.Key, partition.Value))
                {
                    if (view.Log is not { } log || log.End < leader.HighWatermark)
                        continue;
                    var agrees = led.Epochs.AgreesUpTo(led.End, log.Epochs, log.End);
                    Promise.Holds(
                        agrees >= leader.HighWatermark,
                        $"I1: {view.Name}: {node} agrees with its leader up to {agrees} of {leader.HighWatermark}");
                }
            }
        }
    }

    private PartitionView? Leader(TopicId topic, int index, PartitionState state)
    {
        if (state.Leader.Value < 1 || nodes[state.Leader.Value - 1].Running is not { } running)
            return null;
        var view = running.Broker.Replicas.Find(topic, index)?.View;
        return view?.Role == PartitionRole.Leader && view.LeaderEpoch == state.LeaderEpoch ? view : null;
    }

    private IEnumerable<(int Node, PartitionView View)> InSync(TopicId topic, int index, PartitionState state)
    {
        foreach (var broker in state.Isr)
        {
            if (nodes[broker.Value - 1].Running?.Broker.Replicas.Find(topic, index)?.View is { } view)
                yield return (broker.Value, view);
        }
    }
}
