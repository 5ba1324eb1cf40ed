using Barnabas.Base;
using Barnabas.Groups.Offsets;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Deletes offsets of a group for topics it does not read (KIP-496).</summary>
public sealed class OffsetDeleteApi(Broker broker) : IApiHandler<OffsetDeleteRequest, OffsetDeleteResponse>
{
    /// <inheritdoc/>
    public Pending<OffsetDeleteResponse> Handle(RequestContext context, OffsetDeleteRequest request) =>
        Pending<OffsetDeleteResponse>.InOrder(AnswerAsync(request));

    private async Task<OffsetDeleteResponse?> AnswerAsync(OffsetDeleteRequest request)
    {
        var state = broker.State;
        var known = new List<TopicPartition>();
        foreach (var topic in request.Topics)
        {
            known.AddRange(topic.Partitions.Select(p => new TopicPartition(topic.Name, p.PartitionIndex))
                .Where(p => state.FindPartition(p) is not null));
        }

        var (error, subscribed) = await broker.Groups.CommandAsync(
            request.GroupId,
            (groups, _) => DeleteOffsets.Decide(groups, request.GroupId, known),
            error => (error, (IReadOnlySet<string>)new HashSet<string>()));
        if (error != ErrorCode.None)
            return new OffsetDeleteResponse { ErrorCode = error };
        return new OffsetDeleteResponse
        {
            Topics = [.. request.Topics.Select(topic => new OffsetDeleteResponse.OffsetDeleteResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(p => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                {
                    PartitionIndex = p.PartitionIndex,
                    ErrorCode = Outcome(new(topic.Name, p.PartitionIndex)),
                })],
            })],
        };

        ErrorCode Outcome(TopicPartition partition)
        {
            if (state.FindPartition(partition) is null)
                return ErrorCode.UnknownTopicOrPartition;
            return subscribed.Contains(partition.Topic) ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None;
        }
    }
}
