using Barnabas.Base;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Migration;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>Somebody joins a group, or joins it again (KIP-62, KIP-345, KIP-394, KIP-559, KIP-814).</summary>
public static class JoinGroup
{
    /// <summary>How long somebody who cannot send heartbeats yet, as it does not know its id, may wait for its first
    /// answer.</summary>
    public static readonly TimeSpan FirstJoinTimeout = TimeSpan.FromMinutes(5);

    private const int FirstVersionWithGivenIds = 4;
    private const int FirstVersionThatSkipsAssignment = 9;

    /// <summary>Decides; no answer means that the member waits for the others.</summary>
    public static Decision<JoinGroupResponse?, GroupRecord> Decide(
        GroupsState state, JoinCommand command, GroupRules rules)
    {
        var error = Check(command, rules);
        if (error != ErrorCode.None)
            return ClassicAnswers.Refuse(error, command.MemberId);

        var known = state.Find(command.GroupId);
        var consumer = known?.Membership as ConsumerGroup;
        if (consumer is { IsEmpty: false })
            return JoinConsumerGroup.Decide(consumer, command, rules);
        if ((known is null || consumer is not null) && command.MemberId.Length > 0)
            return ClassicAnswers.Refuse(ErrorCode.UnknownMemberId, command.MemberId);

        var group = known?.Membership as ClassicGroup ?? new ClassicGroup();
        var change = new ClassicChange(command.GroupId, group, rules);
        if (consumer is not null)
            change.Discard(consumer);
        if (!HasRoom(group, command.MemberId, rules.Config.MaxSize))
        {
            change.Group = group with { Pending = group.Pending.Without(command.MemberId) };
            return change.Decide<JoinGroupResponse?>(ClassicAnswers.Refuse(ErrorCode.GroupMaxSizeReached));
        }

        if (!group.Supports(command.Type, command.Protocols))
            return ClassicAnswers.Refuse(ErrorCode.InconsistentGroupProtocol, command.MemberId);
        return change.Decide(command.MemberId.Length == 0 ? JoinNew(change, command) : JoinKnown(change, command));
    }

    private static ErrorCode Check(JoinCommand command, GroupRules rules)
    {
        if (command.GroupId.Length == 0)
            return ErrorCode.InvalidGroupId;
        return command.SessionTimeout < rules.Config.MinSessionTimeout
            || command.SessionTimeout > rules.Config.MaxSessionTimeout
            ? ErrorCode.InvalidSessionTimeout
            : ErrorCode.None;
    }

    // While members gather only those count that are there again: the others may be gone.
    private static bool HasRoom(ClassicGroup group, string memberId, int most) => group.State switch
    {
        ClassicState.Empty => true,
        ClassicState.PreparingRebalance => group.Find(memberId)?.Joining is not null || group.Joining < most,
        _ => group.Find(memberId) is not null || group.Members.Count < most,
    };

    private static JoinGroupResponse? JoinNew(ClassicChange change, JoinCommand command)
    {
        if (command.InstanceId is { } name)
        {
            if (change.Group.StaticMembers.TryGetValue(name, out var old))
                return Replace(change, change.Group.Members[old], command);
        }
        else if (command.Version >= FirstVersionWithGivenIds)
        {
            change.Group = change.Group with { Pending = change.Group.Pending.With(command.NewMemberId, true) };
            change.RenewSession(command.NewMemberId, command.SessionTimeout);
            return ClassicAnswers.Refuse(ErrorCode.MemberIdRequired, command.NewMemberId);
        }

        Add(change, command, command.NewMemberId);
        return null;
    }

    private static JoinGroupResponse? JoinKnown(ClassicChange change, JoinCommand command)
    {
        var group = change.Group;
        if (group.Pending.ContainsKey(command.MemberId) && command.InstanceId is null)
        {
            Add(change, command, command.MemberId);
            return null;
        }

        var error = group.Check(command.MemberId, command.InstanceId);
        if (error != ErrorCode.None)
            return ClassicAnswers.Refuse(error, command.MemberId);

        var member = group.Members[command.MemberId];
        switch (group.State)
        {
            case ClassicState.Empty:
                return ClassicAnswers.Refuse(ErrorCode.UnknownMemberId, command.MemberId);
            // The answer of its last join may have been lost.
            case ClassicState.CompletingRebalance when member.Matches(command.Protocols):
            case ClassicState.Stable when group.Leader != member.Id && member.Matches(command.Protocols):
                return ClassicAnswers.Joined(group, member.Id);
            // A leader that joins again has seen its topics change.
            default:
                Await(change, member, command);
                Rebalance.BeginOrGoOn(change);
                return null;
        }
    }

    private static void Add(ClassicChange change, JoinCommand command, string id)
    {
        var group = change.Group;
        if (group.Gathering is { } gathering)
            group = group with { Gathering = gathering with { HasNewMember = true } };
        if (group.State == ClassicState.Empty)
            group = group with { Type = command.Type };
        change.Group = group.With(new ClassicMember
        {
            Id = id,
            InstanceId = command.InstanceId,
            ClientId = command.ClientId,
            ClientHost = command.ClientHost,
            RebalanceTimeout = command.RebalanceTimeout,
            SessionTimeout = command.SessionTimeout,
            Protocols = command.Protocols,
            Joining = command.Ticket,
            IsNew = true,
        });
        change.RenewSession(id, FirstJoinTimeout);
        Rebalance.BeginOrGoOn(change);
    }

    /// <summary>A static member is back under a new id, and whoever has the old one is fenced (KIP-345). It gets its
    /// share back without a rebalance where it changes nothing for the others.</summary>
    private static JoinGroupResponse? Replace(ClassicChange change, ClassicMember old, JoinCommand command)
    {
        var leader = change.Group.Leader ?? "";
        var told = change.AnswerJoin(old, () => ClassicAnswers.Refuse(ErrorCode.FencedInstanceId, old.Id));
        change.AnswerSync(told, ErrorCode.FencedInstanceId);
        change.EndSession(old.Id);
        change.Group = change.Group.Rename(old, command.NewMemberId);
        var member = Await(change, change.Group.Members[command.NewMemberId], command);
        change.RenewSession(member);
        if (change.Group.State != ClassicState.Stable || change.Group.Vote() != change.Group.Protocol)
        {
            Rebalance.BeginOrGoOn(change);
            return null;
        }

        change.Group = change.Group.With(member with { Joining = null });
        change.Store();
        var answer = ClassicAnswers.Joined(change.Group, member.Id);
        if (command.Version >= FirstVersionThatSkipsAssignment)
        {
            answer.SkipAssignment = change.Group.Leader == member.Id;
            return answer;
        }

        // A leader that is not told to skip would assign anew, and nobody else would ask for it.
        (answer.Leader, answer.Members) = (leader, []);
        return answer;
    }

    private static ClassicMember Await(ClassicChange change, ClassicMember member, JoinCommand command)
    {
        var now = change.AnswerJoin(
            member, () => ClassicAnswers.Refuse(ErrorCode.RebalanceInProgress, member.Id)) with
        {
            Protocols = command.Protocols,
            RebalanceTimeout = command.RebalanceTimeout,
            SessionTimeout = command.SessionTimeout,
            Joining = command.Ticket,
        };
        change.Group = change.Group.With(now);
        return now;
    }
}
