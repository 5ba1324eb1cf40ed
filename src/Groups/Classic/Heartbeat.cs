using Barnabas.Base;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Migration;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>A member says that it lives, and hears whether it has to join again (KIP-345). Nothing is
/// written.</summary>
public static class Heartbeat
{
    /// <summary>Decides.</summary>
    public static Decision<ErrorCode, GroupRecord> Decide(
        GroupsState state, HeartbeatRequest request, GroupRules rules)
    {
        if (request.GroupId.Length == 0)
            return ErrorCode.InvalidGroupId;
        var membership = state.Find(request.GroupId)?.Membership;
        if (membership is ConsumerGroup consumer)
            return ClassicMembers.Beat(consumer, request, rules);
        if (membership is not ClassicGroup group)
            return ErrorCode.UnknownMemberId;
        var error = group.Check(request.MemberId, request.GroupInstanceId);
        if (error == ErrorCode.None && request.GenerationId != group.Generation)
            error = ErrorCode.IllegalGeneration;
        if (error == ErrorCode.None && group.State == ClassicState.Empty)
            error = ErrorCode.UnknownMemberId;
        if (error != ErrorCode.None)
            return error;

        var answer = group.State == ClassicState.PreparingRebalance ? ErrorCode.RebalanceInProgress : ErrorCode.None;
        return new(answer, [], [Alive(request.GroupId, group.Members[request.MemberId])]);
    }

    /// <summary>A member has shown that it lives.</summary>
    internal static SetTimer Alive(string groupId, ClassicMember member) =>
        new(new SessionTimer(groupId, member.Id), member.SessionTimeout);
}
