using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using JoinTimer = Barnabas.Groups.Classic.JoinTimer;

namespace Barnabas.Tests.Unit.Groups.Migration;

/// <summary>A group that changes between the protocols, and members of both in it.</summary>
public sealed class MigrationTests
{
    private static readonly TopicId Orders = new(new Uuid(5, 'o'));

    [Fact]
    public void A_classic_group_becomes_a_consumer_group_and_its_members_keep_what_they_have()
    {
        var story = Classic("a", "b");
        Assert.Equal((ErrorCode.None, 2, ""), Join(story, "c"));

        var group = story.Consumer!;
        Assert.Equal((2, 2), (group.Epoch, group.AssignmentEpoch));
        Assert.Equal(["0,1", "2,3", ""], group.Members.Select(member => Show(member.Value.Assigned)));
        Assert.Equal([1, 1, 2], group.Members.Select(member => member.Value.Epoch));
        Assert.Equal(["a", "b"], group.Members.Where(member => member.Value.Classic is not null).Select(m => m.Key));
        Assert.All(group.Members, member => Assert.Equal(["orders"], member.Value.Topics));
        Assert.DoesNotContain(story.Timers.Keys, timer => timer is Barnabas.Groups.Classic.SessionTimer or JoinTimer);
        Assert.Equal(
            TimeSpan.FromSeconds(10), story.Timers[new Barnabas.Groups.Consumer.SessionTimer(GroupStory.Group, "a")]);
    }

    [Fact]
    public void Who_waits_for_a_classic_rebalance_is_told_to_join_again()
    {
        var story = Classic("a");
        var waits = story.Join(newId: "b", version: 3);
        Join(story, "c");
        Assert.Equal(
            (ErrorCode.RebalanceInProgress, "b"), (story.Joined(waits).ErrorCode, story.Joined(waits).MemberId));

        var again = story.Joined(story.Join("b"));
        Assert.Equal((ErrorCode.None, 2, "consumer", "range", ""),
            (again.ErrorCode, again.GenerationId, again.ProtocolType, again.ProtocolName, again.Leader));

        story = WithClusterOf(4).Completing("a", "b");
        waits = story.Sync("b");
        Join(story, "c");
        Assert.Equal(ErrorCode.RebalanceInProgress, story.Synced(waits).ErrorCode);
    }

    [Theory]
    [InlineData("policy", "online upgrade is disabled")]
    [InlineData("type", "the group does not use the consumer embedded protocol")]
    [InlineData("size", "the group size exceeds the consumer group maximum size")]
    [InlineData("metadata", "the embedded consumer protocol is malformed")]
    [InlineData("assignment", "the embedded consumer protocol is malformed")]
    [InlineData("user data", "an unsupported custom assignor is in use. Please refer to the documentation or switch to "
        + "a default assignor before re-attempting the upgrade")]
    public void A_classic_group_stays_one(string fault, string why)
    {
        var story = WithClusterOf(4);
        story.Join(
            new MemberProtocol("range", fault == "metadata" ? new byte[] { 9 } : GroupRequests.Subscription("orders")),
            newId: "a", version: 3, type: fault == "type" ? "connect" : "consumer");
        while (story.Classic!.State == ClassicState.PreparingRebalance)
            story.Ring<JoinTimer>();
        story.Sync("a", null, ("a", fault == "assignment" ? [1] : Share([0], fault == "user data" ? [7] : null)));
        story.Config = story.Config with
        {
            Consumer = story.Config.Consumer with { MayUpgrade = fault != "policy", MaxSize = fault == "size" ? 0 : 9 },
        };

        var before = story.Classic;
        var answer = story.Beat(Joining("c"));
        Assert.Equal(
            (ErrorCode.GroupIdNotFound, $"Cannot upgrade classic group g to consumer group because {why}."),
            (answer.ErrorCode, answer.ErrorMessage));
        Assert.Same(before, story.Classic);
    }

