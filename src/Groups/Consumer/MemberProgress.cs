using Barnabas.Cluster.Configs;

namespace Barnabas.Groups.Consumer;

/// <summary>The steps by which a member gets on, whichever protocol it speaks: what it says of itself is recorded, the
/// group's epoch and target follow, and it is brought a step nearer to the target.</summary>
/// <param name="draft">The group.</param>
/// <param name="rules">What it is decided by.</param>
/// <param name="matches">What patterns match, as far as that was worked out: <see cref="PatternMatches"/>.</param>
internal sealed class MemberProgress(
    GroupDraft draft, GroupRules rules, IReadOnlyDictionary<string, ResolvedPattern> matches)
{
    private readonly ConsumerGroupConfig _config = rules.ConsumerConfig(draft.Group.Id);

    /// <summary>Puts a new member in the place of a static one: it inherits what that owned and shall own.</summary>
    public ConsumerMember Replace(ConsumerMember holder, string memberId)
    {
        var heir = holder with { MemberId = memberId, Epoch = 0, PreviousEpoch = 0 };
        var target = draft.Group.TargetOf(holder.MemberId);
        draft.Remove(holder.MemberId);
        draft.Add(ConsumerRecords.Member(draft.Group.Id, heir));
        draft.Add(ConsumerRecords.TargetOf(draft.Group.Id, heir.MemberId, target));
        draft.Add(ConsumerRecords.CurrentOf(draft.Group.Id, heir));
        if (heir.MemberId != holder.MemberId)
            draft.Do(ConsumerTimers.AllStopped(draft.Group.Id, holder));
        return heir;
    }

    /// <summary>Records what the member says of itself, where that is new.</summary>
    /// <returns>True when it subscribes to something else.</returns>
    public bool Describe(ConsumerMember member, ConsumerMember updated)
    {
        var group = draft.Group;
        if (group.Members.ContainsKey(updated.MemberId) && updated.SaysTheSameAs(member))
            return false;
        draft.Add(ConsumerRecords.Member(group.Id, updated));
        if (member.Pattern is { } old && !draft.Group.PatternSubscriptions.ContainsKey(old))
            draft.Add(ConsumerRecords.NoPattern(group.Id, old));
        return !updated.SubscribesToTheSameAs(member) || updated.Pattern != member.Pattern;
    }

    /// <summary>Begins the next epoch where a subscription changed, a pattern matches other topics, or a topic is not
    /// what it was.</summary>
    /// <param name="changed">True when a subscription changed.</param>
    /// <returns>True when it did.</returns>
    public bool BeginEpoch(bool changed)
    {
        changed |= RefreshPatterns();
        var hash = TopicHash.Of(draft.Group.Subscriptions.Select(topic => topic.Key), rules.Cluster.State);
        if (!changed && draft.Group.Epoch > 0 && hash == draft.Group.MetadataHash)
            return false;
        draft.BeginEpoch(hash);
        return true;
    }

    /// <summary>Makes the target assignment where there is none for the group's epoch.</summary>
    public void MakeTarget()
    {
        if (draft.Group.Epoch > draft.Group.AssignmentEpoch)
            TargetAssignment.Make(draft, rules.Cluster.State, rules.Assignors);
    }

    /// <summary>Brings a member a step nearer to the target.</summary>
    /// <param name="memberId">The member.</param>
    /// <param name="owned">What it says that it owns; null when it did not say.</param>
    /// <returns>The member after it; null when it has to be fenced.</returns>
    public ConsumerMember? Reconcile(string memberId, PartitionSet? owned)
    {
        var before = draft.Group.Find(memberId)!;
        var after = Reconciliation.Next(draft.Group, before, owned);
        if (after is null || after == before)
            return after;
        draft.Add(ConsumerRecords.CurrentOf(draft.Group.Id, after));
        if (before.State == MemberState.UnrevokedPartitions)
            draft.Do(ConsumerTimers.NoRevocation(draft.Group, before));
        if (after.State == MemberState.UnrevokedPartitions)
            draft.Do(ConsumerTimers.Revocation(draft.Group, after, _config));
        return after;
    }

    /// <summary>Records what patterns match, where that is due. True when one matches other topics now.</summary>
    private bool RefreshPatterns()
    {
        var changed = false;
        foreach (var (pattern, _) in draft.Group.PatternSubscriptions)
        {
            var known = draft.Group.FindPattern(pattern);
            if (!matches.TryGetValue(pattern, out var match) || !PatternMatches.IsDue(known, rules, _config))
                continue;
            changed |= known is null || !match.Topics.SequenceEqual(known.Topics);
            draft.Add(ConsumerRecords.Pattern(draft.Group.Id, pattern, match));
        }

        return changed;
    }
}
