namespace Barnabas.Groups.Consumer;

/// <summary>Brings a member nearer to the target assignment, one step a heartbeat (KIP-848).</summary>
/// <remarks>A partition changes hands in three steps: its owner is told to give it up, and stays in its epoch; the
/// owner says that it did, by no longer naming it, and goes on to the epoch of the target; only then is it free for the
/// member that shall own it.</remarks>
internal static class Reconciliation
{
    /// <summary>The member after a step; itself where it has to wait, or has arrived.</summary>
    /// <param name="group">The group, with the member in it and a target assignment for its epoch.</param>
    /// <param name="member">The member.</param>
    /// <param name="owned">What the member says that it owns; null when it did not say.</param>
    /// <returns>Null when it must be fenced: it is in a state that this version does not know, and owns
    /// something.</returns>
    public static ConsumerMember? Next(ConsumerGroup group, ConsumerMember member, PartitionSet? owned) =>
        member.State switch
        {
            MemberState.Stable when member.Epoch == group.AssignmentEpoch => member,
            MemberState.Stable or MemberState.UnreleasedPartitions => Step(group, member, owned),
            MemberState.UnrevokedPartitions => Owns(owned, member.Revoking) ? member : Step(group, member, owned),
            _ => owned is { IsEmpty: true } ? Step(group, member, owned) : null,
        };

    private static ConsumerMember Step(ConsumerGroup group, ConsumerMember member, PartitionSet? owned)
    {
        var target = group.TargetOf(member.MemberId);
        var keeps = member.Assigned.Intersect(target);
        var revokes = member.Assigned.Except(target);
        if (!revokes.IsEmpty && Owns(owned, revokes))
        {
            return At(member, member.Epoch) with
            {
                State = MemberState.UnrevokedPartitions,
                Assigned = keeps,
                Revoking = revokes,
            };
        }

        // What the member itself has just given up is free for it.
        var free = target.Where((topic, partition) =>
            !group.Holders.TryGetValue((topic, partition), out var holder) || holder == member.MemberId);
        return At(member, group.AssignmentEpoch) with
        {
            State = free.Count == target.Count ? MemberState.Stable : MemberState.UnreleasedPartitions,
            Assigned = free,
            Revoking = PartitionSet.Empty,
        };
    }

    private static ConsumerMember At(ConsumerMember member, int epoch) =>
        member with { Epoch = epoch, PreviousEpoch = member.Epoch };

    // Who does not say what it owns may own all of it.
    private static bool Owns(PartitionSet? owned, PartitionSet partitions) => owned?.Overlaps(partitions) ?? true;
}