    [Fact]
    public void A_classic_member_moves_on_by_joining_again_once_for_what_it_gives_up_and_once_for_what_it_gets()
    {
        var story = Classic("a", "b");
        Join(story, "c");
        Assert.Equal(ErrorCode.RebalanceInProgress, story.Beat("a", 1));
        Assert.Equal(ErrorCode.RebalanceInProgress, story.Synced(story.Sync("a", 1)).ErrorCode);

        // A cooperative member keeps what it may: it joins with all it has, and is told less.
        var joined = story.Joined(story.Join(Owning(0, 1), "a"));
        Assert.Equal((ErrorCode.None, 1), (joined.ErrorCode, joined.GenerationId));
        Assert.Equal("0", SharesOf(story, "a", 1));
        Assert.Equal(MemberState.UnrevokedPartitions, story.Consumer!.Find("a")!.State);
        Assert.Equal(ErrorCode.RebalanceInProgress, story.Beat("a", 1));
        Assert.Equal((ErrorCode.None, 2, ""), Keep(story, "c", 2));
        Assert.Equal(2, story.Joined(story.Join(Owning(0), "a")).GenerationId);
        Assert.Equal((ErrorCode.None, 2, "1"), Keep(story, "c", 2));
        Assert.Equal("0", SharesOf(story, "a", 2));
        Assert.Equal(ErrorCode.None, story.Beat("a", 2));

        // An eager one has nothing left when it joins, and is there at once.
        Assert.Equal(2, story.Joined(story.Join("b")).GenerationId);
        Assert.Equal("2,3", SharesOf(story, "b", 2));
        Assert.Equal("Stable", story.Consumer!.StateName);
    }

    [Fact]
    public void A_classic_member_that_waits_for_others_is_told_when_they_are_done()
    {
        var story = Consumer("c");
        var given = story.Joined(story.Join(newId: "a"));
        Assert.Equal((ErrorCode.MemberIdRequired, "a"), (given.ErrorCode, given.MemberId));
        Assert.Equal(2, story.Joined(story.Join("a")).GenerationId);
        Assert.Equal("", SharesOf(story, "a", 2));
        Assert.Equal(ErrorCode.None, story.Beat("a", 2));
        Assert.Equal((ErrorCode.None, 1, "0,1"), Keep(story, "c", 1, 0, 1, 2, 3));
        Assert.Equal(ErrorCode.None, story.Beat("a", 2));
        Assert.Equal((ErrorCode.None, 2, "0,1"), Keep(story, "c", 1, 0, 1));
        Assert.Equal(ErrorCode.RebalanceInProgress, story.Beat("a", 2));
        Assert.Equal(2, story.Joined(story.Join("a")).GenerationId);
        Assert.Equal("2,3", SharesOf(story, "a", 2));
    }

