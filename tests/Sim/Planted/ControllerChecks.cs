using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Tests.Unit.Cluster;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What the controller owes partitions and brokers, each in a story of its own: a partition on brokers 1, 2
/// and 3, led by 1.</summary>
internal static class ControllerChecks
{
    private static readonly BrokerId One = new(1);

    public static void A_fenced_broker_is_not_elected(PlantedBug bug)
    {
        var configs = Configs(bug);
        var state = Partition(1, 2, 3).Fence(2, configs).Changed(change => change.Isr = Sample.Ids(1, 2, 3));
        Assert.Equal(new BrokerId(3), PartitionOf(state.Fence(1, configs)).Leader);
    }

    public static void Who_lacks_records_leads_only_where_that_is_allowed(PlantedBug bug)
    {
        var configs = Configs(bug);
        var state = Partition(1, 2).Changed(change => change.Isr = Sample.Ids(1));
        Assert.Equal(BrokerId.None, PartitionOf(state.Fence(1, configs)).Leader);
    }

    public static void Who_lost_part_of_its_log_is_eligible_no_more(PlantedBug bug)
    {
        var configs = Configs(bug);
        var state = Sample.EligibleBrokers(3).WithTopic("t", [1, 2, 3]).Fence(3, configs).Fence(2, configs);
        Assert.Equal(Sample.Ids(2), PartitionOf(state).Elr);
        Assert.Empty(PartitionOf(state.Restart(2, cleanly: false, configs)).Elr);
    }

    public static void Who_was_restarted_has_to_catch_up_anew(PlantedBug bug)
    {
        var configs = Configs(bug);
        var state = Partition(1, 2).Changed(change => change.Isr = Sample.Ids(1));

        // The leader saw broker 2 catch up in its epoch 2; since then its disk was replaced.
        var asked = Asked(state, (1, 1), (2, 2));
        state = state.Restart(2, cleanly: false, configs).Unfence(2, configs);
        Assert.Equal(Sample.Ids(1), PartitionOf(state.After(Alter(state, asked, configs))).Isr);
    }

    public static void A_broker_that_registered_anew_is_heard_alone(PlantedBug bug)
    {
        var configs = Configs(bug);
        var state = Partition(1, 2);
        var request = new BrokerHeartbeatRequest { BrokerId = One, BrokerEpoch = 1, WantFence = true };
        state = state.Restart(1, cleanly: true, configs).Unfence(1, configs);
        var answer = BrokerHeartbeat.Decide(state, request, stopIsKnown: true, configs);
        Assert.Equal(ErrorCode.StaleBrokerEpoch, answer.Answer.ErrorCode);
        Assert.False(state.After(answer).Brokers[One].Fenced);
    }

    public static void A_leader_of_an_earlier_epoch_changes_nothing(PlantedBug bug)
    {
        var configs = Configs(bug);
        var state = Partition(1, 2, 3);
        var asked = Asked(state, (1, 1), (2, 2));
        state = state.Changed(change => change.Leader = new(2));
        asked.PartitionEpoch = PartitionOf(state).PartitionEpoch;
        Assert.Equal(Sample.Ids(1, 2, 3), PartitionOf(state.After(Alter(state, asked, configs))).Isr);
    }

    public static void Who_left_the_isr_meanwhile_is_not_brought_back(PlantedBug bug)
    {
        var configs = Configs(bug);
        var state = Partition(1, 2, 3);
        var asked = Asked(state, (1, 1), (2, 2), (3, 3));
        state = state.Fence(3, configs).Unfence(3, configs);
        Assert.Equal(Sample.Ids(1, 2), PartitionOf(state.After(Alter(state, asked, configs))).Isr);
    }

    public static void A_reassignment_ends_when_its_replicas_are_in_sync(PlantedBug bug)
    {
        var configs = Configs(bug);
        var state = Partition(1, 2);
        var request = new AlterPartitionReassignmentsRequest
        {
            Topics = [new() { Name = "t", Partitions = [new() { Replicas = Sample.Ids(3) }] }],
        };
        state = state.After(AlterPartitionReassignments.Decide(state, request, configs));
        Assert.Equal((One, true), (PartitionOf(state).Leader, PartitionOf(state).IsReassigning));
    }

    private static EffectiveConfigs Configs(PlantedBug bug) =>
        new(Sample.ConfigsOf(("min.insync.replicas", "2")).Server) { Planted = bug };

    private static ClusterState Partition(params int[] replicas) => Sample.Brokers(3).WithTopic("t", replicas);

    private static PartitionState PartitionOf(ClusterState state) => state.Topics["t"].Partitions[0];

    private static AlterPartitionRequest.PartitionData Asked(
        ClusterState state, params (int Id, long Epoch)[] isr) => new()
        {
            LeaderEpoch = PartitionOf(state).LeaderEpoch,
            PartitionEpoch = PartitionOf(state).PartitionEpoch,
            NewIsrWithEpochs = [.. isr.Select(broker => new AlterPartitionRequest.BrokerState
            {
                BrokerId = new(broker.Id),
                BrokerEpoch = broker.Epoch,
            })],
        };

    private static Decision<AlterPartitionResponse, ITypedRecord> Alter(
        ClusterState state, AlterPartitionRequest.PartitionData asked, EffectiveConfigs configs) =>
        AlterPartition.Decide(
            state,
            new()
            {
                BrokerId = One,
                BrokerEpoch = 1,
                Topics = [new() { TopicId = state.Topics["t"].Id, Partitions = [asked] }],
            },
            configs);
}
