using System.Text;
using Barnabas.Base;
using Barnabas.Node;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Whole nodes whose metadata an ensemble keeps: <c>zookeeper.connect</c>.</summary>
public sealed class EnsembleTests
{
    private const string Root = "/kafka/one";
    private static readonly int[] Nodes = [1, 2, 3];

    [Fact]
    public void Three_nodes_are_one_cluster_and_what_is_written_is_on_all_of_them() => Tell(async story =>
    {
        await story.StartAsync(3);
        await AllActiveAsync(story);
        Assert.Equal(story[1].ClusterId, Shown(story, "/barnabas/cluster"));
        Assert.Single(Nodes.Select(node => story[node].ClusterId).Distinct());
        await WriteAsync(story, story[1], "orders", "a");
        var topic = story[1].Broker.State.Topics["orders"].Id;
        foreach (var node in Nodes)
            await story.UntilAsync(() => EndOf(story[node], "orders") == 1);
        await story.UntilAsync(() => Shown(story, "/brokers/topics/orders").Contains(
            $"\"topic_id\":\"{topic}\"", StringComparison.Ordinal));
        Assert.Equal(["1", "2", "3"], story.Ensemble!.Members[0].Children($"{Root}/brokers/ids"));
        await story.StopAsync();
    });

    [Fact]
    public void When_the_controller_is_killed_another_is_within_its_session_and_nothing_is_lost() => Tell(async story =>
    {
        await story.StartAsync(3);
        await AllActiveAsync(story);
        await WriteAsync(story, story[1], "orders", "before");
        var dead = Controller(story);
        await story.KillAsync(dead);
        var others = Nodes.Where(node => node != dead).ToArray();
        await story.UntilAsync(() => others.Contains(Controller(story)));
        var next = Controller(story);
        await story.UntilAsync(() => story[next].Broker.State.Brokers[new BrokerId(dead)].Fenced);
        await WriteAsync(story, story[next], "payments", "after", replicas: 2);
        await story.StartOneAsync(dead);
        await AllActiveAsync(story);
        await story.UntilAsync(() => EndOf(story[dead], "orders") == 1);
        // It did not come back from a clean stop, and says so.
        Assert.Equal(3, story[dead].Broker.State.Brokers.Count);
        await story.UntilAsync(
            () => Shown(story, "/controller").Contains($"\"brokerid\":{next},", StringComparison.Ordinal));
        await story.StopAsync();
    });

    [Fact]
    public void A_session_that_ends_early_costs_the_lead_and_nothing_else() => Tell(async story =>
    {
        await story.StartAsync(3);
        await AllActiveAsync(story);
        for (var i = 0; i < 3; i++)
        {
            var epoch = story[1].Broker.Quorum().Epoch.Value;
            foreach (var session in story.Ensemble!.Sessions)
                story.Ensemble.Expire(session);
            await story.UntilAsync(() => Nodes.All(node => story[node].Broker.Quorum() is { } quorum
                && quorum.Epoch.Value > epoch && quorum.Leader != BrokerId.None));
            await WriteAsync(story, story[Nodes[i]], $"topic-{i}", "a");
        }

        Assert.True(Nodes.All(node => story[node].Broker.State.Brokers.All(broker => broker.Value.IsActive)));
        await story.StopAsync();
    });

    [Fact]
    public void While_the_ensemble_is_away_records_flow_and_when_it_is_back_so_do_decisions() => Tell(async story =>
    {
        await story.StartAsync(3);
        await AllActiveAsync(story);
        await WriteAsync(story, story[1], "orders", "before");
        foreach (var member in story.Ensemble!.Members)
            member.Stop();
        await Task.Delay(TimeSpan.FromMinutes(2), story.World);
        Assert.All(Nodes, node => Assert.Equal(BrokerStage.Running, story[node].Observation.Stage));
        await AppendAsync(story, "orders", "meanwhile");
        foreach (var member in story.Ensemble.Members)
            member.Start();
        await story.UntilAsync(() => Controller(story) is > 0 and var controller
            && story.Nodes.All(node => node.Broker.Quorum().Leader.Value == controller));
        await AllActiveAsync(story);
        await WriteAsync(story, story[2], "payments", "after");
        Assert.All(Nodes, node => Assert.Equal(2, EndOf(story[node], "orders")));
        await story.StopAsync();
    });

    [Fact]
    public void A_start_waits_for_an_ensemble_that_is_not_there_yet() => Tell(async story =>
    {
        foreach (var member in story.Ensemble!.Members)
            member.Stop();
        var started = story.StartAsync(3);
        await Task.Delay(TimeSpan.FromSeconds(20), story.World);
        Assert.False(started.IsCompleted);
        foreach (var member in story.Ensemble.Members)
            member.Start();
        await started;
        await AllActiveAsync(story);
        await story.StopAsync();
    }, "zookeeper.connection.timeout.ms=60000");

    [Fact]
    public void A_start_that_waited_in_vain_forgets_no_clean_stop() => Tell(async story =>
    {
        await story.StartAsync(1);
        await story.StopAsync(1);
        foreach (var member in story.Ensemble!.Members)
            member.Stop();
        var fault = await Assert.ThrowsAsync<IOException>(() => story.StartOneAsync(1));
        Assert.Contains("within 1 s", fault.Message, StringComparison.Ordinal);
        foreach (var member in story.Ensemble.Members)
            member.Start();
        Assert.True(IsClean(story, 1));
        await story.StartOneAsync(1);
        Assert.False(IsClean(story, 1));
        await story.KillAsync(1);
        Assert.False(IsClean(story, 1));
        story.Ensemble.Stop();
    }, "zookeeper.connection.timeout.ms=1000");

