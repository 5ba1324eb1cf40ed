using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;
using Topic = Barnabas.Wire.Messages.CreateTopicsRequest.CreatableTopic;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class CreateTopicsTests
{
    private static readonly ClusterState Three = Sample.Brokers(3);

    public static TheoryData<string, string, ErrorCode, string?> Names => new()
    {
        { "orders", "", ErrorCode.None, null },
        { "a.b", "", ErrorCode.None, null },
        { "", "", ErrorCode.InvalidTopicException, "Topic name is invalid: the empty string is not allowed" },
        { ".", "", ErrorCode.InvalidTopicException, "Topic name is invalid: '.' is not allowed" },
        { "..", "", ErrorCode.InvalidTopicException, "Topic name is invalid: '..' is not allowed" },
        {
            "a/b", "", ErrorCode.InvalidTopicException,
            "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', "
                + "'_' and '-'"
        },
        { "orders", "orders", ErrorCode.TopicAlreadyExists, "Topic 'orders' already exists." },
        { "a.b", "a_b", ErrorCode.InvalidTopicException, "Topic 'a.b' collides with existing topic: a_b" },
        { "a_b", "a_b", ErrorCode.TopicAlreadyExists, "Topic 'a_b' already exists." },
        { "__cluster_metadata", "", ErrorCode.TopicAuthorizationFailed, "Authorization failed." },
    };

    public static TheoryData<int, int, ErrorCode, string?> Sizes => new()
    {
        { 1, 1, ErrorCode.None, null },
        { -1, -1, ErrorCode.None, null },
        { 5, 3, ErrorCode.None, null },
        { 0, 1, ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value." },
        { -2, 1, ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value." },
        {
            1, 0, ErrorCode.InvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value."
        },
        {
            1, 4, ErrorCode.InvalidReplicationFactor,
            "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because "
                + "only 3 broker(s) are registered."
        },
        { 10_001, 1, ErrorCode.PolicyViolation, "Excessively large number of partitions per request." },
    };

    public static TheoryData<string, ErrorCode, string?> Assignments => new()
    {
        { "0:1,2 1:2,3", ErrorCode.None, null },
        {
            "0:", ErrorCode.InvalidReplicaAssignment,
            "The manual partition assignment includes an empty replica list."
        },
        {
            "0:9", ErrorCode.InvalidReplicaAssignment,
            "The manual partition assignment includes broker 9, but no such broker is registered."
        },
        {
            "0:1,1", ErrorCode.InvalidReplicaAssignment,
            "The manual partition assignment includes the broker 1 more than once."
        },
        {
            "0:1,2 1:3", ErrorCode.InvalidReplicaAssignment,
            "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent with "
                + "previous partitions, which have 2 replica(s)."
        },
        {
            "0:1 0:2", ErrorCode.InvalidReplicaAssignment,
            "Found multiple manual partition assignments for partition 0"
        },
        {
            "0:1 2:2", ErrorCode.InvalidReplicaAssignment,
            "partitions should be a consecutive 0-based integer sequence"
        },
        {
            "0:1 -1:2", ErrorCode.InvalidReplicaAssignment,
            "partitions should be a consecutive 0-based integer sequence"
        },
        {
            "0:4", ErrorCode.InvalidReplicaAssignment,
            "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled "
                + "shutdown."
        },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Names_are_checked(string name, string existing, ErrorCode code, string? message)
    {
        var state = existing.Length == 0 ? Three : Three.WithTopic(existing, [1]);
        Assert.Equal((code, message), Outcome(state, Plain(name)));
    }

    [Fact]
    public void A_name_may_have_249_characters_and_no_more()
    {
        Assert.Equal(ErrorCode.None, Outcome(Three, Plain(new string('a', 249))).Code);
        Assert.Equal(
            (ErrorCode.InvalidTopicException, "Topic name is invalid: the length of '" + new string('a', 250)
                + "' is longer than the max allowed length 249"),
            Outcome(Three, Plain(new string('a', 250))));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Numbers_are_checked(int partitions, int factor, ErrorCode code, string? message) =>
        Assert.Equal((code, message), Outcome(Three, Plain("t", partitions, factor)));

    [Theory]
    [MemberData(nameof(Assignments))]
    public void Assignments_are_checked(string assignments, ErrorCode code, string? message)
    {
        var state = Three.Apply(Sample.Registered(4));
        Assert.Equal((code, message), Outcome(state, Assigned(assignments)));
    }

    [Fact]
    public void An_assignment_stands_alone()
    {
        var topic = Assigned("0:1");
        topic.ReplicationFactor = 1;
        Assert.Equal(ErrorCode.InvalidRequest, Outcome(Three, topic).Code);
        topic = Assigned("0:1");
        topic.NumPartitions = 1;
        Assert.Equal(ErrorCode.InvalidRequest, Outcome(Three, topic).Code);
    }

    [Fact]
    public void Without_an_unfenced_broker_nothing_can_be_placed() => Assert.Equal(
        (
            ErrorCode.InvalidReplicationFactor,
            "Unable to replicate the partition 1 time(s): All brokers are currently fenced."),
        Outcome(ClusterState.Empty, Plain("t", 1, 1)));

    [Fact]
    public void A_created_topic_is_there_with_its_id_partitions_and_configs()
    {
        var topic = Plain("orders", 4, 2);
        topic.Configs = [new() { Name = "retention.ms", Value = "1000" }];
        var decision = CreateTopics.Decide(Three, new() { Topics = [topic] }, Sample.Rules);
        var answer = Assert.Single(decision.Answer.Topics);
        Assert.Equal((4, 2, (string?)null), (answer.NumPartitions, answer.ReplicationFactor, answer.ErrorMessage));
        var config = Assert.Single(answer.Configs!, config => config.Name == "retention.ms");
        Assert.Equal(("1000", 1), (config.Value, config.ConfigSource));
        Assert.Contains(
            answer.Configs!, other => other is { Name: "cleanup.policy", Value: "delete", ConfigSource: 5 });

        var created = Three.After(decision).Topics["orders"];
        Assert.Equal(answer.TopicId, created.Id);
        Assert.Equal(4, created.Partitions.Count);
        foreach (var (_, partition) in created.Partitions)
        {
            Assert.Equal(2, partition.Replicas.Length);
            Assert.Equal(partition.Replicas, partition.Isr);
            Assert.Equal(partition.Replicas[0], partition.Leader);
            Assert.Equal(partition.Replicas.Select(broker => Sample.DirectoryOf(broker.Value)), partition.Directories);
            Assert.Equal((0, 0), (partition.LeaderEpoch.Value, partition.PartitionEpoch));
        }
    }

    [Fact]
    public void What_is_left_open_is_the_brokers_default()
    {
        var decision = CreateTopics.Decide(Three, new() { Topics = [Plain("t", -1, -1)] }, Sample.Rules);
        Assert.Equal((3, 1), (decision.Answer.Topics[0].NumPartitions, decision.Answer.Topics[0].ReplicationFactor));
    }

    [Theory]
    [InlineData("retention.ms", "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG")]
    [InlineData("no.such.config", "1", "Unknown topic config name: no.such.config")]
    [InlineData("retention.ms", null, "Null value not supported for topic configs: retention.ms")]
    public void Configs_are_checked(string name, string? value, string message)
    {
        var topic = Plain("t", 1, 1);
        topic.Configs = [new() { Name = name, Value = value }];
        Assert.Equal((ErrorCode.InvalidConfig, message), Outcome(Three, topic));
    }

    [Fact]
    public void Of_a_config_named_twice_the_last_value_counts()
    {
        var topic = Plain("t", 1, 1);
        topic.Configs = [new() { Name = "retention.ms", Value = "5" }, new() { Name = "retention.ms", Value = "7" }];
        var decision = CreateTopics.Decide(Three, new() { Topics = [topic] }, Sample.Rules);
        Assert.Equal("7", Assert.Single(decision.Records.OfType<ConfigRecord>()).Value);
    }

    [Fact]
    public void A_request_to_validate_answers_and_changes_nothing()
    {
        var decision = CreateTopics.Decide(
            Three, new() { Topics = [Plain("t", 1, 1)], ValidateOnly = true }, Sample.Rules);
        Assert.Equal(ErrorCode.None, decision.Answer.Topics[0].ErrorCode);
        Assert.Empty(decision.Records);
    }

    [Fact]
    public void Topics_stand_each_on_its_own_and_a_name_named_twice_is_refused_once()
    {
        Topic[] topics = [Plain("a"), Plain("x y"), Plain("b"), Plain("a"), Plain("c.d"), Plain("c_d")];
        var decision = CreateTopics.Decide(Three, new() { Topics = [.. topics] }, Sample.Rules);
        Assert.Equal(
            [
                ("x y", ErrorCode.InvalidTopicException), ("b", ErrorCode.None), ("c.d", ErrorCode.None),
                ("c_d", ErrorCode.InvalidTopicException), ("a", ErrorCode.InvalidRequest),
            ],
            decision.Answer.Topics.Select(topic => (topic.Name, topic.ErrorCode)));
        Assert.Equal(["b", "c.d"], Three.After(decision).Topics.Select(topic => topic.Key));
    }

    [Fact]
    public void Topics_made_on_demand_are_made_once_and_the_offsets_topic_as_it_must_be()
    {
        var state = Three.WithTopic("old", [1]);
        var decision = AutoCreateTopics.Decide(state, ["old", "new", "new", "__consumer_offsets", "a b"], Sample.Rules);
        Assert.Equal(ErrorCode.None, decision.Answer["old"].Code);
        Assert.Equal(ErrorCode.None, decision.Answer["new"].Code);
        Assert.Equal(ErrorCode.InvalidTopicException, decision.Answer["a b"].Code);
        var after = state.After(decision);
        Assert.Equal(3, after.Topics["new"].Partitions.Count);
        Assert.Equal(50, after.Topics["__consumer_offsets"].Partitions.Count);
        Assert.True(after.Topics["__consumer_offsets"].IsInternal);
        var configs = after.Configs[Barnabas.Cluster.Configs.ConfigResource.Topic("__consumer_offsets")];
        Assert.Equal("compact", configs["cleanup.policy"]);
    }

    private static Topic Plain(string name, int partitions = 1, int factor = 1) =>
        new() { Name = name, NumPartitions = partitions, ReplicationFactor = (short)factor };

    private static Topic Assigned(string text) => new()
    {
        Name = "t",
        NumPartitions = -1,
        ReplicationFactor = -1,
        Assignments = [.. text.Split(' ').Select(part => part.Split(':')).Select(
            part => new CreateTopicsRequest.CreatableReplicaAssignment
            {
                PartitionIndex = int.Parse(part[0], null),
                BrokerIds = part[1].Length == 0
                    ? []
                    : Sample.Ids([.. part[1].Split(',').Select(id => int.Parse(id, null))]),
            })],
    };

    private static (ErrorCode Code, string? Message) Outcome(ClusterState state, Topic topic)
    {
        var decision = CreateTopics.Decide(state, new() { Topics = [topic] }, Sample.Rules);
        var answer = Assert.Single(decision.Answer.Topics);
        Assert.Equal(answer.ErrorCode == ErrorCode.None, decision.Records.Count > 0);
        return (answer.ErrorCode, answer.ErrorMessage);
    }
}
