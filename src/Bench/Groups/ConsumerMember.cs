using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench;

/// <summary>A member of a group of the consumer protocol (KIP-848).</summary>
internal sealed class ConsumerMember : GroupMember
{
    private const short HeartbeatVersion = 1;
    private const int Joins = 0, Leaves = -1;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private List<ConsumerGroupHeartbeatRequest.TopicPartitionsData> _owned = [];

    /// <summary>A member, outside.</summary>
    public ConsumerMember(Peer peer, string group, string topic, int partition)
        : base(peer, group, topic, partition) => Id = Guid.NewGuid().ToString();

    /// <summary>Half of a group goes and comes back, so that all others give partitions up, or take some
    /// on.</summary>
    /// <returns>Ends when all are at one epoch with an even share.</returns>
    public static async Task RebalanceAsync(IReadOnlyList<ConsumerMember> everybody)
    {
        var half = everybody.Where(static (_, i) => i % 2 == 1).ToList();
        var others = everybody.Where(static (_, i) => i % 2 == 0).ToList();
        await Task.WhenAll(half.Select(static m => m.LeaveAsync()));
        await SettleAsync(others, everybody.Count);
        await Task.WhenAll(half.Select(static m => m.JoinAsync()));
        await SettleAsync(everybody, everybody.Count);
    }

    /// <summary>Keeps members alive until each has an even share of the partitions and all are at one
    /// epoch.</summary>
    public static async Task SettleAsync(IReadOnlyList<ConsumerMember> group, int partitions)
    {
        while (group.Any(m => m.Count > (partitions + group.Count - 1) / group.Count || m.Epoch != group[0].Epoch)
            || group.Sum(static m => m.Count) < partitions)
        {
            foreach (var error in await Task.WhenAll(group.Select(static m => m.BeatAsync())))
                Check(error);
            await Task.Delay(Pause);
        }
    }

    /// <inheritdoc/>
    public override async Task JoinAsync() => Check(await AskAsync(new()
    {
        GroupId = Group,
        MemberId = Id,
        MemberEpoch = Joins,
        RebalanceTimeoutMs = TimeoutMs,
        SubscribedTopicNames = [Topic],
        TopicPartitions = [],
    }));

    /// <inheritdoc/>
    public override Task<ErrorCode> BeatAsync() =>
        AskAsync(new() { GroupId = Group, MemberId = Id, MemberEpoch = Epoch, TopicPartitions = _owned });

    private int Count => _owned.Sum(static topic => topic.Partitions.Count);

    private async Task LeaveAsync()
    {
        Check(await AskAsync(new() { GroupId = Group, MemberId = Id, MemberEpoch = Leaves }));
        _owned = [];
    }

    private async Task<ErrorCode> AskAsync(ConsumerGroupHeartbeatRequest request)
    {
        var answer = await Peer.SendAsync(request, HeartbeatVersion, Patience);
        if (answer.ErrorCode != ErrorCode.None)
            return answer.ErrorCode;
        Epoch = answer.MemberEpoch;
        if (answer.Assignment is { } share)
            _owned = [.. share.TopicPartitions.Select(Own)];
        return ErrorCode.None;
    }

    private static ConsumerGroupHeartbeatRequest.TopicPartitionsData Own(
        ConsumerGroupHeartbeatResponse.TopicPartitions given) =>
        new() { TopicId = given.TopicId, Partitions = given.Partitions };
}
