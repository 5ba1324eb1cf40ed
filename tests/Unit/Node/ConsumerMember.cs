using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>A member of the group <c>g</c> that keeps to the consumer protocol: it gives up at once what it shall, and
/// says so with its next heartbeat.</summary>
internal sealed class ConsumerMember(Peer peer, string id, params string[] topics)
{
    public const string Group = "g";

    public string Id => id;

    public int Epoch { get; private set; }

    /// <summary>The partitions it owns, of all topics.</summary>
    public List<int> Owned { get; private set; } = [];

    public int IntervalMs { get; private set; }

    public string? Pattern { get; init; }

    private List<ConsumerGroupHeartbeatRequest.TopicPartitionsData> _owned = [];

    public async Task<ErrorCode> BeatAsync()
    {
        var answer = await NodeStory.AskAsync(peer, new ConsumerGroupHeartbeatRequest
        {
            GroupId = Group,
            MemberId = id,
            MemberEpoch = Epoch,
            RebalanceTimeoutMs = Epoch == 0 ? 60_000 : -1,
            SubscribedTopicNames = Epoch == 0 ? [.. topics] : null,
            SubscribedTopicRegex = Epoch == 0 ? Pattern : null,
            TopicPartitions = _owned,
        });
        if (answer.ErrorCode != ErrorCode.None)
            return answer.ErrorCode;
        (Epoch, IntervalMs) = (answer.MemberEpoch, answer.HeartbeatIntervalMs);
        if (answer.Assignment is { } assigned)
        {
            _owned = assigned.TopicPartitions.ConvertAll(topic => new ConsumerGroupHeartbeatRequest.TopicPartitionsData
            {
                TopicId = topic.TopicId,
                Partitions = topic.Partitions,
            });
            Owned = [.. assigned.TopicPartitions.SelectMany(topic => topic.Partitions)];
        }

        return ErrorCode.None;
    }

    public async Task<ErrorCode> LeaveAsync() => (await NodeStory.AskAsync(peer, new ConsumerGroupHeartbeatRequest
    {
        GroupId = Group,
        MemberId = id,
        MemberEpoch = -1,
    })).ErrorCode;

    /// <summary>Commits an offset of partition 0 of <c>orders</c>.</summary>
    public async Task<ErrorCode> CommitAsync(long offset, int? epoch = null)
    {
        var commit = GroupRequests.Commit(Group, "orders", TopicId.None, 0, 9, offset);
        (commit.MemberId, commit.GenerationIdOrMemberEpoch) = (id, epoch ?? Epoch);
        return (await NodeStory.AskAsync(peer, commit, 9)).Topics[0].Partitions[0].ErrorCode;
    }

    /// <summary>Lets members beat in turn until nothing changes any more.</summary>
    public static async Task SettleAsync(params ConsumerMember[] members)
    {
        for (var round = 0; round < 4; round++)
        {
            foreach (var member in members)
                Assert.Equal(ErrorCode.None, await member.BeatAsync());
        }
    }
}
