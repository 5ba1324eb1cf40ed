using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Replication;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>A topic of three replicas on three nodes, and what clients find of it when nodes die.</summary>
public sealed class ReplicatedTopicTests
{
    private static readonly string[] Impatient =
        ["broker.session.timeout.ms=1000", "broker.heartbeat.interval.ms=200", "min.insync.replicas=2"];

    [Fact]
    public void What_was_acknowledged_is_read_from_whoever_leads_next()
    {
        var story = new ClusterStory(1, Impatient);
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            var topic = await CreateAsync(story);
            var expected = new List<string>();
            for (var round = 0; round < 3; round++)
            {
                for (var i = 0; i < 5; i++)
                {
                    var value = $"{round}.{i}";
                    await ProduceAsync(story, topic, value);
                    expected.Add(value);
                }

                var leader = Decided(story).Leader.Value;
                await story.KillAsync(leader);
                await story.UntilAsync(() => Decided(story).Leader.Value != leader);
                Assert.Equal(expected, await ReadAsync(story, topic));
                await story.StartOneAsync(leader);
                await story.UntilAsync(() => Decided(story).Isr.Length == 3);
            }

            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void A_leader_that_stops_in_good_order_hands_over_and_comes_back()
    {
        var story = new ClusterStory(2, Impatient);
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            var topic = await CreateAsync(story);
            await ProduceAsync(story, topic, "a");
            var leader = Decided(story).Leader.Value;
            await story.StopAsync(leader);
            await story.UntilAsync(() => Decided(story).Leader.Value != leader);
            await ProduceAsync(story, topic, "b");
            await story.StartOneAsync(leader);
            await story.UntilAsync(() => Decided(story).Isr.Length == 3);
            Assert.Equal(["a", "b"], await ReadAsync(story, topic));
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void Who_asks_another_than_the_leader_is_told_who_leads_and_where()
    {
        var story = new ClusterStory(3, Impatient);
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            var topic = await CreateAsync(story);
            var (leader, epoch) = (Decided(story).Leader, Decided(story).LeaderEpoch);
            await using var peer = await story.DialAsync(leader.Value == 1 ? 2 : 1);

            for (short version = 10; version <= 13; version++)
            {
                var asked = NodeStory.Produce(topic, NodeStory.Batch("a"));
                asked.TopicData[0].Name = "orders";
                var produced = await NodeStory.AskAsync(peer, asked, version);
                var refused = produced.Responses[0].PartitionResponses[0];
                Assert.Equal(ErrorCode.NotLeaderOrFollower, refused.ErrorCode);
                Assert.Equal((leader, epoch), (refused.CurrentLeader.LeaderId, refused.CurrentLeader.LeaderEpoch));
                Assert.Equal((leader, 9092 + leader.Value), Assert.Single(
                    produced.NodeEndpoints.Select(node => (node.NodeId, node.Port))));
            }

            for (short version = 16; version <= 18; version++)
            {
                var fetched = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0), version);
                var refused = fetched.Responses[0].Partitions[0];
                Assert.Equal(ErrorCode.NotLeaderOrFollower, refused.ErrorCode);
                Assert.Equal((leader, epoch), (refused.CurrentLeader.LeaderId, refused.CurrentLeader.LeaderEpoch));
                Assert.Equal((leader, 9092 + leader.Value), Assert.Single(
                    fetched.NodeEndpoints.Select(node => (node.NodeId, node.Port))));
            }

            await story.StopAsync();
        });
    }

    private static async Task<TopicId> CreateAsync(ClusterStory story)
    {
        await using var peer = await story.DialAsync(1);
        var created = await NodeStory.AskAsync(peer, new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics = [new() { Name = "orders", NumPartitions = 1, ReplicationFactor = 3 }],
        });
        Assert.Equal(ErrorCode.None, created.Topics[0].ErrorCode);
        await story.UntilAsync(() => story.Nodes.All(
            node => node.Broker.State.FindPartition(new TopicPartition("orders", 0)) is not null));
        return created.Topics[0].TopicId;
    }

    // Until the leader takes it: one that has just been elected may not know yet.
    private static async Task ProduceAsync(ClusterStory story, TopicId topic, string value)
    {
        while (true)
        {
            await using var leader = await LeaderAsync(story);
            var answer = await NodeStory.ProduceAsync(leader, topic, NodeStory.Batch(value));
            if (answer.ErrorCode == ErrorCode.None)
                return;
            var isPassing = answer.ErrorCode is ErrorCode.NotLeaderOrFollower or ErrorCode.NotEnoughReplicas;
            Assert.True(isPassing, $"{answer.ErrorCode}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), story.World);
        }
    }

    private static async Task<List<string>> ReadAsync(ClusterStory story, TopicId topic)
    {
        await story.UntilAsync(() => Leading(story) is { } view && view.HighWatermark == view.Log!.End);
        await using var leader = await LeaderAsync(story);
        var answer = await NodeStory.AskAsync(leader, NodeStory.Fetch(topic, 0));
        Assert.Equal(ErrorCode.None, answer.Responses[0].Partitions[0].ErrorCode);
        return NodeStory.ValuesOf(answer.Responses[0].Partitions[0]);
    }

    private static Task<Peer> LeaderAsync(ClusterStory story) => story.DialAsync(Decided(story).Leader.Value);

    private static PartitionState Decided(ClusterStory story) =>
        story.Nodes.First().Broker.State.FindPartition(new TopicPartition("orders", 0))!;

    private static PartitionView? Leading(ClusterStory story) =>
        story.Nodes.SelectMany(node => node.Broker.Replicas.All).Select(partition => partition.View)
            .SingleOrDefault(view => view is { Name.Topic: "orders", Role: PartitionRole.Leader });
}
