using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Several nodes that are one cluster: registration, sessions, and the way to the controller.</summary>
public sealed class ClusterTests
{
    private static readonly int[] Nodes = [1, 2, 3];

    [Fact]
    public void Nodes_register_with_the_controller_wherever_it_is_and_are_let_in()
    {
        var story = new ClusterStory();
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            foreach (var node in Nodes)
            {
                await story.UntilAsync(() => story[node].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
                await using var peer = await story.DialAsync(node);
                var cluster = await NodeStory.AskAsync(peer, new DescribeClusterRequest());
                Assert.Equal([1, 2, 3], cluster.Brokers.Select(b => b.BrokerId.Value).Order());
                Assert.Equal(story[1].ClusterId, cluster.ClusterId);
            }

            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void Any_node_takes_what_the_controller_decides()
    {
        var story = new ClusterStory();
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            var topics = new List<TopicId>();
            foreach (var node in Nodes)
            {
                await using var peer = await story.DialAsync(node);
                topics.Add(await NodeStory.CreateAsync(peer, $"by-{node}", partitions: 3));
            }

            foreach (var node in Nodes)
                await story.UntilAsync(() => topics.TrueForAll(t => story[node].Broker.State.TryGetTopic(t, out _)));
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void Who_falls_silent_is_fenced_and_let_in_again_when_it_is_back()
    {
        var story = new ClusterStory(1, "broker.session.timeout.ms=1000", "broker.heartbeat.interval.ms=200");
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            await story.KillAsync(2);
            foreach (var node in Nodes.Where(n => n != 2))
                await story.UntilAsync(() => story[node].Broker.State.Brokers[new BrokerId(2)].Fenced);
            await story.StartOneAsync(2);
            await story.UntilAsync(() => story[3].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void When_the_controller_dies_another_node_takes_over()
    {
        var story = new ClusterStory(1, "broker.session.timeout.ms=1000", "broker.heartbeat.interval.ms=200");
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            var controller = story[3].Broker.Quorum().Leader.Value;
            await story.KillAsync(controller);
            var others = Nodes.Where(node => node != controller).ToList();
            foreach (var node in others)
            {
                await story.UntilAsync(() => story[node].Broker.State.Brokers[new BrokerId(controller)].Fenced);
                await using var peer = await story.DialAsync(node);
                await NodeStory.CreateAsync(peer, $"by-{node}");
            }

            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void Brokers_are_served_among_themselves_in_every_version_and_nobody_else_is()
    {
        var story = new ClusterStory();
        story.Tell(async () =>
        {
            await story.StartAsync(1);
            await using var peer = await story.DialAsync(1);
            var self = story[1].Broker.State.Brokers[new BrokerId(1)];
            for (short version = 0; version <= 1; version++)
            {
                var beat = await NodeStory.AskAsync(
                    peer, new BrokerHeartbeatRequest { BrokerId = self.Id, BrokerEpoch = self.Epoch - 1 }, version);
                Assert.Equal(ErrorCode.StaleBrokerEpoch, beat.ErrorCode);
            }

            for (short version = 0; version <= 4; version++)
            {
                var other = await NodeStory.AskAsync(
                    peer, new BrokerRegistrationRequest { BrokerId = new BrokerId(7), ClusterId = "another" }, version);
                Assert.Equal(ErrorCode.InconsistentClusterId, other.ErrorCode);
            }

            for (short version = 2; version <= 3; version++)
            {
                var isr = await NodeStory.AskAsync(
                    peer, new AlterPartitionRequest { BrokerId = self.Id, BrokerEpoch = self.Epoch - 1 }, version);
                Assert.Equal(ErrorCode.StaleBrokerEpoch, isr.ErrorCode);
            }

            var ids = await NodeStory.AskAsync(
                peer, new AllocateProducerIdsRequest { BrokerId = self.Id, BrokerEpoch = self.Epoch });
            Assert.Equal((ErrorCode.None, 1000), (ids.ErrorCode, ids.ProducerIdLen));
            var assigned = await NodeStory.AskAsync(
                peer, new AssignReplicasToDirsRequest { BrokerId = self.Id, BrokerEpoch = self.Epoch - 1 });
            Assert.Equal(ErrorCode.StaleBrokerEpoch, assigned.ErrorCode);
            var envelope = await NodeStory.AskAsync(
                peer, new EnvelopeRequest { RequestData = new byte[8], ClientHostAddress = new byte[4] });
            Assert.Equal(ErrorCode.InvalidRequest, envelope.ErrorCode);
            await story.StopAsync();

            var alone = new NodeStory();
            alone.Tell(async () =>
            {
                await using var node = await alone.StartAsync();
                await using var client = await alone.DialAsync();
                Assert.Null(client.Versions[ApiKey.AlterPartition]);
            });
        });
    }
}
