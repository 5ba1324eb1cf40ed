using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Consumers that read from a replica in their rack (KIP-392), on three nodes in racks of their own.</summary>
public sealed class NearestReplicaTests
{
    private static readonly TopicPartition Orders = new("orders", 0);

    private static readonly string[] Racks =
    [
        "broker.session.timeout.ms=1000", "broker.heartbeat.interval.ms=200", "min.insync.replicas=2",
        "broker.rack=r{node}", "replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector",
    ];

    [Fact]
    public void The_leader_sends_a_consumer_to_the_replica_in_its_rack()
    {
        var story = new ClusterStory(1, Racks);
        story.Tell(async () =>
        {
            var (topic, leader, follower) = await BeginAsync(story, "a", "b");
            await using var atLeader = await story.DialAsync(leader);
            await using var atFollower = await story.DialAsync(follower);

            var sent = (await FetchAsync(atLeader, topic, $"r{follower}")).Responses[0].Partitions[0];
            Assert.Equal((ErrorCode.None, new BrokerId(follower)), (sent.ErrorCode, sent.PreferredReadReplica));
            Assert.Equal((0, new Offset(2)), (sent.Records?.Length ?? 0, sent.HighWatermark));
            var read = (await FetchAsync(atFollower, topic, $"r{follower}")).Responses[0].Partitions[0];
            Assert.Equal(BrokerId.None, read.PreferredReadReplica);
            Assert.Equal(["a", "b"], NodeStory.ValuesOf(read));

            foreach (var rack in new[] { $"r{leader}", "r9", "" })
            {
                var stays = (await FetchAsync(atLeader, topic, rack)).Responses[0].Partitions[0];
                Assert.Equal(BrokerId.None, stays.PreferredReadReplica);
                Assert.Equal(["a", "b"], NodeStory.ValuesOf(stays));
            }

            await story.StopAsync();
        });
    }

