using Barnabas.Cluster;
using Barnabas.Journal;

namespace Barnabas.Groups.Consumer;

/// <summary>Takes a member out of a group: what it owned is free at once, and the others are given it as their
/// heartbeats come.</summary>
public static class FenceMember
{
    /// <summary>The member sent no heartbeat for too long. Answers whether it was there.</summary>
    public static Decision<bool, GroupRecord> OnSessionTimeout(
        ConsumerGroup group, SessionTimer timer, ClusterState cluster) =>
        group.Find(timer.MemberId) is { } member ? Fence(group, member, cluster, true) : false;

    /// <summary>The member took too long to give up partitions. Answers whether it is still at it.</summary>
    public static Decision<bool, GroupRecord> OnRevocationTimeout(
        ConsumerGroup group, RevocationTimer timer, ClusterState cluster) =>
        group.Find(timer.MemberId) is { State: MemberState.UnrevokedPartitions } member && member.Epoch == timer.Epoch
            ? Fence(group, member, cluster, true)
            : false;

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
