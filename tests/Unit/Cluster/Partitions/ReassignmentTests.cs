using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster.Partitions;

/// <summary>Partitions move from brokers to brokers (KIP-455): stories of one partition on brokers 1 and 2 of
/// five.</summary>
public sealed class ReassignmentTests
{
    private static readonly ClusterState State = Sample.Brokers(5).WithTopic("t", [1, 2]);

    /// <summary>What happens: a reassignment to brokers, a cancellation, what the leader says of the ISR; and what
    /// becomes of the partition.</summary>
    public static TheoryData<string, string> Stories => new()
    {
        { "to 3,4", "1 of +3,+4,-1,-2 isr 1,2" },
        { "to 3,4; isr 1,2,3", "1 of +3,+4,-1,-2 isr 1,2,3" },
        { "to 3,4; isr 1,2,3,4", "3 of 3,4 isr 3,4" },
        { "to 1,3; isr 1,2,3", "1 of 1,3 isr 1,3" },
        { "to 1,2,3; isr 1,2,3", "1 of 1,2,3 isr 1,2,3" },
        { "to 2,1", "1 of 2,1 isr 1,2" },
        { "to 2", "2 of 2 isr 2" },
        { "to 3,4; cancel", "1 of 1,2 isr 1,2" },
        { "to 3,4; isr 1,2,3; cancel", "1 of 1,2 isr 1,2" },
        { "to 1,3; to 1,4", "1 of 1,+4,-2 isr 1,2" },
        { "to 3,4; isr 1,2,3; to 1,5", "1 of 1,+5,-2 isr 1,2" },
        { "to 1,3; to 1,3,4; isr 1,2,4", "1 of 1,+3,+4,-2 isr 1,2,4" },
        { "to 1,3; to 1,3,4; isr 1,2,4; cancel", "1 of 1,2 isr 1,2" },
        { "to 1,3; to 1,2", "1 of 1,2 isr 1,2" },
        { "to 3,4; fence 4; isr 1,2,3", "1 of +3,+4,-1,-2 isr 1,2,3" },
    };

    public static TheoryData<string, ErrorCode> Refusals => new()
    {
        { "u: 1,2", ErrorCode.UnknownTopicOrPartition },
        { "t: 1,9", ErrorCode.InvalidReplicaAssignment },
        { "t: 1,1", ErrorCode.InvalidReplicaAssignment },
        { "t: ", ErrorCode.InvalidReplicaAssignment },
        { "t: cancel", ErrorCode.NoReassignmentInProgress },
        { "t: 1,2,3 of equal number", ErrorCode.InvalidReplicationFactor },
        { "t: 3,4 of equal number", ErrorCode.None },
    };

    [Theory]
    [MemberData(nameof(Stories))]
    public void A_partition_ends_where_it_was_sent(string story, string outcome) =>
        Assert.Equal(outcome, Tell(story).Short());

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Requests_are_checked(string what, ErrorCode code)
    {
        var mayResize = !what.EndsWith("of equal number", StringComparison.Ordinal);
        var decision = Reassign(State, what[..1], what[3..].Split(' ')[0], mayResize);
        Assert.Equal(code, decision.Answer.Responses[0].Partitions[0].ErrorCode);
        Assert.Equal(code == ErrorCode.None, decision.Records.Count == 1);
    }