    [Fact]
    public void A_follower_answers_as_a_leader_would_but_old_consumers()
    {
        var story = new ClusterStory(2, Racks);
        story.Tell(async () =>
        {
            var (topic, _, follower) = await BeginAsync(story, "a", "b");
            await using var peer = await story.DialAsync(follower);

            var old = await NodeStory.AskAsync(peer, ByName(topic, 0), version: 10);
            Assert.Equal(ErrorCode.NotLeaderOrFollower, old.Responses[0].Partitions[0].ErrorCode);
            var first = await NodeStory.AskAsync(peer, ByName(topic, 0), version: 11);
            Assert.Equal(["a", "b"], NodeStory.ValuesOf(first.Responses[0].Partitions[0]));
            var beyond = await NodeStory.AskAsync(peer, ByName(topic, 3), version: 11);
            Assert.Equal(ErrorCode.NotLeaderOrFollower, beyond.Responses[0].Partitions[0].ErrorCode);
            var known = ByName(topic, 3);
            known.Topics[0].Partitions[0].CurrentLeaderEpoch = new LeaderEpoch(0);
            beyond = await NodeStory.AskAsync(peer, known, version: 11);
            Assert.Equal(ErrorCode.OffsetOutOfRange, beyond.Responses[0].Partitions[0].ErrorCode);
            var later = ByName(topic, 0);
            later.Topics[0].Partitions[0].CurrentLeaderEpoch = new LeaderEpoch(9);
            var unknown = await NodeStory.AskAsync(peer, later, version: 11);
            Assert.Equal(ErrorCode.UnknownLeaderEpoch, unknown.Responses[0].Partitions[0].ErrorCode);
            await story.StopAsync();
        });
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public void A_leader_that_stood_still_sends_nobody_back_to_the_beginning(short version)
    {
        var story = new ClusterStory(3, Racks);
        story.Tell(async () =>
        {
            var (topic, leader, _) = await BeginAsync(story, "a");
            await using var peer = await story.DialAsync(leader);
            story.Pause(leader);
            // It is what the leader of old finds first as it wakes up, before any word of the cluster.
            var asked = NodeStory.AskAsync(peer, ByName(topic, 2), version);
            var next = await LeaderAfterAsync(story, leader);
            await using (var atNext = await story.DialAsync(next))
                Assert.Equal(ErrorCode.None, (await ProduceAsync(story, atNext, topic, "b")).ErrorCode);
            story.GoOn(leader);
            Assert.Equal(
                ErrorCode.NotLeaderOrFollower, (await asked).Responses[0].Partitions[0].ErrorCode);
            await story.StopAsync();
        });
    }

    [Fact]
    public void Who_waits_at_a_follower_hears_at_once_of_what_is_committed()
    {
        var story = new ClusterStory(
            3, [.. Racks, "replica.fetch.wait.max.ms=20000", "replica.lag.time.max.ms=60000"]);
        story.Tell(async () =>
        {
            var (topic, leader, follower) = await BeginAsync(story, "a");
            await using var atLeader = await story.DialAsync(leader);
            await using var atFollower = await story.DialAsync(follower);

            var begun = story.World.Age;
            var waits = NodeStory.AskAsync(atFollower, NodeStory.Fetch(topic, 1, waitMs: 15_000));
            await NodeStory.ProduceAsync(atLeader, topic, NodeStory.Batch("b"));
            Assert.Equal(["b"], NodeStory.ValuesOf((await waits).Responses[0].Partitions[0]));
            Assert.True(story.World.Age - begun < TimeSpan.FromSeconds(2), "the watermark did not come of itself");
            await story.StopAsync();
        });
    }

    [Fact]
    public void The_managed_client_reads_from_its_rack_and_goes_on_when_that_replica_dies()
    {
        var story = new ClusterStory(4, Racks);
        story.Tell(async () =>
        {
            var (topic, leader, follower) = await BeginAsync(story, "a", "b");
            var options = new KafkaClientOptions
            {
                BootstrapServers = [$"127.0.0.1:{ClusterStory.PortOf(leader)}"],
                Rack = $"r{follower}",
            };
            await using var client = new KafkaClient(options, story.World.NewHost(new SimDisk(9, story.World)));
            await using var reader = client.CreateReader<string, string>(Orders, OffsetSpec.Earliest);
            await using var records = reader.ReadAllAsync().GetAsyncEnumerator();
            Assert.Equal("a", await NextAsync(records));
            Assert.Equal("b", await NextAsync(records));
            Assert.True(Served(story, follower) > 0, "nothing was read from the rack");
            Assert.Equal(0, Served(story, leader));

            await story.KillAsync(follower);
            await using (var atLeader = await story.DialAsync(leader))
                await NodeStory.ProduceAsync(atLeader, topic, NodeStory.Batch("c"));
            Assert.Equal("c", await NextAsync(records));
            await story.StopAsync();
        });
    }

    private static async Task<string?> NextAsync(IAsyncEnumerator<ConsumedRecord<string, string>> records)
    {
        Assert.True(await records.MoveNextAsync());
        return records.Current.Value;
    }

    private static long Served(ClusterStory story, int node) => story[node].Broker.Replicas.Traffic.Topics
        .Where(topic => topic.Topic == Orders.Topic).Sum(topic => topic.BytesOut.Value);

    /// <summary>A topic that is on all nodes, with records that are committed and known to be so.</summary>
    private static async Task<(TopicId Topic, int Leader, int Follower)> BeginAsync(
        ClusterStory story, params string[] values)
    {
        await story.StartAsync(3);
        await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
        await using var peer = await story.DialAsync(1);
        // Not led where the metadata is: who keeps that is missed by nobody while it stands still.
        var controller = story[1].Broker.Quorum().Leader;
        var others = story.Nodes.Select(node => node.Broker.Id).Where(id => id != controller);
        var created = await NodeStory.AskAsync(peer, new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics =
            [
                new()
                {
                    Name = Orders.Topic,
                    NumPartitions = -1,
                    ReplicationFactor = -1,
                    Assignments = [new() { PartitionIndex = 0, BrokerIds = [.. others, controller] }],
                },
            ],
        });
        var topic = created.Topics[0].TopicId;
        await story.UntilAsync(() => story.Nodes.All(node => node.Broker.State.FindPartition(Orders) is not null));
        var state = story[1].Broker.State.FindPartition(Orders)!;
        await using var leader = await story.DialAsync(state.Leader.Value);
        foreach (var value in values)
            Assert.Equal(ErrorCode.None, (await ProduceAsync(story, leader, topic, value)).ErrorCode);
        await story.UntilAsync(() => story.Nodes.All(
            node => node.Broker.Replicas.Find(topic, 0)?.View.HighWatermark == new Offset(values.Length)));
        return (topic, state.Leader.Value, state.Replicas.First(replica => replica != state.Leader).Value);
    }

    private static async Task<int> LeaderAfterAsync(ClusterStory story, int leader)
    {
        var other = story[leader == 1 ? 2 : 1].Broker;
        await story.UntilAsync(() => other.State.FindPartition(Orders)!.Leader is var now
            && now != BrokerId.None && now != new BrokerId(leader));
        return other.State.FindPartition(Orders)!.Leader.Value;
    }

    // Until the leader knows that it leads.
    private static async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        ClusterStory story, Peer leader, TopicId topic, string value)
    {
        while (true)
        {
            var answer = await NodeStory.ProduceAsync(leader, topic, NodeStory.Batch(value));
            if (answer.ErrorCode is not (ErrorCode.NotLeaderOrFollower or ErrorCode.NotEnoughReplicas))
                return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(50), story.World);
        }
    }

    private static Task<FetchResponse> FetchAsync(Peer peer, TopicId topic, string rack)
    {
        var request = NodeStory.Fetch(topic, 0);
        request.RackId = rack;
        return NodeStory.AskAsync(peer, request);
    }

    private static FetchRequest ByName(TopicId topic, long offset)
    {
        var request = NodeStory.Fetch(topic, offset);
        (request.Topics[0].Topic, request.Topics[0].TopicId) = (Orders.Topic, TopicId.None);
        return request;
    }
}
