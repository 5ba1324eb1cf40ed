using Barnabas.Base;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Migration;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>Members leave, or are taken out by an administrator (KIP-345, KIP-800).</summary>
public static class LeaveGroup
{
    /// <summary>Decides. Each member has an outcome of its own.</summary>
    public static Decision<LeaveGroupResponse, GroupRecord> Decide(
        GroupsState state, string groupId, IReadOnlyList<LeaveGroupRequest.MemberIdentity> members, GroupRules rules)
    {
        if (groupId.Length == 0)
            return new LeaveGroupResponse { ErrorCode = ErrorCode.InvalidGroupId };
        var membership = state.Find(groupId)?.Membership;
        if (membership is ConsumerGroup consumer)
            return ClassicMembers.Leave(consumer, members, rules);
        if (membership is not ClassicGroup group)
            return Answer(members, _ => ErrorCode.UnknownMemberId);

        var change = new ClassicChange(groupId, group, rules);
        var answer = Answer(members, identity => Leave(change, identity));
        if (!ReferenceEquals(change.Group, group))
            Rebalance.AfterRemoval(change, anyMember: change.Group.Members.Count < group.Members.Count);
        return change.Decide(answer);
    }

    private static ErrorCode Leave(ClassicChange change, LeaveGroupRequest.MemberIdentity identity)
    {
        var group = change.Group;
        if (group.Pending.ContainsKey(identity.MemberId))
        {
            change.Group = group with { Pending = group.Pending.Without(identity.MemberId) };
            change.EndSession(identity.MemberId);
            return ErrorCode.None;
        }

        // An administrator knows a static member by its name alone.
        var id = identity.MemberId;
        if (id.Length == 0)
        {
            if (identity.GroupInstanceId is null || !group.StaticMembers.TryGetValue(identity.GroupInstanceId, out id))
                return ErrorCode.UnknownMemberId;
        }
        else if (group.Check(id, identity.GroupInstanceId) is var error && error != ErrorCode.None)
        {
            return error;
        }

        Rebalance.Remove(change, group.Members[id]);
        return ErrorCode.None;
    }

    /// <summary>The answer that gives each member its outcome, asked for in their order.</summary>
    internal static LeaveGroupResponse Answer(
        IReadOnlyList<LeaveGroupRequest.MemberIdentity> members,
        Func<LeaveGroupRequest.MemberIdentity, ErrorCode> outcome)
    {
        var answer = new LeaveGroupResponse();
        foreach (var member in members)
        {
            answer.Members.Add(new()
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ErrorCode = outcome(member),
            });
        }

        return answer;
    }
}
