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
            if (TopicOf(records[i]) is not { } topic)
                state = state.Apply(records[i++]);
            else if (state.TryGetTopic(topic, out var before))
                state = state.ApplyRun(before, records, ref i);
            else
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
        var index = Index.BeginEdit(topic.Id);
        for (; at < records.Count && TopicOf(records[at]) == topic.Id; at++)
        {
            var number = NumberOf(records[at]);
            partitions.TryGetValue(number, out var before);
            var after = records[at] is PartitionRecord added
                ? PartitionState.From(added)
                : before?.With((PartitionChangeRecord)records[at]);
            if (after is null)
                continue;
            partitions.Set(number, after);
            index.Changed(number, before, after);
        }

        return this with
        {
            Topics = Topics.With(topic.Name, topic with { Partitions = partitions.Done() }),
            Index = index.Done(),
        };
    }

    private static int NumberOf(ITypedRecord record) =>
        record is PartitionRecord partition ? partition.PartitionId : ((PartitionChangeRecord)record).PartitionId;
}
