using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;
using Change = Barnabas.Wire.Messages.IncrementalAlterConfigsRequest.AlterableConfig;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class AlterConfigsTests
{
    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Append = 2;
    private const sbyte Subtract = 3;

    private static readonly ConfigResource Topic = ConfigResource.Topic("t");
    private static readonly ClusterState State = Sample.Brokers(1).WithTopic("t", [1]);

    public static TheoryData<ConfigResourceType, string, string, sbyte, string?, ErrorCode> Requests => new()
    {
        { ConfigResourceType.Topic, "t", "retention.ms", Set, "5", ErrorCode.None },
        { ConfigResourceType.Topic, "t", "retention.ms", Delete, null, ErrorCode.None },
        { ConfigResourceType.Topic, "t", "cleanup.policy", Append, "compact", ErrorCode.None },
        { ConfigResourceType.Topic, "t", "retention.ms", Append, "5", ErrorCode.InvalidConfig },
        { ConfigResourceType.Topic, "t", "retention.ms", Set, "x", ErrorCode.InvalidConfig },
        { ConfigResourceType.Topic, "t", "retention.ms", Set, null, ErrorCode.InvalidRequest },
        { ConfigResourceType.Topic, "t", "retention.ms", 9, "5", ErrorCode.InvalidRequest },
        { ConfigResourceType.Topic, "t", "nonsense", Set, "5", ErrorCode.InvalidConfig },
        { ConfigResourceType.Topic, "u", "retention.ms", Set, "5", ErrorCode.UnknownTopicOrPartition },
        { ConfigResourceType.Topic, "u u", "retention.ms", Set, "5", ErrorCode.InvalidTopicException },
        { ConfigResourceType.Topic, "", "retention.ms", Set, "5", ErrorCode.InvalidRequest },
        { ConfigResourceType.Broker, "1", "log.cleaner.threads", Set, "2", ErrorCode.None },
        { ConfigResourceType.Broker, "", "log.cleaner.threads", Set, "2", ErrorCode.None },
        { ConfigResourceType.Broker, "7", "log.cleaner.threads", Set, "2", ErrorCode.BrokerIdNotRegistered },
        { ConfigResourceType.Broker, "x", "log.cleaner.threads", Set, "2", ErrorCode.InvalidRequest },
        { ConfigResourceType.Broker, "1", "node.id", Set, "2", ErrorCode.InvalidRequest },
        { ConfigResourceType.BrokerLogger, "1", "root", Set, "INFO", ErrorCode.InvalidRequest },
        { ConfigResourceType.Unknown, "t", "x", Set, "5", ErrorCode.InvalidRequest },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Changes_are_checked(
        ConfigResourceType type, string name, string config, sbyte operation, string? value, ErrorCode code)
    {
        var change = new Change { Name = config, ConfigOperation = operation, Value = value };
        var decision = IncrementalAlterConfigs.Decide(State, Request(type, name, change), Sample.Configs);
        var answer = Assert.Single(decision.Answer.Responses);
        Assert.Equal(code, answer.ErrorCode);
        Assert.Equal((name, (sbyte)type), (answer.ResourceName, answer.ResourceType));
        if (code != ErrorCode.None)
            Assert.Empty(decision.Records);
    }

    [Fact]
    public void Lists_grow_and_shrink_and_begin_at_the_default()
    {
        var state = Altered(State, new Change { Name = "cleanup.policy", ConfigOperation = Append, Value = "compact" });
        Assert.Equal("delete,compact", state.Configs[Topic]["cleanup.policy"]);
        state = Altered(state, new Change { Name = "cleanup.policy", ConfigOperation = Subtract, Value = "delete" });
        Assert.Equal("compact", state.Configs[Topic]["cleanup.policy"]);
        state = Altered(state, new Change { Name = "cleanup.policy", ConfigOperation = Delete });
        Assert.Empty(state.Configs[Topic]);
    }

    [Fact]
    public void A_resource_changes_all_or_nothing()
    {
        var after = Altered(
            State,
            new Change { Name = "retention.ms", ConfigOperation = Set, Value = "5" },
            new Change { Name = "segment.ms", ConfigOperation = Set, Value = "never" });
        Assert.Empty(after.Configs[Topic]);
    }

    [Fact]
    public void A_resource_or_key_named_twice_is_refused()
    {
        var request = Request(
            ConfigResourceType.Topic, "t", new Change { Name = "retention.ms", ConfigOperation = Set, Value = "5" });
        request.Resources.Add(request.Resources[0]);
        var decision = IncrementalAlterConfigs.Decide(State, request, Sample.Configs);
        Assert.All(decision.Answer.Responses, answer => Assert.Equal(ErrorCode.InvalidRequest, answer.ErrorCode));
        Assert.Empty(decision.Records);

        request = Request(ConfigResourceType.Topic, "t", new Change { Name = "a" }, new Change { Name = "a" });
        decision = IncrementalAlterConfigs.Decide(State, request, Sample.Configs);
        Assert.NotEqual(ErrorCode.None, decision.Answer.Responses[0].ErrorCode);
    }

    [Fact]
    public void Validation_alone_changes_nothing()
    {
        var request = Request(
            ConfigResourceType.Topic, "t", new Change { Name = "retention.ms", ConfigOperation = Set, Value = "5" });
        request.ValidateOnly = true;
        Assert.Empty(IncrementalAlterConfigs.Decide(State, request, Sample.Configs).Records);
    }

    [Fact]
    public void The_older_request_replaces_all_that_was_set()
    {
        var state = Altered(
            State,
            new Change { Name = "retention.ms", ConfigOperation = Set, Value = "5" },
            new Change { Name = "segment.ms", ConfigOperation = Set, Value = "6000" });
        var decision = AlterConfigs.Decide(
            state,
            new()
            {
                Resources =
                [
                    new()
                    {
                        ResourceType = (sbyte)ConfigResourceType.Topic,
                        ResourceName = "t",
                        Configs = [new() { Name = "retention.ms", Value = "7" }],
                    },
                ],
            },
            Sample.Configs);
        Assert.Equal(ErrorCode.None, Assert.Single(decision.Answer.Responses).ErrorCode);
        Assert.Equal([KeyValuePair.Create("retention.ms", "7")], state.After(decision).Configs[Topic]);
    }

    private static ClusterState Altered(ClusterState state, params Change[] changes) =>
        state.After(IncrementalAlterConfigs.Decide(
            state, Request(ConfigResourceType.Topic, "t", changes), Sample.Configs));

    private static IncrementalAlterConfigsRequest Request(
        ConfigResourceType type, string name, params Change[] changes) =>
        new() { Resources = [new() { ResourceType = (sbyte)type, ResourceName = name, Configs = [.. changes] }] };
}
