using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Keeper;
using Barnabas.Node;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.SimKeeper;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>A node that was alone goes on as a cluster whose metadata an ensemble keeps.</summary>
public sealed class MetadataMoveTests
{
    private const int Node = 1;

    [Fact]
    public void All_that_the_node_was_it_is_in_the_ensemble() => Tell(async story =>
    {
        var before = await LiveAloneAsync(story);
        var moved = await MoveAsync(story);
        Assert.Equal((before.Cluster, 2, true), (moved.ClusterId, moved.Topics, moved.IsNew));
        await story.StartOneAsync(Node);
        Assert.Equal(before, await LookAsync(story));
        // Numbers of producers are not given twice.
        await using var peer = await story.DialAsync(Node);
        var next = await NodeStory.AskAsync(peer, new InitProducerIdRequest { TransactionalId = null });
        Assert.True(next.ProducerId.Value > before.Producer);
        await story.StartAsync(3);
        await story.UntilAsync(() => story[Node].Broker.State.Brokers.Count(broker => broker.Value.IsActive) == 3);
        Assert.Equal(before.Cluster, story[3].ClusterId);
        await story.StopAsync();
    });

    [Fact]
    public void A_node_that_runs_is_left_alone() => Tell(async story =>
    {
        var node = await StartAloneAsync(story);
        var fault = await Assert.ThrowsAnyAsync<IOException>(() => MoveAsync(story));
        Assert.Contains("in use by another process", fault.Message, StringComparison.Ordinal);
        await node.DisposeAsync();
        Assert.Empty(story.Ensemble!.Members[0].Children("/"));
        story.Ensemble.Stop();
    });

    [Fact]
    public void What_somebody_else_keeps_there_stays() => Tell(async story =>
    {
        await LiveAloneAsync(story);
        await story.StartOneAsync(2);
        var fault = await Assert.ThrowsAsync<IOException>(() => MoveAsync(story));
        Assert.Contains("keeps something there already: barnabas", fault.Message, StringComparison.Ordinal);
        // Nothing has begun, so the node may go on as it was.
        await (await StartAloneAsync(story)).DisposeAsync();
        await story.StopAsync();
    });

    [Theory]
    [InlineData(KeeperOp.Create2, 3)]
    [InlineData(KeeperOp.GetData, 2)]
    [InlineData(KeeperOp.SetData, 1)]
    [InlineData(KeeperOp.Multi, 1)]
    public void A_move_that_was_broken_off_is_made_again(KeeperOp operation, int call) => Tell(async story =>
    {
        var before = await LiveAloneAsync(story);
        var calls = 0;
        // From there on nothing comes through.
        story.Ensemble!.Fate = asked => (calls += asked == operation ? 1 : 0) >= call
            ? RequestFate.LostBefore
            : RequestFate.Served;
        await Assert.ThrowsAsync<IOException>(() => MoveAsync(story));
        story.Ensemble.Fate = static _ => RequestFate.Served;
        Assert.True((await MoveAsync(story)).IsNew);
        await story.StartOneAsync(Node);
        Assert.Equal(before, await LookAsync(story));
        await story.StopAsync();
    });

    [Fact]
    public void A_node_that_was_moved_does_not_go_on_without_the_ensemble() => Tell(async story =>
    {
        await LiveAloneAsync(story);
        // Done, but nobody is told: it may count.
        story.Ensemble!.Fate = static asked =>
            asked == KeeperOp.Multi ? RequestFate.LostAfter : RequestFate.Served;
        await Assert.ThrowsAsync<IOException>(() => MoveAsync(story));
        story.Ensemble.Fate = static _ => RequestFate.Served;
        var fault = await Assert.ThrowsAsync<IOException>(() => StartAloneAsync(story));
        Assert.Contains($"zookeeper.connect={story.Ensemble.Addresses}/kafka/one", fault.Message,
            StringComparison.Ordinal);
        Assert.False((await MoveAsync(story)).IsNew);
        await story.StartOneAsync(Node);
        await story.StopAsync();
    });

    [Fact]
    public void A_torn_end_of_the_metadata_is_left_behind_and_nothing_else() => Tell(async story =>
    {
        var before = await LiveAloneAsync(story, CrashKind.Tears);
        Assert.True((await MoveAsync(story)).IsNew);
        await story.StartOneAsync(Node);
        Assert.Equal(before, await LookAsync(story));
        await story.StopAsync();
    });

