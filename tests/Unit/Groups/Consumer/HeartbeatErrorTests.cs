using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Classic;
using Barnabas.Wire.Messages;
using static Barnabas.Tests.Unit.Groups.Consumer.Coordinator;

namespace Barnabas.Tests.Unit.Groups.Consumer;

/// <summary>What a heartbeat is refused for, in Apache Kafka's codes, words and order.</summary>
public sealed class HeartbeatErrorTests
{
    private static readonly Dictionary<string, Action<ConsumerGroupHeartbeatRequest>> Faults = new()
    {
        ["no member id"] = request => (request.MemberId, request.GroupId) = (" ", ""),
        ["no member id in epoch 1"] = request => (request.MemberId, request.MemberEpoch) = ("", 1),
        ["no member id to leave"] = request => (request.MemberId, request.MemberEpoch) = ("", -1),
        ["no group id"] = request => request.GroupId = " ",
        ["empty instance id"] = request => request.InstanceId = "",
        ["empty rack"] = request => request.RackId = " ",
        ["no rebalance timeout"] = request => request.RebalanceTimeoutMs = -1,
        ["no partitions"] = request => request.TopicPartitions = null,
        ["partitions"] = request => request.TopicPartitions = Owned("t:0"),
        ["no subscription"] = request => request.SubscribedTopicNames = null,
        ["static leave of a dynamic member"] = request => request.MemberEpoch = -2,
        ["epoch -3"] = request => request.MemberEpoch = -3,
        ["assignor"] = request => request.ServerAssignor = "sticky",
        ["pattern"] = request => request.SubscribedTopicRegex = "a(",
        ["nobody's group"] = request => request.MemberEpoch = 1,
        ["leave of nobody's group"] = request => request.MemberEpoch = -1,
    };

    [Theory]
    [InlineData("no member id", 1, ErrorCode.InvalidRequest, "MemberId can't be empty.")]
    [InlineData("no member id", 0, ErrorCode.InvalidRequest, "GroupId can't be empty.")]
    [InlineData("no member id in epoch 1", 0, ErrorCode.InvalidRequest, "MemberId can't be empty.")]
    [InlineData("no member id to leave", 0, ErrorCode.InvalidRequest, "MemberId can't be empty.")]
    [InlineData("no group id", 1, ErrorCode.InvalidRequest, "GroupId can't be empty.")]
    [InlineData("empty instance id", 1, ErrorCode.InvalidRequest, "InstanceId can't be empty.")]
    [InlineData("empty rack", 1, ErrorCode.InvalidRequest, "RackId can't be empty.")]
    [InlineData(
        "no rebalance timeout", 1, ErrorCode.InvalidRequest, "RebalanceTimeoutMs must be provided in first request.")]
    [InlineData("no partitions", 1, ErrorCode.InvalidRequest, "TopicPartitions must be empty when (re-)joining.")]
    [InlineData("partitions", 1, ErrorCode.InvalidRequest, "TopicPartitions must be empty when (re-)joining.")]
    [InlineData(
        "no subscription",
        1,
        ErrorCode.InvalidRequest,
        "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")]
    [InlineData("static leave of a dynamic member", 1, ErrorCode.InvalidRequest, "InstanceId can't be null.")]
    [InlineData("epoch -3", 1, ErrorCode.InvalidRequest, "MemberEpoch is invalid.")]
    [InlineData(
        "assignor",
        1,
        ErrorCode.UnsupportedAssignor,
        "ServerAssignor sticky is not supported. Supported assignors: uniform, range.")]
    [InlineData("nobody's group", 1, ErrorCode.GroupIdNotFound, "Group g not found.")]
    [InlineData("leave of nobody's group", 1, ErrorCode.GroupIdNotFound, "Group g not found.")]
    public void It_is_refused(string fault, short version, ErrorCode error, string message)
    {
        var coordinator = new Coordinator();
        var request = Joining("a", "t");
        Faults[fault](request);
        var answer = coordinator.Beat(request, version);

        Assert.Equal((error, message), (answer.ErrorCode, answer.ErrorMessage));
        Assert.Empty(coordinator.LastRecords);
        Assert.Empty(coordinator.LastEffects);
    }

    [Fact]
    public void A_pattern_that_cannot_be_read_is_refused()
    {
        var coordinator = new Coordinator();
        var request = Joining("a", "t");
        Faults["pattern"](request);
        var answer = coordinator.Beat(request);
        Assert.Equal(ErrorCode.InvalidRegularExpression, answer.ErrorCode);
        Assert.StartsWith("SubscribedTopicRegex `a(` is not a valid regular expression: ", answer.ErrorMessage);
        Assert.Null(coordinator.Membership);
    }

    [Theory]
    [InlineData(0, ErrorCode.None)]
    [InlineData(1, ErrorCode.GroupIdNotFound)]
    public void A_classic_group_makes_room_when_it_is_empty(int epoch, ErrorCode error)
    {
        var coordinator = new Coordinator { Membership = new ClassicGroup() }.Topic("t", 1);
        var request = Joining("a", "t");
        request.MemberEpoch = epoch;
        var answer = coordinator.Beat(request);
        Assert.Equal(error, answer.ErrorCode);
        if (error != ErrorCode.None)
            Assert.Equal("Group g is not a consumer group.", answer.ErrorMessage);
        else
            Assert.IsType<GroupMetadataKey>(((StoredRecord)coordinator.LastRecords[0]).Key);
    }
}
