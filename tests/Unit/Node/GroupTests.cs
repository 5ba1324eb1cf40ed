using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Groups on a whole node, over the simulated network and disk.</summary>
public sealed class GroupTests
{
    [Fact]
    public void Two_members_share_and_the_silence_of_one_brings_the_other_back()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var first = await story.DialAsync();
            await using var second = await story.DialAsync();
            await NodeStory.CreateAsync(first, "orders", 4);
            await story.GroupsLoadedAsync(node, first);

            Task<JoinGroupResponse>[] joins = [JoinAsync(first), JoinAsync(second)];
            JoinGroupResponse[] joined = [await joins[0], await joins[1]];
            var leader = joined[0].Members.Count > 0 ? 0 : 1;
            Assert.Equal(2, joined[leader].Members.Count);
            var followers = SyncAsync(leader == 0 ? second : first, joined[1 - leader]);
            var members = joined[leader].Members.Select(m => m.MemberId).ToArray();
            var leaders = await SyncAsync(leader == 0 ? first : second, joined[leader], members);
            Assert.Equal(joined[leader].MemberId, Text(leaders));
            Assert.Equal(joined[1 - leader].MemberId, Text(await followers));

            var beat = new HeartbeatRequest { GroupId = "g", GenerationId = 1, MemberId = joined[0].MemberId };
            Assert.Equal(ErrorCode.None, (await NodeStory.AskAsync(first, beat)).ErrorCode);
            for (var i = 0; i < 4; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(3), story.World);
                var heard = (await NodeStory.AskAsync(first, beat)).ErrorCode;
                Assert.Equal(i < 3 ? ErrorCode.None : ErrorCode.RebalanceInProgress, heard);
            }
        });
        Assert.Empty(story.Halts);
    }

    [Theory]
    [InlineData(CrashKind.KeepsAll)]
    [InlineData(CrashKind.LosesAll)]
    [InlineData(CrashKind.Tears)]
    public void What_was_acknowledged_is_there_after_a_crash(CrashKind kind)
    {
        var story = new NodeStory();
        var acknowledged = -1L;
        story.Tell(async () =>
        {
            var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders");
            await story.GroupsLoadedAsync(node, peer);
            var joined = await JoinAsync(peer);
            await SyncAsync(peer, joined, [joined.MemberId]);
            for (var i = 0; i < 20; i++)
            {
                var commit = GroupRequests.Commit("g", "orders", TopicId.None, 0, 9, offset: i);
                (commit.MemberId, commit.GenerationIdOrMemberEpoch) = (joined.MemberId, joined.GenerationId);
                var answer = await NodeStory.AskAsync(peer, commit, 9);
                Assert.Equal(ErrorCode.None, answer.Topics[0].Partitions[0].ErrorCode);
                acknowledged = i;
            }
        });

        var next = story.Crash(kind);
        next.Tell(async () =>
        {
            await using var node = await next.StartAsync();
            await using var peer = await next.DialAsync();
            await next.GroupsLoadedAsync(node, peer);
            var found = await NodeStory.AskAsync(peer, GroupRequests.FetchOffsets(9, "g", "orders", TopicId.None), 9);
            Assert.Equal(acknowledged, GroupRequests.OffsetOf(9, found));
            var described = await NodeStory.AskAsync(peer, new DescribeGroupsRequest { Groups = ["g"] });
            Assert.Equal("Stable", described.Groups[0].GroupState);
            Assert.Single(described.Groups[0].Members);

            // Nobody of before is heard of again.
            await Task.Delay(TimeSpan.FromSeconds(11), next.World);
            described = await NodeStory.AskAsync(peer, new DescribeGroupsRequest { Groups = ["g"] });
            Assert.Equal("Empty", described.Groups[0].GroupState);
        });
    }

    [Fact]
    public void Offsets_go_with_their_topic()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "orders");
            await story.GroupsLoadedAsync(node, peer);
            await NodeStory.AskAsync(peer, GroupRequests.Commit("g", "orders", TopicId.None, 0), 9);
            await NodeStory.AskAsync(peer, new DeleteTopicsRequest { Topics = [new() { Name = "orders" }] });
            var found = await NodeStory.AskAsync(peer, GroupRequests.FetchOffsets(9, "g", "orders", TopicId.None), 9);
            Assert.Equal(-1, GroupRequests.OffsetOf(9, found));
        });
    }

    [Fact]
    public void Nobody_writes_to_the_topic_of_groups_but_the_coordinator()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await story.GroupsLoadedAsync(node, peer);
            var topic = node.Broker.State.Topics["__consumer_offsets"];
            var answer = await NodeStory.ProduceAsync(peer, topic.Id, NodeStory.Batch("a"));
            Assert.Equal(ErrorCode.InvalidTopicException, answer.ErrorCode);
        });
    }

    private static async Task<JoinGroupResponse> JoinAsync(Peer peer)
    {
        var given = await NodeStory.AskAsync(peer, GroupRequests.Join("g"));
        Assert.Equal(ErrorCode.MemberIdRequired, given.ErrorCode);
        var joined = await NodeStory.AskAsync(peer, GroupRequests.Join("g", given.MemberId));
        Assert.Equal(ErrorCode.None, joined.ErrorCode);
        return joined;
    }

    private static async Task<SyncGroupResponse> SyncAsync(Peer peer, JoinGroupResponse joined, params string[] members)
    {
        var answer = await NodeStory.AskAsync(peer, new SyncGroupRequest
        {
            GroupId = "g",
            GenerationId = joined.GenerationId,
            MemberId = joined.MemberId,
            Assignments = [.. members.Select(m => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = m,
                Assignment = System.Text.Encoding.UTF8.GetBytes(m),
            })],
        });
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return answer;
    }

    private static string Text(SyncGroupResponse answer) => System.Text.Encoding.UTF8.GetString(answer.Assignment.Span);
}
