using Barnabas.Cluster;
using Barnabas.Journal;

namespace Barnabas.Groups.Consumer;

/// <summary>Takes a member out of a group: what it owned is free at once, and the others are given it as their
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
        var isTooLate = timer is not RevocationTimer revocation
            || (member.State == MemberState.UnrevokedPartitions && member.Epoch == revocation.Epoch);
        return isTooLate ? Fence(group, member, rules.Cluster.State, true) : false;
    }

    internal static Decision<TAnswer, GroupRecord> Fence<TAnswer>(
        ConsumerGroup group, ConsumerMember member, ClusterState cluster, TAnswer answer)
    {
        var draft = new GroupDraft(group);
        draft.Remove(member.MemberId);
        if (member.Pattern is { } pattern && !draft.Group.PatternSubscriptions.ContainsKey(pattern))
            draft.Add(ConsumerRecords.NoPattern(group.Id, pattern));
        draft.BeginEpoch(TopicHash.Of(draft.Group.Subscriptions.Select(topic => topic.Key), cluster));
        draft.Do(new StopTimer(new SessionTimer(group.Id, member.MemberId)));
        if (member.State == MemberState.UnrevokedPartitions)
            draft.Do(ConsumerTimers.NoRevocation(group, member));
        return draft.Done(answer);
    }
}
