using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Elections, reassignments and brokers to forget, as clients ask for them in every version.</summary>
public sealed class PlacementApiTests
{
    [Fact]
    public void A_node_alone_has_nothing_to_elect_nor_to_move()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, "t");
            for (short version = 0; version <= 2; version++)
            {
                var elected = await NodeStory.AskAsync(
                    peer, new ElectLeadersRequest { TopicPartitions = [new() { Topic = "t", Partitions = [0, 1] }] },
                    version);
                Assert.Equal(ErrorCode.None, elected.ErrorCode);
                Assert.Equal(
                    [ErrorCode.ElectionNotNeeded, ErrorCode.UnknownTopicOrPartition],
                    elected.ReplicaElectionResults[0].PartitionResult.Select(partition => partition.ErrorCode));
                var all = await NodeStory.AskAsync(peer, new ElectLeadersRequest { TopicPartitions = null }, version);
                Assert.Empty(all.ReplicaElectionResults);
            }

            for (short version = 0; version <= 1; version++)
            {
                var answer = await NodeStory.AskAsync(peer, Move("t", [1]), version);
                Assert.Equal((ErrorCode.None, ErrorCode.None), (answer.ErrorCode, ErrorOf(answer)));
                answer = await NodeStory.AskAsync(peer, Move("t", [1, 2]), version);
                Assert.Equal(ErrorCode.InvalidReplicaAssignment, ErrorOf(answer));
                answer = await NodeStory.AskAsync(peer, Move("t", null), version);
                Assert.Equal(ErrorCode.NoReassignmentInProgress, ErrorOf(answer));
            }

            var moving = await NodeStory.AskAsync(peer, new ListPartitionReassignmentsRequest());
            Assert.Equal((ErrorCode.None, 0), (moving.ErrorCode, moving.Topics.Count));
            var forgotten = await NodeStory.AskAsync(peer, new UnregisterBrokerRequest { BrokerId = new(7) });
            Assert.Equal(ErrorCode.BrokerIdNotRegistered, forgotten.ErrorCode);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_partition_is_on_its_way_to_another_broker_until_that_is_in_sync_or_the_move_is_cancelled()
    {
        var story = new ClusterStory();
        story.Tell(async () =>
        {
            await story.StartAsync(3);
            await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 3);
            await using var peer = await story.DialAsync(2);
            await NodeStory.CreateAsync(peer, "t");
            var holder = story[2].Broker.State.Topics["t"].Partitions[0].Leader.Value;
            var other = (holder % 3) + 1;
            await story.KillAsync(other);
            var moved = await NodeStory.AskAsync(peer, Move("t", [other]));
            Assert.Equal(ErrorCode.None, ErrorOf(moved));

            await using var another = await story.DialAsync(holder);
            var moving = (await NodeStory.AskAsync(another, new ListPartitionReassignmentsRequest())).Topics[0];
            Assert.Equal([new(other)], moving.Partitions[0].AddingReplicas);
            Assert.Equal([new(holder)], moving.Partitions[0].RemovingReplicas);

            Assert.Equal(ErrorCode.None, ErrorOf(await NodeStory.AskAsync(another, Move("t", null))));
            Assert.Empty((await NodeStory.AskAsync(another, new ListPartitionReassignmentsRequest())).Topics);
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    private static AlterPartitionReassignmentsRequest Move(string topic, int[]? to) => new()
    {
        Topics =
        [
            new()
            {
                Name = topic,
                Partitions = [new() { PartitionIndex = 0, Replicas = to?.Select(id => new BrokerId(id)).ToList() }],
            },
        ],
    };

    private static ErrorCode ErrorOf(AlterPartitionReassignmentsResponse answer) =>
        answer.Responses[0].Partitions[0].ErrorCode;
}
