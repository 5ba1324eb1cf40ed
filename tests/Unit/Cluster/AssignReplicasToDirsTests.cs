using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

/// <summary>A broker's word on where its replicas are becomes part of the cluster's state.</summary>
public sealed class AssignReplicasToDirsTests
{
    private static readonly TopicId Orders = new(new Uuid(5, 5));

    [Fact]
    public void The_directory_of_the_broker_that_asks_changes_and_nothing_else()
    {
        var before = State();
        var decision = Decide(before, 1, Sample.DirectoryOf(1), Orders, 0);

        var after = before.After(decision);
        Assert.Equal(ErrorCode.None, ErrorOf(decision.Answer));
        Assert.Equal([Sample.DirectoryOf(1), Uuid.Zero], PartitionOf(after).Directories);
        Assert.Equal(
            PartitionOf(before) with
            {
                Directories = PartitionOf(after).Directories,
                PartitionEpoch = PartitionOf(before).PartitionEpoch + 1,
            },
            PartitionOf(after));
        Assert.Empty(Decide(after, 1, Sample.DirectoryOf(1), Orders, 0).Records);
    }

    [Fact]
    public void A_replica_in_a_directory_that_is_not_online_leads_no_more()
    {
        var before = State();
        var lost = new Uuid(99, 99);
        var decision = Decide(before, 1, lost, Orders, 0);

        var after = PartitionOf(before.After(decision));
        Assert.Equal(ErrorCode.None, ErrorOf(decision.Answer));
        Assert.Equal((lost, new BrokerId(2)), (after.DirectoryOf(new(1)), after.Leader));
        Assert.Equal([new BrokerId(2)], after.Isr);
    }

    [Fact]
    public void What_is_not_the_brokers_is_refused()
    {
        var state = State();
        Assert.Equal(ErrorCode.UnknownTopicId, ErrorOf(Decide(state, 1, Uuid.Zero, new(new Uuid(8, 8)), 0).Answer));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, ErrorOf(Decide(state, 1, Uuid.Zero, Orders, 3).Answer));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, ErrorOf(Decide(state, 3, Uuid.Zero, Orders, 0).Answer));
        Assert.Equal(ErrorCode.BrokerIdNotRegistered, Decide(state, 9, Uuid.Zero, Orders, 0).Answer.ErrorCode);
        Assert.Equal(
            ErrorCode.StaleBrokerEpoch, Decide(state, 1, Uuid.Zero, Orders, 0, epoch: 7).Answer.ErrorCode);
    }

    private static ClusterState State()
    {
        var state = Sample.Brokers(3);
        state = state.Apply(new TopicRecord { Name = "orders", TopicId = Orders });
        return state.Apply(new PartitionRecord
        {
            TopicId = Orders,
            PartitionId = 0,
            Replicas = [new(1), new(2)],
            Isr = [new(1), new(2)],
            Leader = new(1),
            LeaderEpoch = new(4),
            PartitionEpoch = 6,
            Directories = [Uuid.Zero, Uuid.Zero],
        });
    }

    private static Barnabas.Journal.Decision<AssignReplicasToDirsResponse, Barnabas.Wire.ITypedRecord> Decide(
        ClusterState state, int broker, Uuid directory, TopicId topic, int partition, long? epoch = null) =>
        AssignReplicasToDirs.Decide(
            state,
            new AssignReplicasToDirsRequest
            {
                BrokerId = new BrokerId(broker),
                BrokerEpoch = epoch ?? broker,
                Directories =
                [
                    new()
                    {
                        Id = directory,
                        Topics = [new() { TopicId = topic, Partitions = [new() { PartitionIndex = partition }] }],
                    },
                ],
            },
            Sample.Configs);

    private static ErrorCode ErrorOf(AssignReplicasToDirsResponse answer) =>
        answer.Directories[0].Topics[0].Partitions[0].ErrorCode;

    private static PartitionState PartitionOf(ClusterState state) => state.Topics["orders"].Partitions[0];
}
