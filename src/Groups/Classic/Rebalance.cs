using Barnabas.Base;

namespace Barnabas.Groups.Classic;

/// <summary>The steps of a rebalance: all members join again, the leader gets to know them, each asks for its share. A
/// step that ends a wait takes the next.</summary>
internal static class Rebalance
{
    /// <summary>Something about the members has changed: a rebalance begins, or the one under way may be able to go
    /// on.</summary>
    public static void BeginOrGoOn(ClassicChange change)
    {
        if (change.Group.State == ClassicState.PreparingRebalance)
            GoOn(change);
        else
            Begin(change);
    }

    /// <summary>Asks all members to join again.</summary>
    public static void Begin(ClassicChange change)
    {
        if (change.Group.State == ClassicState.CompletingRebalance)
            Withdraw(change);
        change.EndWaitForSyncs();
        if (change.Group.State == ClassicState.Empty)
        {
            BeginToGather(change);
            return;
        }

        change.Enter(ClassicState.PreparingRebalance);
        if (change.Group.AllHaveJoined)
            Complete(change);
        else
            change.WaitForJoins(change.Group.RebalanceTimeout);
    }

    /// <summary>Ends the wait for members if nobody is missing. The first members of a group wait for more in any
    /// case.</summary>
    public static void GoOn(ClassicChange change)
    {
        var group = change.Group;
        if (group.State == ClassicState.PreparingRebalance && group.Gathering is null && group.AllHaveJoined)
            Complete(change);
    }

    /// <summary>The wait for members is over: whoever has not joined is out, and a new generation begins.</summary>
    public static void Complete(ClassicChange change)
    {
        change.EndWaitForJoins();
        foreach (var (id, member) in change.Group.Members)
        {
            // Static members come back: only their session's end takes them out (KIP-345).
            if (member.Joining is not null || member.InstanceId is not null)
                continue;
            change.EndSession(id);
            change.Group = change.Group.Without(member);
        }

        change.Group = change.Group with { Gathering = null };
        if (change.Group.Members.Count == 0)
            BeginEmpty(change);
        else if (TryElect(change))
            BeginGeneration(change);
        else
            // Nobody came back, and static members may yet: until their sessions end.
            change.WaitForJoins(change.Group.RebalanceTimeout);
    }

    /// <summary>Takes a member out, who is told if it waits for an answer.</summary>
    public static void Remove(ClassicChange change, ClassicMember member)
    {
        var told = change.AnswerJoin(member, () => ClassicAnswers.Refuse(ErrorCode.UnknownMemberId));
        change.AnswerSync(told, ErrorCode.UnknownMemberId);
        change.EndSession(member.Id);
        change.Group = change.Group.Without(member);
    }

    /// <summary>Members are gone, or ids that were given out: what that means for the group.</summary>
    public static void AfterRemoval(ClassicChange change, bool anyMember)
    {
        if (anyMember && change.Group.State is (ClassicState.Stable or ClassicState.CompletingRebalance))
            Begin(change);
        else
            GoOn(change);
    }

    /// <summary>A member has asked for its share; when all have, nobody waits for them any longer.</summary>
    public static void Synced(ClassicChange change, string member)
    {
        if (!change.Group.Unsynced.ContainsKey(member))
            return;
        change.Group = change.Group with { Unsynced = change.Group.Unsynced.Without(member) };
        if (change.Group.Unsynced.Count == 0)
            change.EndWaitForSyncs();
    }

    /// <summary>The first members of a group wait for more.</summary>
    /// <param name="change">The group.</param>
    /// <param name="delay">How long.</param>
    /// <param name="left">How long the waits after this one may be; no more of them where it is not positive.</param>
    public static void Gather(ClassicChange change, TimeSpan delay, TimeSpan left)
    {
        change.Group = change.Group with
        {
            Gathering = new Gathering(delay, left > TimeSpan.Zero ? left : TimeSpan.Zero, HasNewMember: false),
        };
        change.WaitForJoins(delay);
    }

    private static void BeginToGather(ClassicChange change)
    {
        var delay = change.Rules.Config.InitialRebalanceDelay;
        change.Enter(ClassicState.PreparingRebalance);
        Gather(change, delay, change.Group.RebalanceTimeout - delay);
    }

    // Whoever asked for a share of a generation that will have none is told so, and joins again.
    private static void Withdraw(ClassicChange change)
    {
        foreach (var (_, member) in change.Group.Members)
        {
            if (member.Syncing is not null)
                change.RenewSession(member);
            var told = change.AnswerSync(member, ErrorCode.RebalanceInProgress);
            if (told.Syncing != member.Syncing || !told.Assignment.IsEmpty)
                change.Group = change.Group.With(told with { Assignment = default });
        }
    }

    private static bool TryElect(ClassicChange change)
    {
        var group = change.Group;
        if (group.Leader is { } leader && group.Find(leader)?.Joining is not null)
            return true;
        foreach (var (id, member) in group.Members)
        {
            if (member.Joining is null)
                continue;
            change.Group = group with { Leader = id };
            return true;
        }

        return false;
    }

    private static void BeginEmpty(ClassicChange change)
    {
        change.Group = change.Group with
        {
            Generation = change.Group.Generation + 1,
            Protocol = null,
            Leader = null,
            Unsynced = ClassicGroup.Nobody,
        };
        change.Enter(ClassicState.Empty);
        change.Group = change.Group with { Topics = Subscriptions.TopicsOf(change.Group) };
        change.Store();
    }

    private static void BeginGeneration(ClassicChange change)
    {
        change.Group = change.Group with { Generation = change.Group.Generation + 1, Protocol = change.Group.Vote() };
        change.Enter(ClassicState.CompletingRebalance);
        change.Group = change.Group with { Topics = Subscriptions.TopicsOf(change.Group) };
        change.WaitForSyncs(change.Group.RebalanceTimeout);
        var generation = change.Group;
        var unsynced = ClassicGroup.Nobody.BeginEdit();
        foreach (var (id, member) in generation.Members)
        {
            var told = change.AnswerJoin(member, () => ClassicAnswers.Joined(generation, id));
            change.RenewSession(member);
            if (told != member || member.IsNew)
                change.Group = change.Group.With(told with { IsNew = false });
            unsynced.Set(id, true);
        }

        change.Group = change.Group with { Unsynced = unsynced.Done() };
    }
}
