using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Groups;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Offsets;
using Barnabas.Wire.Messages;
using RequestedPartition = Barnabas.Wire.Messages.OffsetCommitRequest.OffsetCommitRequestPartition;
using TopicOutcome = Barnabas.Wire.Messages.OffsetCommitResponse.OffsetCommitResponseTopic;

namespace Barnabas.Server.Apis;

/// <summary>Stores where a group stands (KIP-211, KIP-320, KIP-345, KIP-848).</summary>
public sealed class OffsetCommitApi(Broker broker) : IApiHandler<OffsetCommitRequest, OffsetCommitResponse>
{
    private const int FirstVersionWithTopicIds = 10;

    /// <inheritdoc/>
    public Pending<OffsetCommitResponse> Handle(RequestContext context, OffsetCommitRequest request) =>
        Pending<OffsetCommitResponse>.InOrder(AnswerAsync(context, request));

    private async Task<OffsetCommitResponse?> AnswerAsync(RequestContext context, OffsetCommitRequest request)
    {
        var offsets = new List<KeyValuePair<TopicPartition, CommittedOffset>>();
        var response = new OffsetCommitResponse();
        var rules = broker.Groups.Rules;
        var expiresAt = request.RetentionTimeMs >= 0 ? rules.Now + request.RetentionTimeMs : -1;
        foreach (var topic in request.Topics)
        {
            var error = broker.Topics.FindTopic(topic.Name, topic.TopicId, out var known);
            if (known is null && context.Version >= FirstVersionWithTopicIds)
                error = ErrorCode.UnknownTopicId;
            var outcome = new TopicOutcome { Name = topic.Name, TopicId = topic.TopicId };
            response.Topics.Add(outcome);
            foreach (var partition in topic.Partitions)
            {
                var fault = known is null ? error : Check(known, partition, rules);
                outcome.Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, ErrorCode = fault });
                if (fault != ErrorCode.None)
                    continue;
                var place = new TopicPartition(known!.Name, partition.PartitionIndex);
                offsets.Add(new(place, Read(partition, rules, expiresAt)));
            }
        }

        var command = new CommitCommand(
            request.GroupId, request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch,
            context.Version, offsets);
        if (offsets.Count == 0 && request.Topics.Count > 0)
            return response;
        var refused = await broker.Groups.CommandAsync(
            request.GroupId, (state, _) => CommitOffsets.Decide(state, Fenced(state, command)), error => error);
        return refused == ErrorCode.None ? response : Refuse(response, refused);
    }

    private CommitCommand Fenced(GroupsState state, CommitCommand command) =>
        broker.Host.Has(PlantedBug.GenerationNotFenced)
            && state.Find(command.GroupId)?.Membership is ClassicGroup { Members.Count: > 0 } group
            ? command with { Generation = group.Generation }
            : command;

    private static ErrorCode Check(TopicState topic, RequestedPartition partition, GroupRules rules)
    {
        if (!topic.Partitions.ContainsKey(partition.PartitionIndex))
            return ErrorCode.UnknownTopicOrPartition;
        return (partition.CommittedMetadata?.Length ?? 0) > rules.Config.OffsetMetadataMaxBytes
            ? ErrorCode.OffsetMetadataTooLarge
            : ErrorCode.None;
    }

    private static CommittedOffset Read(RequestedPartition partition, GroupRules rules, long expiresAt) => new(
        partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata ?? "", rules.Now,
        expiresAt);

    // What was wrong with a partition by itself stays its own.
    private static OffsetCommitResponse Refuse(OffsetCommitResponse response, ErrorCode error)
    {
        foreach (var partition in response.Topics.SelectMany(topic => topic.Partitions))
        {
            if (partition.ErrorCode == ErrorCode.None)
                partition.ErrorCode = error;
        }

        return response;
    }
}
