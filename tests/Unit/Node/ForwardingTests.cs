using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Node;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What only the controller decides, asked of another node while the controller moves (KIP-590).</summary>
public sealed class ForwardingTests
{
    private static readonly int[] Nodes = [1, 2, 3];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_request_outlives_the_controller_it_was_to_go_to(bool isKilled) => Tell(async story =>
    {
        var controller = story[1].Broker.Quorum().Leader.Value;
        var others = Nodes.Where(node => node != controller).ToList();
        await using var first = await story.DialAsync(others[0]);
        await using var second = await story.DialAsync(others[1]);
        var isGone = isKilled ? story.KillAsync(controller) : story.StopAsync(controller);
        var created = NodeStory.CreateAsync(first, "orders");
        var altered = NodeStory.AskAsync(second, new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = (sbyte)ConfigResourceType.Broker,
                    ResourceName = "",
                    Configs = [new() { Name = "log.retention.ms", Value = "5000" }],
                },
            ],
        });
        await isGone;
        await created;
        Assert.Equal(ErrorCode.None, (await altered).Responses[0].ErrorCode);
        foreach (var node in others)
            await story.UntilAsync(() => story[node].Broker.State.Topics.ContainsKey("orders"));
    });

    [Fact]
    public void A_controller_that_stands_still_is_waited_for_no_longer_than_it_is_the_controller() =>
        Tell(async story =>
        {
            var controller = story[1].Broker.Quorum().Leader.Value;
            var others = Nodes.Where(node => node != controller).ToList();
            await using var peer = await story.DialAsync(others[0]);
            story.Pause(controller);
            var begun = story.World.Age;
            await NodeStory.CreateAsync(peer, "orders");
            foreach (var node in others)
                await story.UntilAsync(() => others.All(o => IsActive(story[node], o)));
            // Two sessions of 3 s, and not the 30 s of controller.socket.timeout.ms.
            Assert.InRange(story.World.Age - begun, TimeSpan.Zero, TimeSpan.FromSeconds(10));
            story.GoOn(controller);
            await story.UntilAsync(() => Nodes.All(node => IsActive(story[others[0]], node)));
        });

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(5_000, 5, 6)]
    [InlineData(-1, 0, 1)]
    public void Without_a_controller_it_is_answered_when_its_time_is_over(int timeoutMs, int from, int to) =>
        Tell(async story =>
        {
            foreach (var member in story.Ensemble!.Members)
                member.Stop();
            // By then whoever was the controller has noticed.
            await Task.Delay(TimeSpan.FromSeconds(30), story.World);
            foreach (var node in Nodes)
            {
                await using var peer = await story.DialAsync(node);
                var begun = story.World.Age;
                var answer = await NodeStory.AskAsync(peer, new CreateTopicsRequest
                {
                    TimeoutMs = timeoutMs,
                    Topics = [new() { Name = "orders", NumPartitions = 1, ReplicationFactor = 1 }],
                });
                Assert.Equal(ErrorCode.NotController, answer.Topics[0].ErrorCode);
                Assert.InRange(story.World.Age - begun, TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to));
            }

            foreach (var member in story.Ensemble.Members)
                member.Start();
        });

    [Fact]
    public void A_node_that_stops_lets_nobody_wait_for_a_controller() => Tell(async story =>
    {
        foreach (var member in story.Ensemble!.Members)
            member.Stop();
        await Task.Delay(TimeSpan.FromSeconds(30), story.World);
        await using var peer = await story.DialAsync(2);
        var asked = NodeStory.AskAsync(peer, new CreateTopicsRequest
        {
            TimeoutMs = 60_000,
            Topics = [new() { Name = "orders", NumPartitions = 1, ReplicationFactor = 1 }],
        });
        await Task.Delay(TimeSpan.FromSeconds(1), story.World);
        Assert.False(asked.IsCompleted);
        var stopped = story.StopAsync(2);
        Assert.Equal(ErrorCode.NotController, (await asked).Topics[0].ErrorCode);
        await stopped;
        foreach (var member in story.Ensemble.Members)
            member.Start();
    });

    private static bool IsActive(BrokerNode node, int broker) =>
        node.Broker.State.Brokers[new BrokerId(broker)].IsActive;

    private static void Tell(Func<ClusterStory, Task> tell)
    {
        var story = ClusterStory.OverEnsemble(
            1, "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500");
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story.Nodes.All(
                node => node.Broker.State.Brokers.Count(broker => broker.Value.IsActive) == 3));
            await tell(story);
            await story.StopAsync();
        });
        Assert.Empty(story.Halts);
    }
}
