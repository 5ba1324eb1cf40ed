using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster.Partitions;

public sealed class ElectLeadersTests
{
    private const sbyte Preferred = 0;
    private const sbyte Unclean = 1;

    /// <summary>t-0 is led by 2, which is not preferred; t-1 is led by 2, which is; t-2 by nobody, 1 alone being in
    /// sync, and dead.</summary>
    private static readonly ClusterState State = Sample.Brokers(3).WithTopic("t", [1, 2], [2, 3], [1, 3])
        .Changed(change => change.Leader = new(2))
        .Changed(change => (change.PartitionId, change.Isr) = (2, Sample.Ids(1)))
        .Fence(1);

    public static TheoryData<sbyte, int, bool, ErrorCode, string> Elections => new()
    {
        { Preferred, 0, false, ErrorCode.PreferredLeaderNotAvailable, "2 of 1,2 isr 2" },
        { Preferred, 1, false, ErrorCode.ElectionNotNeeded, "2 of 2,3 isr 2,3" },
        { Preferred, 2, false, ErrorCode.PreferredLeaderNotAvailable, "-1 of 1,3 isr 1" },
        { Preferred, 0, true, ErrorCode.None, "1 of 1,2 isr 1,2" },
        { Unclean, 0, false, ErrorCode.ElectionNotNeeded, "2 of 1,2 isr 2" },
        { Unclean, 2, false, ErrorCode.None, "3 of 1,3 isr 3*" },
        { Preferred, 9, false, ErrorCode.UnknownTopicOrPartition, "" },
    };

    [Theory]
    [MemberData(nameof(Elections))]
    public void A_leader_is_elected_where_there_is_need_and_somebody(
        sbyte type, int partition, bool isBack, ErrorCode code, string outcome)
    {
        var state = isBack
            ? State.Unfence(1).Changed(change => change.Isr = Sample.Ids(1, 2))
            : State;
        var decision = ElectLeaders.Decide(state, Request(type, [partition]), Sample.Configs);
        Assert.Equal(code, decision.Answer.ReplicaElectionResults[0].PartitionResult[0].ErrorCode);
        Assert.Equal(ErrorCode.None, decision.Answer.ErrorCode);
        if (outcome.Length > 0)
            Assert.Equal(outcome, state.After(decision).Topics["t"].Partitions[partition].Short());
    }

    [Fact]
    public void Of_all_partitions_those_are_told_of_that_want_a_leader()
    {
        var request = new ElectLeadersRequest { ElectionType = Unclean, TopicPartitions = null };
        var decision = ElectLeaders.Decide(State, request, Sample.Configs);
        var told = Assert.Single(Assert.Single(decision.Answer.ReplicaElectionResults).PartitionResult);
        Assert.Equal((2, ErrorCode.None), (told.PartitionId, told.ErrorCode));
        Assert.Single(decision.Records);
    }

    [Fact]
    public void A_partition_named_twice_is_elected_once()
    {
        var decision = ElectLeaders.Decide(State, Request(Unclean, [2, 2]), Sample.Configs);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.ElectionNotNeeded],
            decision.Answer.ReplicaElectionResults[0].PartitionResult.Select(partition => partition.ErrorCode));
        Assert.Single(decision.Records);
    }

    [Fact]
    public void Nothing_else_is_known_to_elect_by()
    {
        var decision = ElectLeaders.Decide(State, Request(2, [0]), Sample.Configs);
        Assert.Equal(ErrorCode.InvalidRequest, decision.Answer.ErrorCode);
        Assert.Equal(
            ErrorCode.InvalidRequest, decision.Answer.ReplicaElectionResults[0].PartitionResult[0].ErrorCode);
    }

    [Fact]
    public void A_round_of_balancing_gives_partitions_back_to_who_is_preferred_and_in_sync()
    {
        var state = State.Unfence(1).Changed(change => change.Isr = Sample.Ids(1, 2));
        var decision = BalanceLeaders.Decide(state, Sample.Configs);
        Assert.False(decision.Answer);
        var after = state.After(decision);
        Assert.Equal(
            ["1 of 1,2 isr 1,2", "2 of 2,3 isr 2,3", "1 of 1,3 isr 1"],
            after.Topics["t"].Partitions.Select(partition => partition.Value.Short()));
        Assert.Empty(after.Imbalanced());
        Assert.Empty(BalanceLeaders.Decide(after, Sample.Configs).Records);
    }

    [Fact]
    public void A_round_of_balancing_is_bounded_and_says_that_there_is_more()
    {
        int[] replicas = [1, 2];
        var state = Sample.Brokers(2).WithTopic("t", [.. Enumerable.Repeat(replicas, 1_500)]);
        state = state.Apply([.. Enumerable.Range(0, 1_500).Select(partition => new PartitionChangeRecord
        {
            TopicId = state.Topics["t"].Id, PartitionId = partition, Leader = new(2),
        })]);
        var first = BalanceLeaders.Decide(state, Sample.Configs);
        Assert.Equal((true, BalanceLeaders.MostElections), (first.Answer, first.Records.Count));
        var second = BalanceLeaders.Decide(state.After(first), Sample.Configs);
        Assert.Equal((false, 500), (second.Answer, second.Records.Count));
    }

    private static ElectLeadersRequest Request(sbyte type, List<int> partitions) => new()
    {
        ElectionType = type,
        TopicPartitions = [new() { Topic = "t", Partitions = partitions }],
    };
}
