using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Groups of the consumer protocol on a whole node, over the simulated network and disk.</summary>
public sealed class ConsumerGroupTests
{
    private const sbyte GroupResource = 32;

    [Fact]
    public void Two_members_share_a_fifth_idles_and_the_silence_of_one_gives_its_partitions_to_the_others()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders", 4);
            await story.GroupsLoadedAsync(node, peer);

            ConsumerMember[] two = [new(peer, "a", "orders"), new(peer, "b", "orders")];
            await ConsumerMember.SettleAsync(two);
            Assert.Equal([2, 2], SharesOf(two));
            ConsumerMember[] five =
                [.. two, new(peer, "c", "orders"), new(peer, "d", "orders"), new(peer, "e", "orders")];
            await ConsumerMember.SettleAsync(five);
            Assert.Equal([0, 1, 1, 1, 1], SharesOf(five));

            var silent = five.First(member => member.Owned.Count > 0);
            ConsumerMember[] others = [.. five.Where(member => member != silent)];
            for (var i = 0; i < 10; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(5), story.World);
                await ConsumerMember.SettleAsync(others);
            }

            Assert.Equal([1, 1, 1, 1], SharesOf(others));
            Assert.Equal(ErrorCode.UnknownMemberId, await silent.BeatAsync());
        });
        Assert.Empty(story.Halts);
    }

    [Theory]
    [InlineData(CrashKind.KeepsAll)]
    [InlineData(CrashKind.LosesAll)]
    [InlineData(CrashKind.Tears)]
    public void A_member_goes_on_after_a_crash_and_what_it_committed_is_there(CrashKind kind)
    {
        var story = new NodeStory();
        var (epoch, owned) = (0, new List<int>());
        story.Tell(async () =>
        {
            var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders", 4);
            await story.GroupsLoadedAsync(node, peer);
            ConsumerMember[] members = [new(peer, "a", "orders"), new(peer, "b", "orders")];
            await ConsumerMember.SettleAsync(members);
            Assert.Equal(ErrorCode.None, await members[0].CommitAsync(41));
            (epoch, owned) = (members[0].Epoch, members[0].Owned);
        });

        var next = story.Crash(kind);
        next.Tell(async () =>
        {
            await using var node = await next.StartAsync();
            await using var peer = await next.DialAsync();
            await next.GroupsLoadedAsync(node, peer);
            var group = await DescribeAsync(peer);
            Assert.Equal(("Stable", epoch, epoch), (group.GroupState, group.GroupEpoch, group.AssignmentEpoch));
            Assert.Equal(["a", "b"], group.Members.Select(member => member.MemberId));
            Assert.Equal(owned, group.Members[0].Assignment.TopicPartitions.SelectMany(topic => topic.Partitions));
            Assert.Equal("orders", group.Members[0].Assignment.TopicPartitions[0].TopicName);
            var found = await NodeStory.AskAsync(peer, GroupRequests.FetchOffsets(9, "g", "orders", TopicId.None), 9);
            Assert.Equal(41, GroupRequests.OffsetOf(9, found));

            // Nobody of before is heard of again: each had its whole session from the start on.
            await Task.Delay(TimeSpan.FromSeconds(44), next.World);
            Assert.Equal("Stable", (await DescribeAsync(peer)).GroupState);
            await Task.Delay(TimeSpan.FromSeconds(2), next.World);
            Assert.Equal("Empty", (await DescribeAsync(peer)).GroupState);
        });
    }

    [Fact]
    public void Offsets_are_for_members_in_their_epoch()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders");
            await story.GroupsLoadedAsync(node, peer);
            var member = new ConsumerMember(peer, "a", "orders");
            await ConsumerMember.SettleAsync(member);

            Assert.Equal(ErrorCode.None, await member.CommitAsync(7));
            Assert.Equal(ErrorCode.StaleMemberEpoch, await member.CommitAsync(8, member.Epoch - 1));
            Assert.Equal(ErrorCode.UnknownMemberId, await new ConsumerMember(peer, "x").CommitAsync(8, 1));
            Assert.Equal(ErrorCode.UnknownMemberId, await new ConsumerMember(peer, "").CommitAsync(8, -1));
            Assert.Equal((ErrorCode.None, 7), await FetchAsync(peer, "a", member.Epoch));
            Assert.Equal((ErrorCode.None, 7), await FetchAsync(peer, null, -1));
            Assert.Equal(ErrorCode.StaleMemberEpoch, (await FetchAsync(peer, "a", member.Epoch + 1)).Error);
            Assert.Equal(ErrorCode.UnknownMemberId, (await FetchAsync(peer, "x", 1)).Error);

            Assert.Equal(ErrorCode.None, await member.LeaveAsync());
            Assert.Equal(ErrorCode.None, await new ConsumerMember(peer, "").CommitAsync(9, -1));
            Assert.Equal((ErrorCode.None, 9), await FetchAsync(peer, null, -1));
        });
    }

    [Fact]
    public void Topics_that_come_go_and_grow_reach_members_by_name_and_by_pattern()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders", 2);
            await story.GroupsLoadedAsync(node, peer);
            var named = new ConsumerMember(peer, "a", "orders");
            await ConsumerMember.SettleAsync(named);
            await NodeStory.AskAsync(peer, new CreatePartitionsRequest
            {
                Topics = [new() { Name = "orders", Count = 3, Assignments = null }],
            });
            await ConsumerMember.SettleAsync(named);
            Assert.Equal([0, 1, 2], named.Owned);

            var matching = new ConsumerMember(peer, "b") { Pattern = "pay.*" };
            await ConsumerMember.SettleAsync(named, matching);
            Assert.Empty(matching.Owned);
            await NodeStory.CreateAsync(peer, "payments", 2);
            await Task.Delay(TimeSpan.FromSeconds(11), story.World);
            await ConsumerMember.SettleAsync(named, matching);
            Assert.Equal([0, 1], matching.Owned);

            await NodeStory.AskAsync(peer, new DeleteTopicsRequest { Topics = [new() { Name = "payments" }] });
            await ConsumerMember.SettleAsync(named, matching);
            Assert.Empty(matching.Owned);
            Assert.Equal(
                ErrorCode.InvalidRegularExpression, await new ConsumerMember(peer, "c") { Pattern = "a(" }.BeatAsync());
        });
    }

    [Fact]
    public void A_group_has_times_of_its_own()
    {
        var story = new NodeStory(1, "group.consumer.min.session.timeout.ms=1000");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders");
            await story.GroupsLoadedAsync(node, peer);
            var member = new ConsumerMember(peer, "a", "orders");
            await ConsumerMember.SettleAsync(member);
            Assert.Equal(5_000, member.IntervalMs);

            Assert.Equal(ErrorCode.InvalidConfig, await SetAsync(peer, "consumer.heartbeat.interval.ms", "1000"));
            Assert.Equal(ErrorCode.None, await SetAsync(peer, "consumer.heartbeat.interval.ms", "6000"));
            Assert.Equal(ErrorCode.None, await SetAsync(peer, "consumer.session.timeout.ms", "7000"));
            await ConsumerMember.SettleAsync(member);
            Assert.Equal(6_000, member.IntervalMs);
            await Task.Delay(TimeSpan.FromSeconds(8), story.World);
            Assert.Equal("Empty", (await DescribeAsync(peer)).GroupState);
        });
    }

    [Fact]
    public void Administrators_see_the_group_for_what_it_is_and_delete_it_once_it_is_empty()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders");
            await story.GroupsLoadedAsync(node, peer);
            var member = new ConsumerMember(peer, "a", "orders");
            await ConsumerMember.SettleAsync(member);
            await member.CommitAsync(1);

            Assert.Equal(["g consumer consumer Stable"], await ListAsync(peer, new() { TypesFilter = ["consumer"] }));
            Assert.Empty(await ListAsync(peer, new() { TypesFilter = ["classic"] }));
            Assert.Empty(await ListAsync(peer, new() { StatesFilter = ["Assigning", "Reconciling"] }));
            Assert.Equal(
                (ErrorCode.GroupIdNotFound, "Group g is not a classic group.", "Dead"),
                await DescribeClassicAsync(peer, 6));
            Assert.Equal((ErrorCode.None, null, "Dead"), await DescribeClassicAsync(peer, 5));
            var absent = await DescribeAsync(peer, "h");
            Assert.Equal((ErrorCode.GroupIdNotFound, "Group h not found."), (absent.ErrorCode, absent.ErrorMessage));
            Assert.Equal(ErrorCode.NonEmptyGroup, await DeleteAsync(peer));
            Assert.Equal(ErrorCode.GroupSubscribedToTopic, await DeleteOffsetAsync(peer));

            await member.LeaveAsync();
            Assert.Equal(["g consumer consumer Empty"], await ListAsync(peer, new() { StatesFilter = ["empty"] }));
            Assert.Equal(ErrorCode.None, await DeleteAsync(peer));
            Assert.Empty(await ListAsync(peer, new()));
            Assert.Equal((ErrorCode.None, -1), await FetchAsync(peer, null, -1));
        });
    }

    [Fact]
    public void An_empty_groups_old_offsets_end_and_the_group_with_them()
    {
        var story = new NodeStory(1, "offsets.retention.minutes=1", "offsets.retention.check.interval.ms=10000");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders");
            await story.GroupsLoadedAsync(node, peer);
            var member = new ConsumerMember(peer, "a", "orders");
            await ConsumerMember.SettleAsync(member);
            await member.CommitAsync(5);
            for (var i = 0; i < 30; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(5), story.World);
                Assert.Equal(ErrorCode.None, await member.BeatAsync());
            }

            Assert.Equal((ErrorCode.None, 5), await FetchAsync(peer, null, -1));
            await member.LeaveAsync();
            await Task.Delay(TimeSpan.FromSeconds(20), story.World);
            Assert.Empty(await ListAsync(peer, new()));
        });
    }

    [Fact]
    public void Without_the_protocol_or_the_feature_members_are_told_that_it_is_not_supported()
    {
        var story = new NodeStory(1, "group.coordinator.rebalance.protocols=classic");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await story.GroupsLoadedAsync(node, peer);
            Assert.Equal(ErrorCode.UnsupportedVersion, await new ConsumerMember(peer, "a", "t").BeatAsync());
            Assert.Equal(ErrorCode.UnsupportedVersion, (await DescribeAsync(peer)).ErrorCode);
        });

        var other = new NodeStory();
        other.Tell(async () =>
        {
            await using var node = await other.StartAsync();
            await using var peer = await other.DialAsync();
            await other.GroupsLoadedAsync(node, peer);
            var answer = await NodeStory.AskAsync(peer, new UpdateFeaturesRequest
            {
                FeatureUpdates = [new() { Feature = "group.version", MaxVersionLevel = 0, UpgradeType = 2 }],
            });
            Assert.Equal(ErrorCode.None, answer.ErrorCode);
            Assert.Equal(ErrorCode.UnsupportedVersion, await new ConsumerMember(peer, "a", "t").BeatAsync());
        });
    }

    [Fact]
    public void A_group_moves_to_the_consumer_protocol_and_back_without_losing_its_members_or_offsets()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await using var classic = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders", 4);
            await story.GroupsLoadedAsync(node, peer);
            var given = await NodeStory.AskAsync(classic, GroupRequests.Join("g"));
            var joined = await NodeStory.AskAsync(classic, GroupRequests.Join("g", given.MemberId));
            await SyncAsync(joined);
            Assert.Equal(["g classic consumer Stable"], await ListAsync(peer, new()));

            var member = new ConsumerMember(peer, "c", "orders");
            Assert.Equal(ErrorCode.None, await member.BeatAsync());
            Assert.Equal(["g consumer consumer Reconciling"], await ListAsync(peer, new()));
            Assert.Equal(ErrorCode.RebalanceInProgress, await HeartbeatAsync(joined));
            joined = await NodeStory.AskAsync(classic, GroupRequests.Join("g", given.MemberId));
            Assert.Equal((ErrorCode.None, member.Epoch), (joined.ErrorCode, joined.GenerationId));
            Assert.Equal([0, 1], await SyncAsync(joined));
            await ConsumerMember.SettleAsync(member);
            Assert.Equal([2, 3], member.Owned);
            var described = await DescribeAsync(peer);
            Assert.Equal(("Stable", 2), (described.GroupState, described.Members.Count));
            Assert.Equal([0, 1], described.Members.Select(m => (int)m.MemberType).Order());
            Assert.Equal(ErrorCode.None, await member.CommitAsync(3));

            Assert.Equal(ErrorCode.None, await member.LeaveAsync());
            Assert.Equal(["g classic consumer PreparingRebalance"], await ListAsync(peer, new()));
            Assert.Equal(ErrorCode.RebalanceInProgress, await HeartbeatAsync(joined));
            joined = await NodeStory.AskAsync(classic, GroupRequests.Join("g", given.MemberId));
            Assert.Equal((ErrorCode.None, joined.MemberId), (joined.ErrorCode, joined.Leader));
            await SyncAsync(joined);
            Assert.Equal((ErrorCode.None, 3), await FetchAsync(peer, null, -1));

            async Task<List<int>> SyncAsync(JoinGroupResponse joined)
            {
                var answer = await NodeStory.AskAsync(classic, new SyncGroupRequest
                {
                    GroupId = "g",
                    GenerationId = joined.GenerationId,
                    MemberId = joined.MemberId,
                    Assignments = joined.Leader != joined.MemberId
                        ? []
                        :
                        [
                            new()
                            {
                                MemberId = joined.MemberId,
                                Assignment = GroupRequests.Share("orders", 0, 1, 2, 3),
                            },
                        ],
                });
                Assert.Equal(ErrorCode.None, answer.ErrorCode);
                return GroupRequests.PartitionsOf(answer.Assignment);
            }

            async Task<ErrorCode> HeartbeatAsync(JoinGroupResponse joined) =>
                (await NodeStory.AskAsync(classic, new HeartbeatRequest
                {
                    GroupId = "g",
                    GenerationId = joined.GenerationId,
                    MemberId = joined.MemberId,
                })).ErrorCode;
        });
        Assert.Empty(story.Halts);
    }

    private static List<int> SharesOf(IReadOnlyList<ConsumerMember> members)
    {
        var owned = members.SelectMany(member => member.Owned).Order();
        Assert.Equal([0, 1, 2, 3], owned);
        return [.. members.Select(member => member.Owned.Count).Order()];
    }

    private static async Task<ConsumerGroupDescribeResponse.DescribedGroup> DescribeAsync(Peer peer, string id = "g") =>
        (await NodeStory.AskAsync(peer, new ConsumerGroupDescribeRequest { GroupIds = [id] })).Groups[0];

    private static async Task<(ErrorCode, string?, string)> DescribeClassicAsync(Peer peer, short version)
    {
        var group = (await NodeStory.AskAsync(peer, new DescribeGroupsRequest { Groups = ["g"] }, version)).Groups[0];
        return (group.ErrorCode, group.ErrorMessage, group.GroupState);
    }

    private static async Task<List<string>> ListAsync(Peer peer, ListGroupsRequest request) =>
        (await NodeStory.AskAsync(peer, request)).Groups.ConvertAll(
            group => $"{group.GroupId} {group.GroupType} {group.ProtocolType} {group.GroupState}");

    private static async Task<ErrorCode> DeleteAsync(Peer peer) =>
        (await NodeStory.AskAsync(peer, new DeleteGroupsRequest { GroupsNames = ["g"] })).Results[0].ErrorCode;

    private static async Task<ErrorCode> DeleteOffsetAsync(Peer peer) =>
        (await NodeStory.AskAsync(peer, new OffsetDeleteRequest
        {
            GroupId = "g",
            Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 0 }] }],
        })).Topics[0].Partitions[0].ErrorCode;

    private static async Task<(ErrorCode Error, long Offset)> FetchAsync(Peer peer, string? member, int epoch)
    {
        var request = GroupRequests.FetchOffsets(9, "g", "orders", TopicId.None);
        (request.Groups[0].MemberId, request.Groups[0].MemberEpoch) = (member, epoch);
        var found = (await NodeStory.AskAsync(peer, request, 9)).Groups[0];
        return found.ErrorCode == ErrorCode.None
            ? (ErrorCode.None, GroupRequests.OffsetOf(9, new() { Groups = [found] }))
            : (found.ErrorCode, -1);
    }

    private static async Task<ErrorCode> SetAsync(Peer peer, string name, string value) =>
        (await NodeStory.AskAsync(peer, new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = GroupResource,
                    ResourceName = "g",
                    Configs = [new() { Name = name, Value = value }],
                },
            ],
        })).Responses[0].ErrorCode;
}
