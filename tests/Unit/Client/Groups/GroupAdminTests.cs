using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client.Groups;

/// <summary>What the admin side asks coordinators and makes of the answers, against a fake broker.</summary>
public sealed class GroupAdminTests
{
    private static readonly TopicPartition Zero = new("t", 0);
    private static readonly TopicPartition One = new("t", 1);

    private readonly FakeCluster _cluster = new FakeCluster().With("t", 2);
    private readonly FakeGroup _group;

    public GroupAdminTests() => _group = new FakeGroup(_cluster);

    [Fact]
    public void Groups_are_listed_by_id_and_filtered_by_the_broker() => _cluster.Run(async client =>
    {
        _cluster.Broker.On<ListGroupsRequest, ListGroupsResponse>((request, _) => new()
        {
            Groups =
            [
                new() { GroupId = "z", ProtocolType = "consumer", GroupState = "Stable", GroupType = "classic" },
                new() { GroupId = "a", ProtocolType = "", GroupState = "Stable", GroupType = "classic" },
            ],
        });

        Assert.Equal(
            new GroupListing[]
            {
                new("a", "", "Stable", "classic", new(1)), new("z", "consumer", "Stable", "classic", new(1)),
            },
            await client.Admin.ListGroupsAsync(["Stable"], ["classic"], FakeCluster.Never));
        var request = Assert.Single(_cluster.Broker.Of<ListGroupsRequest>());
        Assert.Equal(["Stable"], request.StatesFilter);
        Assert.Equal(["classic"], request.TypesFilter);
    });

    [Fact]
    public void A_classic_group_is_described_with_what_its_members_read() => _cluster.Run(async client =>
    {
        _cluster.Broker.On<DescribeGroupsRequest, DescribeGroupsResponse>((_, _) => Described(ErrorCode.None));
        _cluster.Broker.Next<DescribeGroupsRequest, DescribeGroupsResponse>(
            (_, _) => Described(ErrorCode.NotCoordinator));
        IsDescribed(await client.Admin.DescribeGroupAsync("g", FakeCluster.Never));
        Assert.Equal(2, _cluster.Broker.Of<FindCoordinatorRequest>().Count);

        // A broker with the new protocol says that the group is of the old one.
        _cluster.Broker.On<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(
            (_, _) => new() { Groups = [new() { GroupId = "g", ErrorCode = ErrorCode.GroupIdNotFound }] });
        _cluster.Broker.Cut();
        await Task.Delay(TimeSpan.FromSeconds(1), _cluster.Host.Time);
        IsDescribed(await client.Admin.DescribeGroupAsync("g", FakeCluster.Never));
        Assert.Single(_cluster.Broker.Of<ConsumerGroupDescribeRequest>());

        static DescribeGroupsResponse Described(ErrorCode code) => new()
        {
            Groups =
            [
                new()
                {
                    ErrorCode = code, GroupId = "g", GroupState = "Stable", ProtocolType = "consumer",
                    ProtocolData = "range",
                    Members =
                    [
                        new()
                        {
                            MemberId = "m", ClientId = "c", ClientHost = "/127.0.0.1", GroupInstanceId = "i",
                            MemberAssignment = ConsumerProtocol.Write([One, Zero]),
                        },
                    ],
                },
            ],
        };

        static void IsDescribed(GroupDescription? group)
        {
            Assert.Equal(
                ("g", "Stable", "classic", "range", null, false),
                (group!.GroupId, group.State, group.Type, group.Assignor, group.Epoch, group.IsEmpty));
            var member = Assert.Single(group.Members);
            Assert.Equal(
                ("m", "i", "c", "/127.0.0.1"), (member.MemberId, member.InstanceId, member.ClientId, member.Host));
            Assert.Equal([Zero, One], member.Assignment);
        }
    });

    [Fact]
    public void A_group_of_the_new_protocol_is_described_with_its_target() => _cluster.Run(async client =>
    {
        ConsumerGroupDescribeResponse.Assignment zero = new()
        {
            TopicPartitions = [new() { TopicName = "t", Partitions = [0] }],
        };
        ConsumerGroupDescribeResponse.Assignment both = new()
        {
            TopicPartitions = [new() { TopicName = "t", Partitions = [1, 0] }],
        };
        _cluster.Broker.On<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>((_, _) => new()
        {
            Groups =
            [
                new()
                {
                    GroupId = "g", GroupState = "Reconciling", GroupEpoch = 5, AssignmentEpoch = 5,
                    AssignorName = "uniform",
                    Members =
                    [
                        new()
                        {
                            MemberId = "m", MemberEpoch = 4, ClientId = "c", ClientHost = "/127.0.0.1",
                            SubscribedTopicNames = ["t"], Assignment = zero, TargetAssignment = both,
                        },
                    ],
                },
            ],
        });

        var group = await client.Admin.DescribeGroupAsync("g", FakeCluster.Never);
        Assert.Equal(
            ("Reconciling", "consumer", "uniform", 5), (group!.State, group.Type, group.Assignor, group.Epoch));
        var member = Assert.Single(group.Members);
        Assert.Equal(4, member.Epoch);
        Assert.Equal([Zero], member.Assignment);
        Assert.Equal([Zero, One], member.Target);
    });

