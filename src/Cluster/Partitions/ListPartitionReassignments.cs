using Barnabas.Wire.Messages;
using Ongoing = Barnabas.Wire.Messages.ListPartitionReassignmentsResponse.OngoingPartitionReassignment;
using TopicResult = Barnabas.Wire.Messages.ListPartitionReassignmentsResponse.OngoingTopicReassignment;

namespace Barnabas.Cluster;

/// <summary>Lists the moves of partitions that are under way (KIP-455).</summary>
public static class ListPartitionReassignments
{
    /// <summary>Answers a request: of the partitions it names, or of all, those that move. What there is not is left
    /// out.</summary>
    public static ListPartitionReassignmentsResponse Answer(
        ClusterState state, ListPartitionReassignmentsRequest request)
    {
        var moving = request.Topics is { } named
            ? named.Select(topic => (topic.Name, Partitions: topic.PartitionIndexes.Distinct()))
            : state.Reassigning().GroupBy(
                partition => partition.Topic.Name,
                (name, partitions) => (name, partitions.Select(partition => partition.Index)));
        var response = new ListPartitionReassignmentsResponse { ErrorMessage = null };
        foreach (var (name, partitions) in moving)
        {
            if (!state.Topics.TryGetValue(name, out var topic))
                continue;
            var result = new TopicResult { Name = name };
            foreach (var index in partitions)
            {
                if (topic.Partitions.TryGetValue(index, out var partition) && partition.IsReassigning)
                    result.Partitions.Add(Of(index, partition));
            }

            if (result.Partitions.Count > 0)
                response.Topics.Add(result);
        }

        return response;
    }

    private static Ongoing Of(int index, PartitionState partition) => new()
    {
        PartitionIndex = index,
        Replicas = [.. partition.Replicas],
        AddingReplicas = [.. partition.AddingReplicas],
        RemovingReplicas = [.. partition.RemovingReplicas],
    };
}
