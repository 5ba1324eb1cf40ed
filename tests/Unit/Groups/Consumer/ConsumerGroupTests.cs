using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Consumer;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Groups.Consumer;

/// <summary>What others ask a consumer group: what it is like, who may commit, and how it goes.</summary>
public sealed class ConsumerGroupTests
{
    private readonly Coordinator _coordinator = new Coordinator().Topic("t", 2);

    [Fact]
    public void It_is_described_with_what_members_own_and_shall_own()
    {
        _coordinator.Join("a", "t", "i");
        _coordinator.Join("b", "t");
        var group = DescribeConsumerGroup.Describe(
            _coordinator.Group, _coordinator.Cluster, _coordinator.Rules.Assignors);

        Assert.Equal(
            ("g", "Reconciling", 2, 2, "uniform"),
            (group.GroupId, group.GroupState, group.GroupEpoch, group.AssignmentEpoch, group.AssignorName));
        Assert.Equal(
            ["a i 1 client /10.0.0.1 t 1 t:0,1 t:0", "b  2 client /10.0.0.1 t 1  t:1"],
            group.Members.Select(member =>
                $"{member.MemberId} {member.InstanceId} {member.MemberEpoch} {member.ClientId} {member.ClientHost} "
                + $"{string.Join(',', member.SubscribedTopicNames)} {member.MemberType} {Show(member.Assignment)} "
                + Show(member.TargetAssignment)));

        _coordinator.DeleteTopic("t");
        Assert.Empty(DescribeConsumerGroup.Describe(
            _coordinator.Group, _coordinator.Cluster, _coordinator.Rules.Assignors)
            .Members[0].Assignment.TopicPartitions);
    }

    [Theory]
    [InlineData("a", 1, 9, false, ErrorCode.None)]
    [InlineData("a", 0, 9, false, ErrorCode.StaleMemberEpoch)]
    [InlineData("a", 2, 9, false, ErrorCode.StaleMemberEpoch)]
    [InlineData("a", 1, 8, false, ErrorCode.UnsupportedVersion)]
    [InlineData("a", 1, 3, true, ErrorCode.None)]
    [InlineData("b", 1, 9, false, ErrorCode.UnknownMemberId)]
    [InlineData("", -1, 9, false, ErrorCode.UnknownMemberId)]
    public void Members_commit_in_their_epoch(
        string member, int epoch, short version, bool transactional, ErrorCode error)
    {
        _coordinator.Join("a", "t");
        var checkedCommit = ConsumerOffsets.CheckCommit(_coordinator.Group, member, epoch, version, transactional);
        Assert.Equal(error, checkedCommit.Code);
    }

    [Theory]
    [InlineData("a", 1, ErrorCode.None)]
    [InlineData("a", 0, ErrorCode.StaleMemberEpoch)]
    [InlineData("b", 1, ErrorCode.UnknownMemberId)]
    [InlineData(null, 1, ErrorCode.UnknownMemberId)]
    [InlineData(null, -1, ErrorCode.None)]
    public void Members_fetch_in_their_epoch_and_others_without_one(string? member, int epoch, ErrorCode error)
    {
        _coordinator.Join("a", "t");
        Assert.Equal(error, ConsumerOffsets.CheckFetch(_coordinator.Group, member, epoch).Code);
    }

    [Fact]
    public void Anybody_commits_to_a_group_of_nobody()
    {
        _coordinator.Join("a", "t");
        _coordinator.Leave("a");
        Assert.Equal(ErrorCode.None, ConsumerOffsets.CheckCommit(_coordinator.Group, "", -1, 2, false).Code);
    }

    [Fact]
    public void A_classic_member_is_kept_with_all_that_it_said_and_commits_in_its_generation()
    {
        var group = ConsumerGroup.New("g");
        foreach (var record in new StoredRecord[]
        {
            new(
                new ConsumerGroupMemberMetadataKey { GroupId = "g", MemberId = "c" },
                new ConsumerGroupMemberMetadataValue
                {
                    SubscribedTopicNames = ["t"],
                    ClassicMemberMetadata = new()
                    {
                        SessionTimeoutMs = 7_000,
                        SupportedProtocols = [new() { Name = "range", Metadata = new byte[] { 1, 2 } }],
                    },
                }),
            new(
                new ConsumerGroupCurrentMemberAssignmentKey { GroupId = "g", MemberId = "c" },
                new ConsumerGroupCurrentMemberAssignmentValue { MemberEpoch = 3, PreviousMemberEpoch = 2 }),
        })
        {
            group = group.Apply(record)!;
        }

        Assert.Equal(new(TimeSpan.FromSeconds(7), [new("range", new byte[] { 1, 2 })]), group.Find("c")!.Classic);
        Assert.Equal(ErrorCode.IllegalGeneration, ConsumerOffsets.CheckCommit(group, "c", 2, 2, false).Code);
        Assert.Equal(ErrorCode.None, ConsumerOffsets.CheckCommit(group, "c", 3, 2, false).Code);
    }

    [Fact]
    public void Its_tombstones_leave_nothing_of_it()
    {
        _coordinator.Join("a", "t", "i");
        var request = Coordinator.Joining("b", "");
        request.SubscribedTopicRegex = "t.*";
        _coordinator.Beat(request);
        var keys = _coordinator.Log.Cast<StoredRecord>().Select(Key).ToHashSet();

        var tombstones = _coordinator.Group.Tombstones();
        Assert.All(tombstones, record => Assert.Null(record.Value));
        Assert.Equal(keys.Order(), tombstones.Select(Key).Order());
        Assert.Null(GroupText.Replay("g", [.. _coordinator.Log, .. tombstones]));
    }

    private static string Show(ConsumerGroupDescribeResponse.Assignment assignment) => string.Join(
        ' ', assignment.TopicPartitions.Select(topic => $"{topic.TopicName}:{string.Join(',', topic.Partitions)}"));

    private static string Key(StoredRecord record) => record.Key switch
    {
        ConsumerGroupMemberMetadataKey key => $"5 {key.MemberId}",
        ConsumerGroupTargetAssignmentMemberKey key => $"7 {key.MemberId}",
        ConsumerGroupCurrentMemberAssignmentKey key => $"8 {key.MemberId}",
        ConsumerGroupRegularExpressionKey key => $"16 {key.RegularExpression}",
        var key => $"{key.RecordType}",
    };
}
