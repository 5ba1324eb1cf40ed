using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Describes topics page by page (KIP-966).</summary>
public sealed class DescribeTopicPartitionsApi(Broker broker)
    : IApiHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>
{
    /// <inheritdoc/>
    public Pending<DescribeTopicPartitionsResponse> Handle(
        RequestContext context, DescribeTopicPartitionsRequest request)
    {
        if (request.Cursor is { PartitionIndex: < 0 })
            throw new Wire.MalformedFrameException("a cursor's partition index is negative");
        var state = broker.State;
        var left = Math.Min(request.ResponsePartitionLimit, broker.Config.DescribedPartitions);
        var response = new DescribeTopicPartitionsResponse();
        foreach (var name in Names(state, request))
        {
            if (left <= 0)
            {
                response.NextCursor = new() { TopicName = name, PartitionIndex = 0 };
                break;
            }

            if (!state.Topics.TryGetValue(name, out var topic))
            {
                response.Topics.Add(Failed(name));
                continue;
            }

            var from = request.Cursor?.TopicName == name ? request.Cursor.PartitionIndex : 0;
            var answer = Describe(state, topic, from, left, context.Connection.Listener);
            response.Topics.Add(answer);
            left -= answer.Partitions.Count;
            if (from + answer.Partitions.Count >= topic.Partitions.Count)
                continue;
            response.NextCursor = new() { TopicName = name, PartitionIndex = from + answer.Partitions.Count };
            break;
        }

        return response;
    }

    /// <summary>The topics asked for, or all, in order of their names, from the cursor's on.</summary>
    private static IEnumerable<string> Names(ClusterState state, DescribeTopicPartitionsRequest request)
    {
        var names = request.Topics.Count == 0
            ? state.Topics.Select(t => t.Key)
            : request.Topics.Select(t => t.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return request.Cursor is { } cursor
            ? names.Where(name => string.CompareOrdinal(name, cursor.TopicName) >= 0)
            : names;
    }

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Failed(string name) => new()
    {
        Name = name,
        ErrorCode = TopicNames.Check(name) is null
            ? ErrorCode.UnknownTopicOrPartition
            : ErrorCode.InvalidTopicException,
    };

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Describe(
        ClusterState state, TopicState topic, int from, int most, string listener)
    {
        var answer = new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
        {
            Name = topic.Name,
            TopicId = topic.Id,
            IsInternal = topic.IsInternal,
            TopicAuthorizedOperations = AuthorizedOperations.OfTopic,
        };
        foreach (var (index, partition) in topic.Partitions.Skip(from).Take(most))
        {
            answer.Partitions.Add(new()
            {
                ErrorCode = Broker.LeaderError(state, partition, listener),
                PartitionIndex = index,
                LeaderId = partition.Leader,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = [.. partition.Replicas],
                IsrNodes = [.. partition.Isr],
                // Empty, never null: Java's client does not expect a null here.
                EligibleLeaderReplicas = [.. partition.Elr],
                LastKnownElr = [.. partition.LastKnownElr],
                OfflineReplicas = [.. partition.Replicas.Where(replica => !state.IsActive(replica))],
            });
        }

        return answer;
    }
}