    [Theory]
    [InlineData(ErrorCode.GroupIdNotFound, "")]
    [InlineData(ErrorCode.None, "Dead")]
    public void A_group_that_does_not_exist_is_none(ErrorCode code, string state) => _cluster.Run(async client =>
    {
        _cluster.Broker.On<DescribeGroupsRequest, DescribeGroupsResponse>(
            (_, _) => new() { Groups = [new() { GroupId = "g", ErrorCode = code, GroupState = state }] });
        Assert.Null(await client.Admin.DescribeGroupAsync("g", FakeCluster.Never));
    });

    [Fact]
    public void Positions_of_an_empty_group_are_set_and_read() => _cluster.Run(async client =>
    {
        var offsets = new Dictionary<TopicPartition, CommittedOffset> { [One] = new(new Offset(7)) };
        var results = await client.Admin.AlterGroupOffsetsAsync("g", offsets, FakeCluster.Never);
        Assert.Equal([new PartitionResult(One, null)], results);
        Assert.Equal(offsets, await client.Admin.GetGroupOffsetsAsync("g", [Zero, One], FakeCluster.Never));
    });

    [Fact]
    public void Lag_is_what_lies_behind_the_position_in_partitions_that_exist() => _cluster.Run(async client =>
    {
        for (var i = 0; i < 5; i++)
            _cluster.Append("t", 0, Node.NodeStory.Batch("x"));
        (_group.Offsets[Zero], _group.Offsets[new("gone", 0)]) = (2, 9);
        _cluster.Broker.On<DescribeGroupsRequest, DescribeGroupsResponse>((_, _) => new()
        {
            Groups =
            [
                new()
                {
                    GroupId = "g", GroupState = "Stable", ProtocolType = "consumer",
                    Members = [new() { MemberId = "m", MemberAssignment = ConsumerProtocol.Write([One]) }],
                },
            ],
        });

        var lag = await client.Admin.GetGroupLagAsync("g", FakeCluster.Never);
        Assert.Equal(3, lag!.Total);
        Assert.Equal(
            new (string, long?, string?)[] { ("gone-0", null, null), ("t-0", 3, null), ("t-1", null, "m") },
            lag.Partitions.Select(p => ($"{p.Partition}", p.Lag, p.Member?.MemberId)));
    });

    [Fact]
    public void Positions_of_a_group_with_members_are_refused() => _cluster.Run(async client =>
    {
        await using var consumer = client.CreateRawConsumer(new("g", "t"));
        var reading = consumer.ReadAllAsync(FakeCluster.Never).GetAsyncEnumerator();
        var first = reading.MoveNextAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), _cluster.Host.Time);
        var results = await client.Admin.AlterGroupOffsetsAsync(
            "g", new Dictionary<TopicPartition, CommittedOffset> { [One] = new(new Offset(7)) }, FakeCluster.Never);
        Assert.Equal(ErrorCode.NonEmptyGroup, Assert.Single(results).Failure?.Code);

        _cluster.Append("t", 0, Node.NodeStory.Batch("x"));
        Assert.True(await first);
        await reading.DisposeAsync();
    });

    [Fact]
    public void Groups_positions_and_members_are_taken_away_each_with_its_outcome() => _cluster.Run(async client =>
    {
        _cluster.Broker.On<DeleteGroupsRequest, DeleteGroupsResponse>((request, _) => new()
        {
            Results = [new() { GroupId = request.GroupsNames[0], ErrorCode = ErrorCode.NonEmptyGroup }],
        });
        _cluster.Broker.On<OffsetDeleteRequest, OffsetDeleteResponse>((_, _) => new()
        {
            Topics =
            [
                new()
                {
                    Name = "t",
                    Partitions =
                    [
                        new() { PartitionIndex = 1, ErrorCode = ErrorCode.GroupSubscribedToTopic },
                        new() { PartitionIndex = 0 },
                    ],
                },
            ],
        });
        _cluster.Broker.On<LeaveGroupRequest, LeaveGroupResponse>((request, _) => new()
        {
            Members = [.. request.Members.Select(m => new LeaveGroupResponse.MemberResponse
            {
                MemberId = m.MemberId, GroupInstanceId = m.GroupInstanceId,
                ErrorCode = m.GroupInstanceId is null ? ErrorCode.UnknownMemberId : ErrorCode.None,
            })],
        });

        var deleted = await client.Admin.DeleteGroupsAsync(["g"], FakeCluster.Never);
        Assert.Equal(ErrorCode.NonEmptyGroup, Assert.Single(deleted).Failure?.Code);
        var offsets = await client.Admin.DeleteGroupOffsetsAsync("g", [One, Zero], FakeCluster.Never);
        Assert.Equal([Zero, One], offsets.Select(o => o.Partition));
        Assert.Equal(new ErrorCode?[] { null, ErrorCode.GroupSubscribedToTopic }, offsets.Select(o => o.Failure?.Code));
        var removed = await client.Admin.RemoveMembersAsync(
            "g", [("", "i"), ("m", null)], "cleaning", FakeCluster.Never);
        Assert.Equal(new ErrorCode?[] { null, ErrorCode.UnknownMemberId }, removed.Select(m => m.Failure?.Code));
        Assert.All(_cluster.Broker.Of<LeaveGroupRequest>()[0].Members, m => Assert.Equal("cleaning", m.Reason));
    });
}