    [Fact]
    public void A_node_of_another_cluster_is_refused_and_disturbs_nobody() => Tell(async story =>
    {
        await story.StartAsync(1);
        var strange = new SimDisk(7, story.World);
        Barnabas.Log.LogDirectory.Format(story.World.NewHost(strange), "/data", "another", new BrokerId(2));
        story.Give(2, strange);
        var fault = await Assert.ThrowsAsync<IOException>(() => story.StartOneAsync(2));
        Assert.Equal(
            $"/data belongs to cluster another, and the node would join {story[1].ClusterId} "
            + "(INCONSISTENT_CLUSTER_ID)",
            fault.Message);
        // Its session ended with it: nobody waits for a candidate that is gone.
        await story.UntilAsync(
            () => story.Ensemble!.Members[0].Children($"{Root}/barnabas/election").Count == 1);
        await story.StopAsync();
    });

    [Fact]
    public void A_node_that_has_a_cluster_begins_none_in_an_empty_ensemble() => Tell(async story =>
    {
        var used = new SimDisk(7, story.World);
        Barnabas.Log.LogDirectory.Format(story.World.NewHost(used), "/data", "mine", new BrokerId(1));
        story.Give(1, used);
        var fault = await Assert.ThrowsAsync<IOException>(() => story.StartOneAsync(1));
        Assert.Contains("keeps no cluster, and /data belongs to one", fault.Message, StringComparison.Ordinal);
        Assert.Empty(story.Ensemble!.Members[0].Children("/kafka"));
        story.Ensemble.Stop();
    });

    [Fact]
    public void A_second_node_of_the_same_number_is_refused_and_the_first_goes_on() => Tell(async story =>
    {
        await story.StartAsync(2);
        var first = story[2];
        var process = story.World.NewProcess();
        var second = story.Load(2, "listeners=PLAINTEXT://127.0.0.1:9900").Configs!;
        var fault = await Assert.ThrowsAsync<IOException>(() => BrokerNode.StartAsync(
            process.NewHost(new SimDisk(9, story.World)), second, story.Halts.Add));
        Assert.Contains("refuses this node", fault.Message, StringComparison.Ordinal);
        await story.UntilAsync(() => first.Broker.State.Brokers[new BrokerId(2)].IsActive && Controller(story) > 0);
        await WriteAsync(story, first, "orders", "a", replicas: 2);
        await story.StopAsync();
    }, "initial.broker.registration.timeout.ms=5000");

    private static void Tell(Func<ClusterStory, Task> tell, params string[] overrides)
    {
        var story = ClusterStory.OverEnsemble(1, [
            "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500", "replica.lag.time.max.ms=4000",
            .. overrides,
        ]);
        story.Tell(() => tell(story));
        Assert.Empty(story.Halts);
    }

    private static Task AllActiveAsync(ClusterStory story) => story.UntilAsync(
        () => story.Nodes.All(node => node.Broker.State.Brokers.Count(broker => broker.Value.IsActive) == 3));

    private static int Controller(ClusterStory story) => story.Nodes
        .Select(node => (node.Broker.Id, node.Broker.Quorum()))
        .Where(one => one.Item2.Leader == one.Id)
        .Select(one => one.Id.Value)
        .FirstOrDefault();

    private static string Shown(ClusterStory story, string path) =>
        Encoding.UTF8.GetString((story.Ensemble!.Members[0].Read(Root + path) ?? default).Span);

    private static long EndOf(BrokerNode node, string topic) =>
        node.Broker.Replicas.All.FirstOrDefault(p => p.View.Name.Topic == topic)?.View.Log?.End.Value ?? -1;

    private static bool IsClean(ClusterStory story, int node) =>
        story.DiskOf(node).FileExists("/data/.kafka_cleanshutdown");

    /// <summary>Makes a topic of one partition, asking a node, and writes to it what all replicas have to
    /// have.</summary>
    private static async Task WriteAsync(
        ClusterStory story, BrokerNode asked, string topic, string value, short replicas = 3)
    {
        await using var peer = await story.DialAsync(asked.Broker.Id.Value);
        var answer = await NodeStory.AskAsync(peer, new CreateTopicsRequest
        {
            TimeoutMs = 30_000,
            Topics = [new() { Name = topic, NumPartitions = 1, ReplicationFactor = replicas }],
        });
        Assert.Equal(ErrorCode.None, answer.Topics[0].ErrorCode);
        await story.UntilAsync(() => story.Nodes.All(node => node.Broker.State.Topics.ContainsKey(topic)));
        await AppendAsync(story, topic, value);
    }

    /// <summary>Writes a record to the leader of a partition, acks=all, as a client does: again where the leader has
    /// not begun.</summary>
    private static async Task AppendAsync(ClusterStory story, string topic, string value)
    {
        var state = story.Nodes.First().Broker.State.Topics[topic];
        await using var peer = await story.DialAsync(state.Partitions[0].Leader.Value);
        var error = ErrorCode.NotLeaderOrFollower;
        for (var i = 0; i < 100 && error != ErrorCode.None; i++)
        {
            error = (await NodeStory.ProduceAsync(peer, state.Id, NodeStory.Batch(value))).ErrorCode;
            if (error != ErrorCode.None)
                await Task.Delay(TimeSpan.FromMilliseconds(50), story.World);
        }

        Assert.Equal(ErrorCode.None, error);
    }
}
