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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_preferred_leader_that_is_back_leads_again_where_that_is_wanted(bool isWanted)
    {
        var story = new ClusterStory(
            4,
            [.. Impatient, "leader.imbalance.check.interval.seconds=20", $"auto.leader.rebalance.enable={isWanted}"]);
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            await CreateAsync(story);
            var preferred = Decided(story).Replicas[0];
            Assert.Equal(preferred, Decided(story).Leader);
            await story.StopAsync(preferred.Value);
            await story.UntilAsync(() => Decided(story).Leader != preferred);
            await story.StartOneAsync(preferred.Value);
            await story.UntilAsync(() => Decided(story).Isr.Length == 3);
            var after = Decided(story).Leader;
            await Task.Delay(TimeSpan.FromSeconds(45), story.World);
            Assert.Equal(isWanted ? preferred : after, Decided(story).Leader);
            Assert.NotEqual(preferred, after);
            await story.StopAsync();
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

            // A follower serves consumers; one that holds nothing does not.
            (topic, leader, epoch, var elsewhere) = await CreateElsewhereAsync(story);
            await using var other = await story.DialAsync(elsewhere.Value);
            for (short version = 16; version <= 18; version++)
            {
                var fetched = await NodeStory.AskAsync(other, NodeStory.Fetch(topic, 0), version);
                var refused = fetched.Responses[0].Partitions[0];
                Assert.Equal(ErrorCode.NotLeaderOrFollower, refused.ErrorCode);
                Assert.Equal((leader, epoch), (refused.CurrentLeader.LeaderId, refused.CurrentLeader.LeaderEpoch));
                Assert.Equal((leader, 9092 + leader.Value), Assert.Single(
                    fetched.NodeEndpoints.Select(node => (node.NodeId, node.Port))));
            }

            await story.StopAsync();
        });
    }

    /// <summary>A topic of one replica, and a node that does not hold it.</summary>
    private static async Task<(TopicId, BrokerId Leader, LeaderEpoch, BrokerId Other)> CreateElsewhereAsync(
        ClusterStory story)
    {
        var topic = await CreateAsync(story, "single", replicas: 1);
        var state = story.Nodes.First().Broker.State;
        var partition = state.FindPartition(new TopicPartition("single", 0))!;
        var other = state.Brokers.First(b => b.Key != partition.Leader).Key;
        return (topic, partition.Leader, partition.LeaderEpoch, other);
    }

    private static async Task<TopicId> CreateAsync(ClusterStory story, string name = "orders", short replicas = 3)
    {
        await using var peer = await story.DialAsync(1);
        var created = await NodeStory.AskAsync(peer, new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics = [new() { Name = name, NumPartitions = 1, ReplicationFactor = replicas }],
        });
        Assert.Equal(ErrorCode.None, created.Topics[0].ErrorCode);
        await story.UntilAsync(() => story.Nodes.All(
            node => node.Broker.State.FindPartition(new TopicPartition(name, 0)) is not null));
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
