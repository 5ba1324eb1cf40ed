using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client.Groups;

/// <summary>Members by the protocol of KIP-848: with a whole node in the simulator, and with a coordinator that answers
/// as it is told.</summary>
public sealed class ConsumerGroupTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(20);
    private static readonly ConsumerOptions Options = new("g", "orders")
    {
        Reading = new() { OffsetReset = OffsetReset.Earliest },
    };

    [Theory]
    [InlineData(null)]
    [InlineData("uniform")]
    [InlineData("range")]
    public void Members_share_and_the_others_get_what_one_leaves(string? assignor) => Tell(
        async (story, node, client) =>
        {
            var options = Options with { RemoteAssignor = assignor };
            await using var first = new Reading(node.Host, client, options);
            await Task.Delay(Moment, story.World);
            Assert.Equal(4, first.Owned.Count);
            var second = new Reading(node.Host, client, options);
            await Task.Delay(Moment, story.World);
            Assert.Equal((2, 2), (first.Owned.Count, second.Owned.Count));
            Assert.Empty(first.Owned.Intersect(second.Owned));
            // Only what the other gets was taken away.
            Assert.Equal(
                [(RebalanceKind.Assigned, 4), (RebalanceKind.Revoked, 2)],
                first.Changes.Select(c => (c.Kind, c.Partitions.Count)));

            await node.FillAsync(5);
            await Task.Delay(Moment, story.World);
            Assert.Equal((10, 10), (first.Seen.Count, second.Seen.Count));
            await second.DisposeAsync();
            await Task.Delay(Moment, story.World);
            Assert.Equal(4, first.Owned.Count);
            await node.FillAsync(1);
            await Task.Delay(Moment, story.World);
            // What the other had handled it had committed, too.
            Assert.Equal((14, 10), (first.Seen.Count, second.Seen.Count));
        });

    [Fact]
    public void A_member_more_than_partitions_idles() => Tell(async (story, node, client) =>
    {
        var members = Enumerable.Range(0, 5).Select(_ => new Reading(node.Host, client, Options)).ToList();
        await Task.Delay(Moment * 2, story.World);
        Assert.Equal([0, 1, 1, 1, 1], members.Select(m => m.Owned.Count).Order());
        foreach (var member in members)
            await member.DisposeAsync();
    });

    [Fact]
    public void A_group_of_both_protocols_shares_as_one() => Tell(async (story, node, client) =>
    {
        await using var old = new Reading(node.Host, client, Options with { Protocol = GroupProtocol.Classic });
        await Task.Delay(Moment, story.World);
        Assert.Equal(4, old.Owned.Count);
        await using var young = new Reading(node.Host, client, Options with { Protocol = GroupProtocol.Consumer });
        await Task.Delay(Moment * 2, story.World);
        Assert.Equal((2, 2), (old.Owned.Count, young.Owned.Count));
        Assert.Empty(old.Owned.Intersect(young.Owned));
    });

    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public void A_pattern_subscribes_to_topics_as_they_come(GroupProtocol by) => Tell(async (story, node, client) =>
    {
        var options = new ConsumerOptions("g") { Pattern = "ord.*|new-[0-9]", Protocol = by };
        await using var member = new Reading(node.Host, client, options);
        await Task.Delay(Moment, story.World);
        Assert.Equal(4, member.Owned.Count);
        await client.Admin.CreateTopicAsync(new("new-1", 2), FakeCluster.Never);
        await client.Admin.CreateTopicAsync(new("new-10", 2), FakeCluster.Never);
        await Task.Delay(TimeSpan.FromMinutes(11), story.World);
        Assert.Equal(
            [("new-1", 2), ("orders", 4)],
            member.Owned.GroupBy(p => p.Topic).Select(t => (t.Key, t.Count())).Order());
    });

    [Fact]
    public void Who_does_not_ask_for_long_leaves_and_comes_back_when_it_asks() => Tell(async (story, node, client) =>
    {
        await node.FillAsync(2);
        var options = Options with { MaxPollInterval = TimeSpan.FromSeconds(30) };
        await using var slow = client.CreateConsumer<string, string>(options);
        Reading? other = null;
        var handled = 0;
        await foreach (var _ in slow.ReadAllAsync(FakeCluster.Never))
        {
            if (handled == 0)
            {
                other = new Reading(node.Host, client, options);
                await Task.Delay(TimeSpan.FromSeconds(120), story.World);
                Assert.Equal(4, other.Owned.Count);
                await other.DisposeAsync();
            }

            // It has lost what it had: all that was not committed comes, to whomever.
            if (++handled == 2)
                break;
            await node.FillAsync(1);
        }

        Assert.Equal(8, other!.Seen.Count);
    });

    [Fact]
    public void The_node_starts_anew_in_the_middle() => Tell(async (story, node, client) =>
    {
        await using var member = new Reading(node.Host, client, Options);
        await node.FillAsync(1);
        await Task.Delay(Moment, story.World);
        await node.RestartAsync();
        await Task.Delay(Moment * 2, story.World);
        await node.FillAsync(1);
        await Task.Delay(Moment * 2, story.World);
        Assert.Equal(8, member.Seen.Distinct().Count());
        Assert.Equal([RebalanceKind.Assigned], member.Changes.Select(c => c.Kind));
    });

    [Theory]
    [InlineData(ErrorCode.FencedMemberEpoch)]
    [InlineData(ErrorCode.UnknownMemberId)]
    public void A_member_the_group_has_given_up_loses_what_it_has_and_joins_anew(ErrorCode code) => Fake(
        async (cluster, group, client) =>
        {
            await using var member = new Reading(cluster.Host, client, Options);
            await Task.Delay(Moment, cluster.Host.Time);
            cluster.Broker.Next<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
                (_, _) => new() { ErrorCode = code });
            await Task.Delay(Moment, cluster.Host.Time);
            Assert.Equal(
                [RebalanceKind.Assigned, RebalanceKind.Lost, RebalanceKind.Assigned],
                member.Changes.Select(c => c.Kind));
            Assert.Equal(4, member.Owned.Count);
            Assert.Equal(2, group.Count(beat => beat.MemberEpoch == 0));
            Assert.Single(group.Select(beat => beat.MemberId).Distinct());
        });

    [Fact]
    public void A_beat_says_what_is_new_and_all_of_it_after_one_that_was_lost() => Fake(
        async (cluster, group, client) =>
        {
            await using var member = new Reading(cluster.Host, client, Options with { RemoteAssignor = "range" });
            await Task.Delay(Moment, cluster.Host.Time);
            Assert.Equal((0, true, "range", 0), Said(group[0]));
            Assert.Equal((1, false, null, 4), Said(group[1]));
            Assert.Equal((1, false, null, -1), Said(group[2]));
            var before = group.Count;
            cluster.Broker.DropNext(ApiKey.ConsumerGroupHeartbeat);
            await Task.Delay(Moment, cluster.Host.Time);
            Assert.Contains(group.Skip(before), beat => Said(beat) == (1, true, "range", 4));
            Assert.Equal((1, false, null, -1), Said(group[^1]));
            Assert.Equal([RebalanceKind.Assigned], member.Changes.Select(c => c.Kind));
        });

    [Fact]
    public void A_commit_that_an_epoch_overtook_is_tried_with_the_new_one() => Fake(async (cluster, group, client) =>
    {
        var epochs = new List<int>();
        cluster.Broker.On<OffsetCommitRequest, OffsetCommitResponse>((request, _) =>
        {
            epochs.Add(request.GenerationIdOrMemberEpoch);
            return FakeGroup.Answer(request, epochs.Count == 1 ? ErrorCode.StaleMemberEpoch : ErrorCode.None);
        });
        await using var consumer = client.CreateConsumer<string, string>(Options with { AutoCommit = false });
        cluster.Append("orders", 0, NodeStory.Batch("a"));
        await foreach (var _ in consumer.ReadAllAsync(FakeCluster.Never))
            break;
        await consumer.CommitAsync(FakeCluster.Never);
        Assert.Equal([1, 1], epochs);
    });

    [Fact]
    public void A_group_that_refuses_a_member_ends_its_reading() => Fake(async (cluster, _, client) =>
    {
        cluster.Broker.On<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.UnsupportedAssignor, ErrorMessage = "no such assignor" });
        await using var consumer = client.CreateConsumer<string, string>(Options);
        var fault = await Assert.ThrowsAsync<KafkaException>(async () =>
        {
            await foreach (var _ in consumer.ReadAllAsync(FakeCluster.Never))
                break;
        });
        Assert.Equal((ErrorCode.UnsupportedAssignor, true), (fault.Code, fault.IsFatal));
        Assert.Contains("no such assignor", fault.Message);
    });

    [Theory]
    [InlineData(ErrorCode.UnsupportedVersion)]
    [InlineData(ErrorCode.GroupIdNotFound)]
    public void A_group_that_stays_classic_is_joined_as_such(ErrorCode refusal) => Fake(async (cluster, _, client) =>
    {
        cluster.Broker.On<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
            (_, _) => new() { ErrorCode = refusal });
        await using var member = new Reading(cluster.Host, client, Options);
        await Task.Delay(Moment, cluster.Host.Time);
        Assert.Equal(4, member.Owned.Count);
        Assert.Single(cluster.Broker.Of<ConsumerGroupHeartbeatRequest>());
    });

    [Fact]
    public void Who_names_assignors_of_members_means_the_classic_protocol()
    {
        Assert.Null(Options.Protocol);
        Assert.Equal(GroupProtocol.Classic, (Options with { Assignors = [Assignors.Sticky] }).Protocol);
        var options = Options.With(new Dictionary<string, string>
        {
            ["group.protocol"] = "CONSUMER",
            ["group.remote.assignor"] = "range",
        });
        Assert.Equal((GroupProtocol.Consumer, "range"), (options.Protocol, options.RemoteAssignor));
    }

    private static (int Epoch, bool Subscribes, string? Assignor, int Owned) Said(
        ConsumerGroupHeartbeatRequest beat) => (
        beat.MemberEpoch, beat.SubscribedTopicNames is not null, beat.ServerAssignor,
        beat.TopicPartitions?.Sum(topic => topic.Partitions.Count) ?? -1);

    private static void Tell(Func<NodeStory, LiveNode, KafkaClient, Task> tale)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await LiveNode.StartAsync(story);
            await using var client = new KafkaClient(new() { BootstrapServers = ["127.0.0.1:9092"] }, node.Host);
            await tale(story, node, client);
        });
        Assert.Empty(story.Halts);
    }

    /// <summary>A coordinator that gives its one member all partitions of a topic.</summary>
    private static void Fake(Func<FakeCluster, List<ConsumerGroupHeartbeatRequest>, KafkaClient, Task> tale)
    {
        var cluster = new FakeCluster().With("orders", 4);
        _ = new FakeGroup(cluster);
        var beats = new List<ConsumerGroupHeartbeatRequest>();
        var all = new ConsumerGroupHeartbeatResponse.TopicPartitions
        {
            TopicId = cluster.IdOf("orders"),
            Partitions = [0, 1, 2, 3],
        };
        cluster.Broker.On<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>((request, _) =>
        {
            beats.Add(request);
            return new()
            {
                MemberId = request.MemberId,
                MemberEpoch = Math.Min(request.MemberEpoch, 0) + 1,
                HeartbeatIntervalMs = 2000,
                Assignment = request.MemberEpoch == 0 ? new() { TopicPartitions = [all] } : null,
            };
        });
        cluster.Run(client => tale(cluster, beats, client));
    }

    /// <summary>A node that runs, and starts anew when it is told to.</summary>
    private sealed class LiveNode(NodeStory story, Host host) : IAsyncDisposable
    {
        private Barnabas.Node.BrokerNode? _node;
        private TopicId _topic;
        private int _filled;

        public Host Host => host;

        public static async Task<LiveNode> StartAsync(NodeStory story)
        {
            var live = new LiveNode(story, story.World.NewHost(story.Disk)) { _node = await story.StartAsync() };
            await using var peer = await story.DialAsync();
            live._topic = await NodeStory.CreateAsync(peer, "orders", 4);
            return live;
        }

        /// <summary>So many records to each partition.</summary>
        public async Task FillAsync(int records)
        {
            await using var peer = await story.DialAsync();
            for (var i = 0; i < records * 4; i++)
                await NodeStory.ProduceAsync(peer, _topic, NodeStory.Batch($"{_filled++}"), partition: i % 4);
        }

        public async Task RestartAsync()
        {
            await DisposeAsync();
            _node = await story.StartAsync();
        }

        public ValueTask DisposeAsync() => _node?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
