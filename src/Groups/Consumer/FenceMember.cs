using Barnabas.Groups.Migration;
using Barnabas.Journal;

namespace Barnabas.Groups.Consumer;

/// <summary>Takes members out of a group: what they owned is free at once, and the others are given it as their
/// heartbeats come.</summary>
public static class FenceMember
{
    /// <summary>A timer rang.</summary>
    /// <returns>True when the member is taken out; false when it is gone already, or has done what it was to do.
    /// </returns>
    public static Decision<bool, GroupRecord> Decide(Membership? membership, MemberTimer timer, GroupRules rules)
    {
        if (membership is not ConsumerGroup group || group.Find(timer.MemberId) is not { } member)
            return false;
        var isTooLate = timer switch
        {
            RevocationTimer revocation =>
                member.State == MemberState.UnrevokedPartitions && member.Epoch == revocation.Epoch,
            RejoinTimer or ShareTimer => member.Classic is not null,
            _ => true,
        };
        return isTooLate ? Fence(group, [member], true, rules) : false;
    }

    /// <summary>Takes members out, whatever the reason; where only members of the classic protocol are left then, the
    /// group becomes a classic one.</summary>
    /// <param name="group">The group.</param>
    /// <param name="members">Members of it, each once.</param>
    /// <param name="answer">What whoever brought it about is told.</param>
    /// <param name="rules">What it is decided by.</param>
    internal static Decision<TAnswer, GroupRecord> Fence<TAnswer>(
        ConsumerGroup group, IReadOnlyCollection<ConsumerMember> members, TAnswer answer, GroupRules rules)
    {
        if (members.Count == 0)
            return answer;
        var draft = new GroupDraft(group);
        foreach (var member in members)
        {
            draft.Remove(member.MemberId);
            if (member.Pattern is { } pattern && !draft.Group.PatternSubscriptions.ContainsKey(pattern))
                draft.Add(ConsumerRecords.NoPattern(group.Id, pattern));
            draft.Do(ConsumerTimers.AllStopped(group.Id, member));
        }

        if (DowngradeGroup.IsDue(draft.Group, rules))
            return DowngradeGroup.Decide(group, draft.Group, rebalances: true, answer, rules);
        draft.BeginEpoch(TopicHash.Of(draft.Group.Subscriptions.Select(topic => topic.Key), rules.Cluster.State));
        return draft.Done(answer);
    }
}