    [Fact]
    public void Requests_of_classic_members_are_held_to_who_they_are()
    {
        var story = Classic("a");
        Join(story, "c");
        Assert.Equal(ErrorCode.UnknownMemberId, story.Beat("x", 1));
        Assert.Equal(ErrorCode.UnknownMemberId, story.Beat("c", 2));
        Assert.Equal(ErrorCode.IllegalGeneration, story.Beat("a", 7));
        Assert.Equal(ErrorCode.UnknownMemberId, story.Synced(story.Sync("x", 1)).ErrorCode);
        Assert.Equal(ErrorCode.IllegalGeneration, story.Synced(story.Sync("a", 7)).ErrorCode);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, Error(story, protocol: "other"));
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, Error(story, type: "connect"));
        Assert.Equal(ErrorCode.UnknownMemberId, Error(story, member: "x", instance: "unknown"));
        Assert.Equal(ErrorCode.StaleMemberEpoch, story.Commit("c", 1));
        Assert.Equal(ErrorCode.IllegalGeneration, story.Commit("a", 2));
        Assert.Equal(ErrorCode.None, story.Commit("a", 1, version: 2));

        story.Config = story.Config with { Consumer = story.Config.Consumer with { MaxSize = 2 } };
        Assert.Equal(ErrorCode.GroupMaxSizeReached, Error(story, member: ""));
        story.Join("a");
        Assert.Equal(
            ErrorCode.InconsistentGroupProtocol,
            story.Run(SyncGroup.Decide(story.State, new SyncGroupRequest
            {
                GroupId = GroupStory.Group,
                MemberId = "a",
                GenerationId = 2,
                ProtocolName = "other",
            }, default, story.Rules))!.ErrorCode);

        static ErrorCode Error(
            GroupStory story, string member = "a", string? instance = null, string type = "consumer",
            string protocol = "range") =>
            story.Joined(story.Join(member, instance, "n", 9, type, protocol)).ErrorCode;
    }

    [Fact]
    public void A_classic_member_that_does_not_join_again_or_does_not_take_its_share_is_out()
    {
        var story = Classic("a");
        Join(story, "c");
        var rejoin = new RejoinTimer(GroupStory.Group, "a");
        Assert.DoesNotContain(rejoin, story.Timers.Keys);
        story.Beat("a", 1);
        Assert.Equal(TimeSpan.FromMinutes(1), story.Timers[rejoin]);
        story.Ring(rejoin);
        Assert.Null(story.Consumer!.Find("a"));

        story.Join(newId: "b", version: 3);
        Assert.DoesNotContain(new RejoinTimer(GroupStory.Group, "b"), story.Timers.Keys);
        story.Ring(new ShareTimer(GroupStory.Group, "b"));
        Assert.Equal(["c"], story.Consumer!.Members.Select(member => member.Key));
    }

    [Fact]
    public void The_last_consumer_member_leaves_a_classic_group_that_shares_anew()
    {
        var story = Classic("a", "b");
        Join(story, "c");
        foreach (var member in new[] { "a", "b" })
        {
            story.Join(member);
            story.Sync(member, 2);
        }

        Assert.Equal(ErrorCode.None, story.Leave("c"));
        var group = story.Classic!;
        Assert.Equal(
            (ClassicState.PreparingRebalance, 2, "consumer", "range"),
            (group.State, group.Generation, group.Type, group.Protocol));
        Assert.Equal(["a", "b"], group.Members.Select(member => member.Key));
        Assert.DoesNotContain(story.Timers.Keys, timer => timer is MemberTimer);
        Assert.Equal(ErrorCode.RebalanceInProgress, story.Beat("a", 2));

        // What they own are the shares of the generation that the group begins with.
        var kept = Assert.IsType<ClassicGroup>(story.Replayed.Find(GroupStory.Group)!.Membership);
        Assert.Equal((ClassicState.Stable, 2), (kept.State, kept.Generation));
        Assert.Equal(["0", "2,3"], kept.Members.Select(member => Read(member.Value.Assignment)));

        var (first, second) = (story.Join("a"), story.Join("b"));
        Assert.Equal((3, 3), (story.Joined(first).GenerationId, story.Joined(second).GenerationId));
    }

    [Fact]
    public void Where_the_policy_forbids_it_the_group_stays_one_of_the_consumer_protocol()
    {
        var story = Classic("a");
        Join(story, "c");
        story.Config = story.Config with { Consumer = story.Config.Consumer with { MayDowngrade = false } };
        Assert.Equal(ErrorCode.None, story.Leave("c"));
        Assert.Equal(["a"], story.Consumer!.Members.Select(member => member.Key));
        Assert.Equal(3, story.Consumer!.Epoch);
        Assert.Equal(3, story.Joined(story.Join("a")).GenerationId);
        Assert.Equal("0,1,2,3", SharesOf(story, "a", 3));
    }

    [Fact]
    public void A_classic_member_that_takes_the_place_of_the_last_consumer_member_brings_no_rebalance()
    {
        var story = WithClusterOf(4);
        Assert.Equal(1, story.Beat(Joining("c", "i")).MemberEpoch);
        var joined = story.Joined(story.Join(instance: "i", newId: "a"));
        Assert.Equal((ErrorCode.None, "a", 1), (joined.ErrorCode, joined.MemberId, joined.GenerationId));
        var group = story.Classic!;
        Assert.Equal((ClassicState.Stable, 1), (group.State, group.Generation));
        Assert.Equal("0,1,2,3", SharesOf(story, "a", 1));
        Assert.Equal(ErrorCode.None, story.Beat("a", 1));
        Assert.IsType<ClassicGroup>(story.Replayed.Find(GroupStory.Group)!.Membership);

        // And the other way: a consumer member takes the place of a static one of the classic protocol.
        Assert.Equal((ErrorCode.None, 2, "0,1,2,3"), Told(story.Beat(Joining("d", "i"))));
        Assert.Equal(["d"], story.Consumer!.Members.Select(member => member.Key));
    }

    [Fact]
    public void Somebody_of_the_classic_protocol_begins_anew_in_a_consumer_group_without_members()
    {
        var story = Consumer("c");
        story.Commit("c", 1);
        story.Leave("c");
        Assert.Equal(ErrorCode.UnknownMemberId, story.Joined(story.Join("a")).ErrorCode);
        story.Join(newId: "a", version: 3);
        Assert.Equal(ClassicState.PreparingRebalance, story.Classic!.State);
        var kept = story.Replayed.Find(GroupStory.Group)!;
        Assert.Equal((null, 1), (kept.Membership, kept.Offsets.Count));
    }

    [Fact]
    public void An_administrator_takes_members_out_by_their_ids_and_by_their_lasting_names()
    {
        var story = Consumer("c");
        story.Beat(Joining("d", "i"));
        Assert.Equal(ErrorCode.FencedInstanceId, story.Leave("x", "i"));
        Assert.Equal(ErrorCode.UnknownMemberId, story.Leave("", "j"));
        Assert.Equal(ErrorCode.None, story.Leave("", "i"));
        Assert.Equal(ErrorCode.UnknownMemberId, story.Leave("d"));
        Assert.Equal(ErrorCode.None, story.Leave("c"));
        Assert.True(story.Consumer!.IsEmpty);
    }

    private static GroupStory WithClusterOf(int partitions) =>
        new() { Cluster = new(MigrationPropertyTests.ClusterOf(partitions), 1, 1) };

    /// <summary>A stable classic group that shares <c>orders</c>, four partitions, in runs.</summary>
    private static GroupStory Classic(params string[] members)
    {
        var story = WithClusterOf(4).Completing(members);
        foreach (var member in members.Skip(1))
            story.Sync(member);
        var each = 4 / members.Length;
        story.Sync(members[0], null, [.. members.Select((m, i) => (m, Share([.. Enumerable.Range(i * each, each)])))]);
        Assert.Equal(ClassicState.Stable, story.Classic!.State);
        return story;
    }

    private static GroupStory Consumer(string member)
    {
        var story = WithClusterOf(4);
        Assert.Equal((ErrorCode.None, 1, "0,1,2,3"), Join(story, member));
        return story;
    }

    private static ConsumerGroupHeartbeatRequest Joining(string member, string? instance = null) => new()
    {
        GroupId = GroupStory.Group,
        MemberId = member,
        InstanceId = instance,
        RebalanceTimeoutMs = 60_000,
        SubscribedTopicNames = ["orders"],
        TopicPartitions = [],
    };

    private static (ErrorCode, int, string?) Join(GroupStory story, string member) => Told(story.Beat(Joining(member)));

    private static (ErrorCode, int, string?) Keep(GroupStory story, string member, int epoch, params int[] owned) =>
        Told(story.Beat(new ConsumerGroupHeartbeatRequest
        {
            GroupId = GroupStory.Group,
            MemberId = member,
            MemberEpoch = epoch,
            RebalanceTimeoutMs = 60_000,
            SubscribedTopicNames = ["orders"],
            TopicPartitions = owned.Length == 0 ? [] : [new() { TopicId = Orders, Partitions = [.. owned] }],
        }));

    private static (ErrorCode, int, string?) Told(ConsumerGroupHeartbeatResponse answer) => (
        answer.ErrorCode, answer.MemberEpoch,
        answer.Assignment is not { } given
            ? null
            : string.Join(',', given.TopicPartitions.SelectMany(topic => topic.Partitions)));

    private static string SharesOf(GroupStory story, string member, int generation)
    {
        var answer = story.Synced(story.Sync(member, generation));
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return Read(answer.Assignment);
    }

    private static string Show(Barnabas.Groups.PartitionSet set) =>
        string.Join(',', set.Topics.SelectMany(topic => topic.Partitions));

    private static MemberProtocol Owning(params int[] owned) => new("range", HeadedMessage.Write(
        new ConsumerProtocolSubscription
        {
            Topics = ["orders"],
            OwnedPartitions = [new() { Topic = "orders", Partitions = [.. owned] }],
        }, 1));

    private static byte[] Share(List<int> partitions, byte[]? userData = null) => HeadedMessage.Write(
        new ConsumerProtocolAssignment
        {
            AssignedPartitions = [new() { Topic = "orders", Partitions = partitions }],
            UserData = userData,
        }, 1);

    private static string Read(ReadOnlyMemory<byte> assignment) =>
        string.Join(',', GroupRequests.PartitionsOf(assignment));
}
