using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Requests of members of groups.</summary>
internal static class GroupRequests
{
    public static JoinGroupRequest Join(string group, string member = "", short version = 9) => new()
    {
        GroupId = group,
        MemberId = member,
        SessionTimeoutMs = 10_000,
        RebalanceTimeoutMs = version == 0 ? -1 : 60_000,
        ProtocolType = "consumer",
        Protocols = [new() { Name = "range", Metadata = Subscription("orders") }],
    };

    public static OffsetCommitRequest Commit(
        string group, string topic, TopicId id, int partition, short version = 9, long offset = 10) => new()
        {
            GroupId = group,
            Topics =
            [
                new()
                {
                    Name = topic,
                    TopicId = id,
                    Partitions =
                    [
                        new()
                        {
                            PartitionIndex = partition,
                            CommittedOffset = new Offset(offset),
                            CommittedLeaderEpoch = version < 6 ? LeaderEpoch.None : new LeaderEpoch(3),
                            CommittedMetadata = "note",
                        },
                    ],
                },
            ],
        };

    public static OffsetFetchRequest FetchOffsets(short version, string group, string topic, TopicId id) => version < 8
        ? new() { GroupId = group, Topics = [new() { Name = topic, PartitionIndexes = [0] }] }
        : new()
        {
            Groups =
            [
                new() { GroupId = group, Topics = [new() { Name = topic, TopicId = id, PartitionIndexes = [0] }] },
            ],
        };

    public static long OffsetOf(short version, OffsetFetchResponse answer) => version < 8
        ? answer.Topics[0].Partitions[0].CommittedOffset.Value
        : answer.Groups[0].Topics[0].Partitions[0].CommittedOffset.Value;

    /// <summary>What a consumer tells its assignor.</summary>
    public static byte[] Subscription(params string[] topics) =>
        HeadedMessage.Write(new ConsumerProtocolSubscription { Topics = [.. topics] }, 0);

    /// <summary>What an assignor tells a consumer: partitions of a topic.</summary>
    public static byte[] Share(string topic, params IEnumerable<int> partitions) => HeadedMessage.Write(
        new ConsumerProtocolAssignment { AssignedPartitions = [new() { Topic = topic, Partitions = [.. partitions] }] },
        0);

    /// <summary>The partitions in what a consumer was told, of all topics.</summary>
    public static List<int> PartitionsOf(ReadOnlyMemory<byte> share)
    {
        if (share.IsEmpty)
            return [];
        var r = new WireReader(share);
        var read = ConsumerProtocolAssignment.Read(ref r, r.ReadInt16());
        r.End();
        return [.. read.AssignedPartitions.SelectMany(topic => topic.Partitions)];
    }
}
