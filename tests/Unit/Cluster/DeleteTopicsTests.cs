using Barnabas.Base;
using Barnabas.Cluster;
using State = Barnabas.Wire.Messages.DeleteTopicsRequest.DeleteTopicState;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class DeleteTopicsTests
{
    private static readonly ClusterState Two = Sample.Brokers(1).WithTopic("a", [1]).WithTopic("b", [1]);
    private static readonly TopicId IdOfA = Two.Topics["a"].Id;
    private static readonly TopicId Unknown = new(new Uuid(3, 333));

    public static TheoryData<string?, TopicId, ErrorCode, string?> Requests => new()
    {
        { "a", TopicId.None, ErrorCode.None, null },
        { null, IdOfA, ErrorCode.None, null },
        { "x", TopicId.None, ErrorCode.UnknownTopicOrPartition, ErrorCode.UnknownTopicOrPartition.Meaning() },
        { null, Unknown, ErrorCode.UnknownTopicId, ErrorCode.UnknownTopicId.Meaning() },
        { null, TopicId.None, ErrorCode.InvalidRequest, "Neither topic name nor id were specified." },
        { "a", IdOfA, ErrorCode.InvalidRequest, "You may not specify both topic name and topic id." },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Topics_go_by_name_or_by_id(string? name, TopicId id, ErrorCode code, string? message)
    {
        var decision = DeleteTopics.Decide(Two, new() { Topics = [new State { Name = name, TopicId = id }] });
        var answer = Assert.Single(decision.Answer.Responses);
        Assert.Equal((code, message), (answer.ErrorCode, answer.ErrorMessage));
        Assert.Equal(
            code == ErrorCode.None ? ["b"] : ["a", "b"], Two.After(decision).Topics.Select(topic => topic.Key));
        if (code == ErrorCode.None)
            Assert.Equal(("a", IdOfA), (answer.Name, answer.TopicId));
    }

    [Fact]
    public void Old_versions_name_topics_in_a_list_of_their_own()
    {
        var decision = DeleteTopics.Decide(Two, new() { TopicNames = ["b", "x", "a"] });
        Assert.Equal(
            [("b", ErrorCode.None), ("x", ErrorCode.UnknownTopicOrPartition), ("a", ErrorCode.None)],
            decision.Answer.Responses.Select(topic => (topic.Name, topic.ErrorCode)));
        Assert.Empty(Two.After(decision).Topics);
    }

    [Fact]
    public void What_is_named_twice_is_not_deleted_by_that_name()
    {
        var twice = DeleteTopics.Decide(Two, new() { TopicNames = ["a", "a"] });
        Assert.Equal("Duplicate topic name.", Assert.Single(twice.Answer.Responses).ErrorMessage);
        Assert.Empty(twice.Records);

        var both = DeleteTopics.Decide(
            Two, new() { Topics = [new State { Name = "a" }, new State { Name = null, TopicId = IdOfA }] });
        Assert.Equal(
            [ErrorCode.InvalidRequest, ErrorCode.None], both.Answer.Responses.Select(topic => topic.ErrorCode));
        Assert.Single(both.Records);
    }

    [Theory]
    [InlineData(2, ErrorCode.InvalidRequest)]
    [InlineData(3, ErrorCode.TopicDeletionDisabled)]
    public void A_broker_that_deletes_nothing_says_so(short version, ErrorCode code) => Assert.Equal(
        code, DeleteTopics.Disabled(new() { TopicNames = ["a"] }, version).Responses[0].ErrorCode);
}
