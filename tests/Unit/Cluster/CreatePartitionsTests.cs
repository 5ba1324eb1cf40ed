using Barnabas.Base;
using Barnabas.Cluster;
using Asked = Barnabas.Wire.Messages.CreatePartitionsRequest.CreatePartitionsTopic;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class CreatePartitionsTests
{
    private static readonly ClusterState State =
        Sample.Brokers(3).Apply(Sample.Registered(4)).WithTopic("t", [1, 2], [2, 3]);

    public static TheoryData<string, int, string?, ErrorCode, string?> Requests => new()
    {
        { "t", 5, null, ErrorCode.None, null },
        { "t", 3, "3,1", ErrorCode.None, null },
        { "t", 2, null, ErrorCode.InvalidPartitions, "Topic already has 2 partition(s)." },
        {
            "t", 1, null, ErrorCode.InvalidPartitions,
            "The topic t currently has 2 partition(s); 1 would not be an increase."
        },
        {
            "t", 4, "3,1", ErrorCode.InvalidReplicaAssignment,
            "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified."
        },
        {
            "t", 3, "3", ErrorCode.InvalidReplicaAssignment,
            "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent with "
                + "previous partitions, which have 2 replica(s)."
        },
        {
            "t", 3, "3,9", ErrorCode.InvalidReplicaAssignment,
            "The manual partition assignment includes broker 9, but no such broker is registered."
        },
        { "t", 20_000, null, ErrorCode.PolicyViolation, "Unable to perform excessively large batch operation." },
        { "u", 2, null, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition.Meaning() },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Requests_are_checked(string name, int count, string? assignment, ErrorCode code, string? message)
    {
        var decision = CreatePartitions.Decide(State, new() { Topics = [Ask(name, count, assignment)] }, Sample.Rules);
        var answer = Assert.Single(decision.Answer.Results);
        Assert.Equal((code, message), (answer.ErrorCode, answer.ErrorMessage));
        Assert.Equal(code == ErrorCode.None ? count - 2 : 0, decision.Records.Count);
    }

    [Fact]
    public void New_partitions_follow_the_old_with_as_many_replicas()
    {
        var decision = CreatePartitions.Decide(State, new() { Topics = [Ask("t", 6, null)] }, Sample.Rules);
        var partitions = State.After(decision).Topics["t"].Partitions;
        Assert.Equal(Enumerable.Range(0, 6), partitions.Select(partition => partition.Key));
        Assert.All(partitions, partition => Assert.Equal(2, partition.Value.Replicas.Length));
    }

    [Fact]
    public void Partitions_that_come_one_by_one_spread_as_those_that_come_together()
    {
        var state = State;
        for (var count = 3; count <= 12; count++)
        {
            state = state.After(
                CreatePartitions.Decide(state, new() { Topics = [Ask("t", count, null)] }, Sample.Rules));
        }

        var partitions = state.Topics["t"].Partitions.Select(static partition => partition.Value).ToList();
        var leaders = partitions.CountBy(static partition => partition.Leader).Select(static entry => entry.Value);
        var replicas = partitions.SelectMany(static partition => partition.Replicas).CountBy(static broker => broker);
        Assert.Equal([4, 4, 4], leaders);
        Assert.Equal([8, 8, 8], replicas.Select(static entry => entry.Value));
    }

    [Fact]
    public void A_name_named_twice_is_refused_and_validation_changes_nothing()
    {
        var decision = CreatePartitions.Decide(
            State, new() { Topics = [Ask("t", 3, null), Ask("t", 4, null)] }, Sample.Rules);
        Assert.Equal(ErrorCode.InvalidRequest, Assert.Single(decision.Answer.Results).ErrorCode);
        decision = CreatePartitions.Decide(
            State, new() { Topics = [Ask("t", 3, null)], ValidateOnly = true }, Sample.Rules);
        Assert.Equal(ErrorCode.None, decision.Answer.Results[0].ErrorCode);
        Assert.Empty(decision.Records);
    }

    private static Asked Ask(string name, int count, string? assignment) => new()
    {
        Name = name,
        Count = count,
        Assignments = assignment is null
            ? null
            : [new() { BrokerIds = Sample.Ids([.. assignment.Split(',').Select(id => int.Parse(id, null))]) }],
    };
}
