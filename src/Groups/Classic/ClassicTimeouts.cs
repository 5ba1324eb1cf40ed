using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Groups.Classic;

/// <summary>What happens to a classic group when a time is over.</summary>
public static class ClassicTimeouts
{
    private static readonly Decision<ErrorCode, GroupRecord> Nothing = ErrorCode.None;

    /// <summary>Decides what a timer means.</summary>
    /// <returns>NONE always: nobody waits for the answer. Nothing changes where the timer is none of classic groups, or
    /// came too late.</returns>
    public static Decision<ErrorCode, GroupRecord> Decide(GroupsState state, TimerKey timer, GroupRules rules) =>
        timer switch
        {
            SessionTimer session when Find(state, session.GroupId) is { } group =>
                EndSession(new ClassicChange(session.GroupId, group, rules), session.MemberId),
            JoinTimer join when Find(state, join.GroupId) is { } group =>
                EndWaitForJoins(new ClassicChange(join.GroupId, group, rules)),
            SyncTimer sync when Find(state, sync.GroupId) is { } group =>
                EndWaitForSyncs(new ClassicChange(sync.GroupId, group, rules)),
            _ => Nothing,
        };

    /// <summary>The sessions of the members of a group that was loaded: each has its whole timeout from now
    /// on.</summary>
    public static IEnumerable<Effect> Resume(string groupId, ClassicGroup group) =>
        group.Members.Select(member => Heartbeat.Alive(groupId, member.Value));

    private static ClassicGroup? Find(GroupsState state, string groupId) =>
        state.Find(groupId)?.Membership as ClassicGroup;

    private static Decision<ErrorCode, GroupRecord> EndSession(ClassicChange change, string id)
    {
        var group = change.Group;
        if (group.Pending.ContainsKey(id))
        {
            change.Group = group with { Pending = group.Pending.Without(id) };
            Rebalance.AfterRemoval(change, anyMember: false);
            return change.Decide(ErrorCode.None);
        }

        // Whoever waits for an answer sends no heartbeats. Only one that does not know its id yet is given up.
        if (group.Find(id) is not { } member
            || (!member.IsNew && (member.Joining is not null || member.Syncing is not null)))
        {
            return Nothing;
        }

        Rebalance.Remove(change, member);
        Rebalance.AfterRemoval(change, anyMember: true);
        return change.Decide(ErrorCode.None);
    }

    private static Decision<ErrorCode, GroupRecord> EndWaitForJoins(ClassicChange change)
    {
        if (change.Group.State != ClassicState.PreparingRebalance)
            return Nothing;
        if (change.Group.Gathering is { HasNewMember: true, Left.Ticks: > 0 } gathering)
        {
            var longest = change.Rules.Config.InitialRebalanceDelay;
            var delay = gathering.Left < longest ? gathering.Left : longest;
            Rebalance.Gather(change, delay, gathering.Left - gathering.Delay);
        }
        else
        {
            Rebalance.Complete(change);
        }

        return change.Decide(ErrorCode.None);
    }

    private static Decision<ErrorCode, GroupRecord> EndWaitForSyncs(ClassicChange change)
    {
        var isWaiting = change.Group.State is ClassicState.CompletingRebalance or ClassicState.Stable;
        if (!isWaiting || change.Group.Unsynced.Count == 0)
            return Nothing;
        foreach (var (id, _) in change.Group.Unsynced)
            Rebalance.Remove(change, change.Group.Members[id]);
        Rebalance.Begin(change);
        return change.Decide(ErrorCode.None);
    }
}
