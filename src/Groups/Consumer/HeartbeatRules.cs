using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Groups.Assignors;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Consumer;

/// <summary>What a heartbeat must and must not say, whatever the group is like.</summary>
internal static class HeartbeatRules
{
    // From this version on members make their ids themselves (KIP-1082).
    private const short MembersMakeIds = 1;

    public static ApiError Check(ConsumerGroupHeartbeatRequest request, short version, ServerAssignors assignors)
    {
        if (IsBlank(request.MemberId)
            && (version >= MembersMakeIds || request.MemberEpoch is > 0 or ConsumerMember.LeaveEpoch))
        {
            return Invalid("MemberId can't be empty.");
        }

        if (IsBlank(request.GroupId))
            return Invalid("GroupId can't be empty.");
        if (IsBlank(request.InstanceId))
            return Invalid("InstanceId can't be empty.");
        if (IsBlank(request.RackId))
            return Invalid("RackId can't be empty.");

        var error = request.MemberEpoch switch
        {
            0 => CheckJoin(request),
            ConsumerMember.StaticLeaveEpoch when request.InstanceId is null => Invalid("InstanceId can't be null."),
            < ConsumerMember.StaticLeaveEpoch => Invalid("MemberEpoch is invalid."),
            _ => ApiError.None,
        };
        if (error.IsFailure)
            return error;
        return request.ServerAssignor is { } assignor && assignors.Find(assignor) is null
            ? new(
                ErrorCode.UnsupportedAssignor,
                $"ServerAssignor {assignor} is not supported. Supported assignors: "
                    + $"{string.Join(", ", assignors.Names)}.")
            : ApiError.None;
    }

    private static ApiError CheckJoin(ConsumerGroupHeartbeatRequest request)
    {
        if (request.RebalanceTimeoutMs == -1)
            return Invalid("RebalanceTimeoutMs must be provided in first request.");
        if (request.TopicPartitions is not { Count: 0 })
            return Invalid("TopicPartitions must be empty when (re-)joining.");

        // An empty list or pattern is allowed: the member is in the group then, and owns nothing.
        return request.SubscribedTopicNames is null && request.SubscribedTopicRegex is null
            ? Invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
            : ApiError.None;
    }

    private static bool IsBlank(string? text) => text is not null && string.IsNullOrWhiteSpace(text);

    private static ApiError Invalid(string message) => new(ErrorCode.InvalidRequest, message);
}
