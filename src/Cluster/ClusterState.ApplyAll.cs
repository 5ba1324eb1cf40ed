using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

public sealed partial record ClusterState
{
    /// <inheritdoc/>
    public ClusterState Apply(IReadOnlyList<ITypedRecord> records)
    {
        var state = this;
        for (var i = 0; i < records.Count;)
        {
            if (TopicOf(records[i]) is { } topic && state.TryGetTopic(topic, out var before))
            {
                state = state.ApplyRun(before, records, ref i);
                continue;
            }

            state = state.Apply(records[i]);
            i++;
        }

        return state;
    }

    private static TopicId? TopicOf(ITypedRecord record) => record switch
    {
        PartitionRecord partition => partition.TopicId,
        PartitionChangeRecord change => change.TopicId,
        _ => null,
    };

    /// <summary>Applies records about partitions of one topic that follow each other: its map is changed
    /// once.</summary>
    private ClusterState ApplyRun(TopicState topic, IReadOnlyList<ITypedRecord> records, ref int at)
    {
        var partitions = topic.Partitions.BeginEdit();
        for (; at < records.Count && TopicOf(records[at]) == topic.Id; at++)
        {
            if (records[at] is PartitionRecord added)
            {
                partitions.Set(added.PartitionId, PartitionState.From(added));
            }
            else if (records[at] is PartitionChangeRecord change
                && partitions.TryGetValue(change.PartitionId, out var partition))
            {
                partitions.Set(change.PartitionId, partition.With(change));
            }
        }

        return this with { Topics = Topics.With(topic.Name, topic with { Partitions = partitions.Done() }) };
    }
}
