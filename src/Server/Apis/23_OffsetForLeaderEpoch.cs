using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Tells where a leader epoch ends in our log, so that the asker sees where its own copy, or what it has read,
/// parts from ours (KIP-101, KIP-279, KIP-320).</summary>
public sealed class OffsetForLeaderEpochApi(Broker broker)
    : IApiHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>
{
    /// <inheritdoc/>
    public Pending<OffsetForLeaderEpochResponse> Handle(RequestContext context, OffsetForLeaderEpochRequest request) =>
        new OffsetForLeaderEpochResponse
        {
            Topics = [.. request.Topics.Select(topic => new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult
            {
                Topic = topic.Topic,
                Partitions = [.. topic.Partitions.Select(asked => Find(topic.Topic, asked))],
            })],
        };

    private OffsetForLeaderEpochResponse.EpochEndOffset Find(
        string topic, OffsetForLeaderEpochRequest.OffsetForLeaderPartition asked)
    {
        var answer = new OffsetForLeaderEpochResponse.EpochEndOffset
        {
            Partition = asked.Partition,
            ErrorCode = broker.Topics.Find(topic, TopicId.None, asked.Partition, out var partition),
        };
        if (partition?.View is not { } view)
            return answer;
        answer.ErrorCode = view.CheckLeader(asked.CurrentLeaderEpoch);
        if (answer.ErrorCode == ErrorCode.None && view.Log?.Epochs.EndOf(asked.LeaderEpoch, view.Log.End) is { } found)
            (answer.LeaderEpoch, answer.EndOffset) = found;
        return answer;
    }
}