    [Fact]
    public void The_replication_factor_of_a_move_under_way_is_that_of_its_goal()
    {
        var moving = State.After(Reassign(State, "t", "3,4"));
        Assert.Equal(
            ErrorCode.None,
            Reassign(moving, "t", "3,5", mayResize: false).Answer.Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public void A_cancellation_that_would_lose_records_is_refused_but_where_the_topic_allows_it()
    {
        var state = Tell("to 3,4; isr 1,2,3; fence 1; fence 2");
        Assert.Equal("3 of +3,+4,-1,-2 isr 3", state.Short());
        var refused = Reassign(state, "t", "cancel").Answer.Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.InvalidReplicaAssignment, refused.ErrorCode);
        Assert.Equal(
            "Unable to revert partition assignment for t:0 because it would require an unclean leader election.",
            refused.ErrorMessage);

        var daring = Sample.ConfigsOf(("unclean.leader.election.enable", "true"));
        state = state.Unfence(2);
        Assert.Equal("2 of 1,2 isr 2*", state.After(Reassign(state, "t", "cancel", configs: daring)).Short());
    }

    [Fact]
    public void What_an_earlier_move_brought_stays_while_it_alone_is_in_sync()
    {
        var state = Tell("to 3,4; isr 1,2,3; fence 1; fence 2; to 1,5");
        Assert.Equal("3 of 1,+5,-2,-3,-4 isr 3", state.Short());
    }

    [Fact]
    public void A_leader_that_is_taken_away_by_its_own_word_is_told_so()
    {
        var state = Tell("to 3,4");
        var partition = state.Topics["t"].Partitions[0];
        var decision = AlterPartition.Decide(
            state,
            new()
            {
                BrokerId = new(1),
                BrokerEpoch = 1,
                Topics =
                [
                    new()
                    {
                        TopicId = state.Topics["t"].Id,
                        Partitions =
                        [
                            new()
                            {
                                LeaderEpoch = partition.LeaderEpoch,
                                PartitionEpoch = partition.PartitionEpoch,
                                NewIsr = Sample.Ids(1, 2, 3, 4),
                            },
                        ],
                    },
                ],
            },
            Sample.Configs);
        Assert.Equal(ErrorCode.NewLeaderElected, decision.Answer.Topics[0].Partitions[0].ErrorCode);
        Assert.Equal("3 of 3,4 isr 3,4", state.After(decision).Short());
    }

    [Fact]
    public void Replicas_keep_their_directories_and_new_ones_get_theirs()
    {
        var partition = Tell("to 3,2").Topics["t"].Partitions[0];
        Assert.Equal(
            partition.Replicas.Select(replica => Sample.DirectoryOf(replica.Value)), partition.Directories);
    }

    [Fact]
    public void What_moves_is_listed_whether_asked_for_by_name_or_not()
    {
        var state = Tell("to 3,1").WithTopic("u", [1, 2], [2, 3]);
        var all = ListPartitionReassignments.Answer(state, new() { Topics = null });
        var named = ListPartitionReassignments.Answer(
            state,
            new()
            {
                Topics =
                [
                    new() { Name = "t", PartitionIndexes = [0, 0, 5] }, new() { Name = "u", PartitionIndexes = [0] },
                    new() { Name = "v", PartitionIndexes = [0] },
                ],
            });
        foreach (var answer in new[] { all, named })
        {
            var topic = Assert.Single(answer.Topics);
            var partition = Assert.Single(topic.Partitions);
            Assert.Equal(("t", 0), (topic.Name, partition.PartitionIndex));
            Assert.Equal(Sample.Ids(3, 1, 2), partition.Replicas);
            Assert.Equal(Sample.Ids(3), partition.AddingReplicas);
            Assert.Equal(Sample.Ids(2), partition.RemovingReplicas);
        }

        Assert.Empty(ListPartitionReassignments.Answer(State, new() { Topics = null }).Topics);
    }

    private static ClusterState Tell(string story)
    {
        var state = State;
        foreach (var step in story.Split("; "))
        {
            var words = step.Split(' ');
            state = words[0] switch
            {
                "to" => state.After(Reassign(state, "t", words[1])),
                "cancel" => state.After(Reassign(state, "t", "cancel")),
                "fence" => state.Fence(int.Parse(words[1])),
                _ => AlterPartitionTests.Isr(state, Sample.Configs, [.. words[1].Split(',').Select(int.Parse)]),
            };
        }

        return state;
    }

    private static Decision<AlterPartitionReassignmentsResponse, ITypedRecord> Reassign(
        ClusterState state, string topic, string to, bool mayResize = true, EffectiveConfigs? configs = null)
    {
        List<BrokerId>? replicas = to switch
        {
            "cancel" => null,
            "" => [],
            _ => Sample.Ids([.. to.Split(',').Select(int.Parse)]),
        };
        return AlterPartitionReassignments.Decide(
            state,
            new()
            {
                AllowReplicationFactorChange = mayResize,
                Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = 0, Replicas = replicas }] }],
            },
            configs ?? Sample.Configs);
    }
}
