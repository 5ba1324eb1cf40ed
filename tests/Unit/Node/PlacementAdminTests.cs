using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Elections and reassignments with the managed client.</summary>
public sealed class PlacementAdminTests
{
    private static readonly CancellationToken Never = new(canceled: false);
    private static readonly TopicPartition First = new("t", 0);

    [Fact]
    public void Leaders_are_elected_and_partitions_sent_on_their_way_and_back()
    {
        var story = new ClusterStory();
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            await using (var peer = await story.DialAsync(1))
                await NodeStory.CreateAsync(peer, "t");
            await using var client = new KafkaClient(
                new() { BootstrapServers = [$"127.0.0.1:{ClusterStory.PortOf(1)}"] },
                story.World.NewHost(new SimDisk(1, story.World)));
            var admin = client.Admin;
            var elected = await admin.ElectLeadersAsync(ElectionType.Preferred, [First, new("t", 7)], Never);
            Assert.Equal(
                [ErrorCode.ElectionNotNeeded, ErrorCode.UnknownTopicOrPartition],
                elected.Select(result => result.Failure!.Code));
            Assert.Empty(await admin.ElectLeadersAsync(ElectionType.Unclean, stop: Never));

            var holder = story[1].Broker.State.Topics["t"].Partitions[0].Leader;
            var other = new BrokerId((holder.Value % 3) + 1);
            await story.KillAsync(other.Value);
            var moves = new Dictionary<TopicPartition, IReadOnlyList<BrokerId>?> { [First] = [other] };
            Assert.Null(Assert.Single(await admin.ReassignPartitionsAsync(moves, Never)).Failure);
            var moving = Assert.Single(await admin.ListReassignmentsAsync(Never));
            Assert.Equal((First, other, holder), (moving.Partition, moving.Adding[0], moving.Removing[0]));

            moves[First] = null;
            Assert.Null(Assert.Single(await admin.ReassignPartitionsAsync(moves, Never)).Failure);
            Assert.Empty(await admin.ListReassignmentsAsync(Never));
            Assert.Equal(
                ErrorCode.NoReassignmentInProgress,
                Assert.Single(await admin.ReassignPartitionsAsync(moves, Never)).Failure!.Code);
            Assert.Empty(await admin.DescribeEligibleAsync(["t"], Never));
            var fault = await Assert.ThrowsAsync<KafkaException>(() => admin.UnregisterBrokerAsync(new(9), Never));
            Assert.Equal(ErrorCode.BrokerIdNotRegistered, fault.Code);
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }
}