    private static void Tell(Func<ClusterStory, Task> tell)
    {
        var story = ClusterStory.OverEnsemble(
            3, "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500",
            "offsets.topic.num.partitions=1", "offsets.topic.replication.factor=1");
        story.Tell(() => tell(story));
        Assert.Empty(story.Halts);
    }

    private static async Task<BrokerNode> StartAloneAsync(ClusterStory story)
    {
        if (!story.HasDisk(Node))
            story.Give(Node, new SimDisk(Node, story.World));
        return await BrokerNode.StartAsync(
            story.World.NewProcess().NewHost(story.DiskOf(Node)), story.Load(Node, "zookeeper.connect=").Configs!,
            story.Halts.Add);
    }

    private static Task<MovedMetadata> MoveAsync(ClusterStory story) => MetadataMove.RunAsync(
        story.World.NewProcess().NewHost(story.DiskOf(Node)), story.Load(Node).Configs!);

    /// <summary>A node alone gets a topic, records, a config, positions of a group and a producer, and stops.</summary>
    private static async Task<Seen> LiveAloneAsync(ClusterStory story, CrashKind? crash = null)
    {
        var node = await StartAloneAsync(story);
        await using var peer = await story.DialAsync(Node);
        var topic = await NodeStory.CreateAsync(peer, "orders", 2, ("retention.ms", "12345"));
        foreach (var value in new[] { "a", "b" })
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch(value))).ErrorCode);
        Assert.Equal(
            ErrorCode.None,
            (await NodeStory.AskAsync(peer, new FindCoordinatorRequest { CoordinatorKeys = ["billing"] }))
                .Coordinators[0].ErrorCode);
        await story.UntilAsync(() => node.Broker.Groups.Shards.Any(shard => shard.Check() == ErrorCode.None));
        var commit = await NodeStory.AskAsync(peer, GroupRequests.Commit("billing", "orders", topic, 0, offset: 1));
        Assert.Equal(ErrorCode.None, commit.Topics[0].Partitions[0].ErrorCode);
        var producer = await NodeStory.AskAsync(peer, new InitProducerIdRequest { TransactionalId = null });
        var seen = await LookAsync(story, node, peer, producer.ProducerId.Value);
        if (crash is { } kind)
        {
            await node.AbandonAsync();
            story.DiskOf(Node).Crash(kind);
        }
        else
        {
            await node.DisposeAsync();
        }

        return seen;
    }

    private static async Task<Seen> LookAsync(ClusterStory story)
    {
        await using var peer = await story.DialAsync(Node);
        await NodeStory.AskAsync(peer, new FindCoordinatorRequest { CoordinatorKeys = ["billing"] });
        await story.UntilAsync(
            () => story[Node].Broker.Groups.Shards.Any(shard => shard.Check() == ErrorCode.None));
        return await LookAsync(story, story[Node], peer, 0);
    }

    private static async Task<Seen> LookAsync(ClusterStory story, BrokerNode node, Peer peer, long producer)
    {
        var topic = node.Broker.State.Topics["orders"];
        var fetched = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic.Id, 0));
        var offsets = await NodeStory.AskAsync(peer, GroupRequests.FetchOffsets(9, "billing", "orders", topic.Id));
        var configs = node.Broker.State.Configs[ConfigResource.Topic("orders")];
        Assert.Empty(story.Halts);
        return new Seen(
            node.ClusterId, $"{topic.Id} {topic.Partitions.Count} {string.Join(',', configs)}",
            string.Join(',', NodeStory.ValuesOf(fetched.Responses[0].Partitions[0])),
            GroupRequests.OffsetOf(9, offsets), producer);
    }

    /// <summary>What is seen of a node.</summary>
    private sealed record Seen(string Cluster, string Topic, string Records, long Position, long Producer)
    {
        public bool Equals(Seen? other) => other is not null
            && (Cluster, Topic, Records, Position) == (other.Cluster, other.Topic, other.Records, other.Position);

        public override int GetHashCode() => Cluster.GetHashCode(StringComparison.Ordinal);
    }
}
