using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Topics with several replicas, over nodes that live, die and come back.</summary>
public sealed class ReplicationTests
{
    private static readonly string[] Quick =
    [
        "broker.session.timeout.ms=1000", "broker.heartbeat.interval.ms=200", "replica.lag.time.max.ms=2000",
        "offsets.topic.num.partitions=3", "min.insync.replicas=2",
    ];

    [Fact]
    public void What_is_acknowledged_is_on_every_replica_in_sync()
    {
        var story = new ClusterStory(1, Quick);
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            var topic = await CreateAsync(story, "orders");
            for (var i = 0; i < 20; i++)
                await ProduceAsync(story, topic, $"v{i}");
            await story.UntilAsync(() => story.Nodes.All(
                node => node.Broker.Replicas.Find(topic, 0)?.View.HighWatermark == new Offset(20)));
            foreach (var node in story.Nodes)
                Assert.Equal(new Offset(20), node.Broker.Replicas.Find(topic, 0)!.View.Log!.End);
            Assert.Equal(3, StateOf(story, topic).Isr.Length);
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void When_the_leader_dies_a_follower_in_sync_goes_on_with_all_that_was_acknowledged(int seed)
    {
        var story = new ClusterStory(seed, Quick);
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            var topic = await CreateAsync(story, "orders");
            var told = new List<string>();
            for (var round = 0; round < 4; round++)
            {
                for (var i = 0; i < 10; i++)
                    told.Add(await ProduceAsync(story, topic, $"{round}-{i}"));
                var leader = StateOf(story, topic).Leader.Value;
                await story.KillAsync(leader);
                told.Add(await ProduceAsync(story, topic, $"{round}-after"));
                Assert.NotEqual(leader, StateOf(story, topic).Leader.Value);
                await story.StartOneAsync(leader);
                await story.UntilAsync(() => StateOf(story, topic).Isr.Length == 3);
            }

            await story.UntilAsync(() => story.Nodes.All(
                node => node.Broker.Replicas.Find(topic, 0)!.View.HighWatermark
                    == node.Broker.Replicas.Find(topic, 0)!.View.Log!.End));
            Assert.Equal(told, await ReadAsync(story, topic));
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void A_node_that_stops_in_order_hands_its_partitions_over_first()
    {
        var story = new ClusterStory(1, Quick);
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            var topic = await CreateAsync(story, "orders");
            for (var round = 0; round < 3; round++)
            {
                await ProduceAsync(story, topic, $"{round}");
                var leader = StateOf(story, topic).Leader.Value;
                await story.StopAsync(leader);
                Assert.NotEqual(leader, StateOf(story, topic).Leader.Value);
                Assert.DoesNotContain(new BrokerId(leader), StateOf(story, topic).Isr);
                await ProduceAsync(story, topic, $"{round} again");
                await story.StartOneAsync(leader);
                await story.UntilAsync(() => StateOf(story, topic).Isr.Length == 3);
            }

            Assert.Equal(["0", "0 again", "1", "1 again", "2", "2 again"], await ReadAsync(story, topic));
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void With_too_few_in_sync_nothing_is_acknowledged_and_nothing_is_lost()
    {
        var story = new ClusterStory(1, Quick);
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            var topic = await CreateAsync(story, "orders");
            await ProduceAsync(story, topic, "a");
            var leader = StateOf(story, topic).Leader.Value;
            foreach (var node in Enumerable.Range(1, 3).Where(n => n != leader))
                await story.KillAsync(node);
            await story.UntilAsync(() => StateOf(story, topic).Isr.Length == 1);
            await using var peer = await story.DialAsync(leader);
            var refused = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("b"));
            Assert.Equal(ErrorCode.NotEnoughReplicas, refused.ErrorCode);
            await story.StartAsync(3);
            await story.UntilAsync(() => StateOf(story, topic).Isr.Length == 3);
            await ProduceAsync(story, topic, "c");
            Assert.Equal(["a", "c"], await ReadAsync(story, topic));
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    private static PartitionState StateOf(ClusterStory story, TopicId topic) =>
        story.Nodes.MaxBy(node => node.Broker.Controller.Held.Offset)!.Broker.State.TryGetTopic(topic, out var found)
            ? found.Partitions[0]
            : throw new InvalidOperationException("there is no such topic");

    private static async Task<TopicId> CreateAsync(ClusterStory story, string name)
    {
        await story.UntilAsync(() => story.Nodes.All(
            node => node.Broker.State.Brokers.Count(b => b.Value.IsActive) == 3));
        await using var peer = await story.DialAsync(1);
        var answer = await NodeStory.AskAsync(peer, new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics = [new() { Name = name, NumPartitions = 1, ReplicationFactor = 3 }],
        });
        Assert.Equal(ErrorCode.None, answer.Topics[0].ErrorCode);
        return answer.Topics[0].TopicId;
    }

    /// <summary>Sends a record to whoever leads until it is acknowledged, once: what may have been stored is not sent
    /// again.</summary>
    private static async Task<string> ProduceAsync(ClusterStory story, TopicId topic, string value)
    {
        while (true)
        {
            try
            {
                await using var peer = await story.DialAsync(StateOf(story, topic).Leader.Value);
                var answer = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch(value));
                if (answer.ErrorCode == ErrorCode.None)
                    return value;
                Assert.True(
                    answer.ErrorCode is ErrorCode.NotLeaderOrFollower or ErrorCode.NotEnoughReplicas
                        or ErrorCode.UnknownTopicId,
                    $"{answer.ErrorCode}");
            }
            catch (PeerLostException lost) when (!lost.MayHaveArrived)
            {
                // The leader is gone, and nobody else leads yet.
            }
            catch (IOException fault) when (fault is not PeerLostException)
            {
                // Nobody listens there.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), story.World);
        }
    }

    private static async Task<List<string>> ReadAsync(ClusterStory story, TopicId topic)
    {
        await using var peer = await story.DialAsync(StateOf(story, topic).Leader.Value);
        var answer = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0));
        return NodeStory.ValuesOf(answer.Responses[0].Partitions[0]);
    }
}
