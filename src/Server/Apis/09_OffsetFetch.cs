using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Offsets;
using Barnabas.Wire.Messages;
using AskedGroup = Barnabas.Wire.Messages.OffsetFetchRequest.OffsetFetchRequestGroup;
using AskedTopic = Barnabas.Wire.Messages.OffsetFetchRequest.OffsetFetchRequestTopics;
using FoundGroup = Barnabas.Wire.Messages.OffsetFetchResponse.OffsetFetchResponseGroup;
using FoundPartition = Barnabas.Wire.Messages.OffsetFetchResponse.OffsetFetchResponsePartitions;
using FoundTopic = Barnabas.Wire.Messages.OffsetFetchResponse.OffsetFetchResponseTopics;

namespace Barnabas.Server.Apis;

/// <summary>Says where groups stand (KIP-88, KIP-320, KIP-447, KIP-709, KIP-848).</summary>
/// <remarks>What was acknowledged is found: an answer waits for commits under way. Where nothing is stored the offset
/// is
/// -1, which is no error.</remarks>
public sealed class OffsetFetchApi(Broker broker) : IApiHandler<OffsetFetchRequest, OffsetFetchResponse>
{
    private const int FirstVersionWithOwnError = 2;
    private const int FirstBatchedVersion = 8;
    private const int FirstVersionWithTopicIds = 10;

    /// <inheritdoc/>
    public Pending<OffsetFetchResponse> Handle(RequestContext context, OffsetFetchRequest request) =>
        Pending<OffsetFetchResponse>.InOrder(AnswerAsync(context, request));

    private async Task<OffsetFetchResponse?> AnswerAsync(RequestContext context, OffsetFetchRequest request)
    {
        if (context.Version < FirstBatchedVersion)
            return OfOne(await FindAsync(context, Asked(request), request.RequireStable), context.Version);
        var groups = request.Groups.ConvertAll(group => FindAsync(context, group, request.RequireStable));
        var response = new OffsetFetchResponse();
        foreach (var group in groups)
            response.Groups.Add(await group);
        return response;
    }

    private static AskedGroup Asked(OffsetFetchRequest request) => new()
    {
        GroupId = request.GroupId,
        Topics = request.Topics?.ConvertAll(topic => new AskedTopic
        {
            Name = topic.Name,
            PartitionIndexes = topic.PartitionIndexes,
        }),
    };

    private Task<FoundGroup> FindAsync(RequestContext context, AskedGroup asked, bool requireStable) =>
        broker.Groups.CommandAsync<FoundGroup>(
            asked.GroupId,
            (state, _) => Answer(state.Find(asked.GroupId), asked, context.Version, requireStable),
            error => Refuse(asked, error));

    private FoundGroup Answer(Group? group, AskedGroup asked, short version, bool requireStable)
    {
        var error = group?.Membership is ConsumerGroup consumer
            ? ConsumerOffsets.CheckFetch(consumer, asked.MemberId, asked.MemberEpoch).Code
            : ErrorCode.None;
        return error == ErrorCode.None ? Find(group, asked, version, requireStable) : Refuse(asked, error);
    }

    private FoundGroup Find(Group? group, AskedGroup asked, short version, bool requireStable) => new()
    {
        GroupId = asked.GroupId,
        Topics = asked.Topics is null
            ? All(group, version, requireStable)
            : asked.Topics.ConvertAll(topic => Find(group, topic, requireStable)),
    };

    private List<FoundTopic> All(Group? group, short version, bool requireStable)
    {
        var found = new List<FoundTopic>();
        if (group is null)
            return found;
        foreach (var (partition, _) in group.Offsets)
        {
            if (found.Count == 0 || found[^1].Name != partition.Topic)
            {
                var error = broker.Topics.FindTopic(partition.Topic, TopicId.None, out var topic);
                // By id a topic cannot be named that is there no more.
                if (error != ErrorCode.None && version >= FirstVersionWithTopicIds)
                    continue;
                found.Add(new() { Name = partition.Topic, TopicId = topic?.Id ?? TopicId.None });
            }

            found[^1].Partitions.Add(Find(group, partition, requireStable));
        }

        return found;
    }

    private FoundTopic Find(Group? group, AskedTopic asked, bool requireStable)
    {
        var error = ErrorCode.None;
        var name = asked.Name;
        if (asked.TopicId != TopicId.None)
        {
            error = broker.Topics.FindTopic(asked.Name, asked.TopicId, out var topic);
            name = topic?.Name ?? "";
        }

        return new()
        {
            Name = asked.Name,
            TopicId = asked.TopicId,
            Partitions = asked.PartitionIndexes.ConvertAll(index => error == ErrorCode.None
                ? Find(group, new TopicPartition(name, index), requireStable)
                : Nothing(index, error)),
        };
    }

    private FoundPartition Find(Group? group, TopicPartition partition, bool requireStable)
    {
        var index = partition.Partition;
        if (group?.Pending.TryGetValue(partition, out var pending) == true)
        {
            if (broker.Host.Has(PlantedBug.PendingOffsetsVisible))
                return Show(index, pending.Offset);
            // Nobody knows yet which of them it will be; the client asks again.
            if (requireStable)
                return Nothing(index, ErrorCode.UnstableOffsetCommit);
        }

        return group?.Offsets.TryGetValue(partition, out var offset) == true
            ? Show(index, offset)
            : Nothing(index, ErrorCode.None);
    }

    private static FoundPartition Show(int index, CommittedOffset offset) => new()
    {
        PartitionIndex = index,
        CommittedOffset = offset.Offset,
        CommittedLeaderEpoch = offset.LeaderEpoch,
        Metadata = offset.Metadata,
    };

    private static FoundPartition Nothing(int index, ErrorCode error) => new()
    {
        PartitionIndex = index,
        CommittedOffset = Offset.None,
        CommittedLeaderEpoch = LeaderEpoch.None,
        Metadata = "",
        ErrorCode = error,
    };

    // Version 1 has no error of the whole: its partitions carry it.
    private static FoundGroup Refuse(AskedGroup asked, ErrorCode error) => new()
    {
        GroupId = asked.GroupId,
        ErrorCode = error,
        Topics = (asked.Topics ?? []).ConvertAll(topic => new FoundTopic
        {
            Name = topic.Name,
            TopicId = topic.TopicId,
            Partitions = topic.PartitionIndexes.ConvertAll(index => Nothing(index, error)),
        }),
    };

    private static OffsetFetchResponse OfOne(FoundGroup group, short version) => new()
    {
        ErrorCode = group.ErrorCode,
        Topics = version >= FirstVersionWithOwnError && group.ErrorCode != ErrorCode.None
            ? []
            : group.Topics.ConvertAll(topic => new OffsetFetchResponse.OffsetFetchResponseTopic
            {
                Name = topic.Name,
                Partitions = topic.Partitions.ConvertAll(p => new OffsetFetchResponse.OffsetFetchResponsePartition
                {
                    PartitionIndex = p.PartitionIndex,
                    CommittedOffset = p.CommittedOffset,
                    CommittedLeaderEpoch = p.CommittedLeaderEpoch,
                    Metadata = p.Metadata,
                    ErrorCode = p.ErrorCode,
                }),
            }),
    };
}
