using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>A change of one partition: what is wanted of it, and the record that follows by the rules of reassignments,
/// eligible replicas and elections.</summary>
/// <param name="topic">The topic.</param>
/// <param name="index">The partition's number.</param>
/// <param name="rules">What is decided by.</param>
internal sealed class PartitionChange(TopicState topic, int index, LeadershipRules rules)
{
    private readonly PartitionState _before = topic.Partitions[index];

    /// <summary>Who is to be in sync.</summary>
    public ImmutableArray<BrokerId> Isr { get; set; } = topic.Partitions[index].Isr;

    /// <summary>Who is to hold the partition, and where a reassignment of it stands.</summary>
    public Reassignment Target { get; set; } = Reassignment.Of(topic.Partitions[index]);

    /// <summary>The log directory of each replica, in the order of those that hold the partition now.</summary>
    public ImmutableArray<Uuid> Directories { get; init; } = topic.Partitions[index].Directories;

    /// <summary>A broker that may have lost part of its log; none for no such one.</summary>
    public BrokerId Lost { get; init; } = BrokerId.None;

    /// <summary>Who may come to lead.</summary>
    public ElectionKind Election { get; init; } = rules.ElectionOf(topic.Name);

    /// <summary>What becomes of the recovery after an unclean election.</summary>
    public LeaderRecoveryState RecoveryState { get; init; } = topic.Partitions[index].RecoveryState;

    /// <summary>The record of the change; null where nothing changes.</summary>
    public PartitionChangeRecord? Build()
    {
        (Target, Isr) = Target.Completed(rules.Has(PlantedBug.ReassignmentEndsEarly) ? [.. Target.Goal] : Isr);
        var (replicas, placed) = (Target.Replicas, _before with { Directories = Directories });
        var eligible = rules.TracksEligible
            ? EligibleReplicas.After(_before, replicas, Isr, rules.MinInSync(topic.Name, replicas.Length), LostOne)
            : [];
        var (leader, isClean) = Cluster.Election.Hold(Election, placed, replicas, Isr, eligible, rules);
        var after = _before with
        {
            Leader = leader,
            Isr = IsrUnder(leader, isClean),
            Elr = isClean ? eligible.Remove(leader) : [],
            RecoveryState = isClean ? RecoveryState : LeaderRecoveryState.Recovering,
            Replicas = replicas,
            AddingReplicas = Target.Adding,
            RemovingReplicas = Target.Removing,
            Directories = [.. replicas.Select(replica => placed.DirectoryOf(replica) ?? rules.DirectoryFor(replica))],
        };
        return RecordOf(after with { LastKnownElr = LastKnown(after) });
    }

    private BrokerId LostOne => rules.Has(PlantedBug.LostReplicaEligible) ? BrokerId.None : Lost;

    private ImmutableArray<BrokerId> IsrUnder(BrokerId leader, bool isClean)
    {
        // An unclean leader lacks what the others in sync have, so they are in sync no longer; and who was not in sync
        // leads alone.
        if (leader != BrokerId.None && (!isClean || !Isr.Contains(leader)))
            return [leader];

        // Where nobody keeps book of the eligible, the last in sync stays named: it alone is known to hold everything.
        return Isr.IsEmpty && !rules.TracksEligible ? _before.Isr : Isr;
    }

    /// <summary>The last leader of a partition that has none, once nobody is in sync.</summary>
    private ImmutableArray<BrokerId> LastKnown(PartitionState after)
    {
        if (after.Leader != BrokerId.None)
            return [];
        if (!rules.TracksEligible || !after.Isr.IsEmpty || _before.Isr.IsEmpty)
            return _before.LastKnownElr;
        return [_before.Leader != BrokerId.None ? _before.Leader : _before.Isr[0]];
    }

    private PartitionChangeRecord? RecordOf(PartitionState after)
    {
        var change = new PartitionChangeRecord
        {
            TopicId = topic.Id,
            PartitionId = index,
            Isr = Changed(_before.Isr, after.Isr),
            EligibleLeaderReplicas = Changed(_before.Elr, after.Elr),
            LastKnownElr = Changed(_before.LastKnownElr, after.LastKnownElr),
            Replicas = Changed(_before.Replicas, after.Replicas),
            AddingReplicas = Changed(_before.AddingReplicas, after.AddingReplicas),
            RemovingReplicas = Changed(_before.RemovingReplicas, after.RemovingReplicas),
            Directories = Changed(_before.Directories, after.Directories),
        };
        if (after.RecoveryState != _before.RecoveryState)
            change.LeaderRecoveryState = (sbyte)after.RecoveryState;

        // Who has to notice that a replica was taken away notices by a new leader epoch.
        if (after.Leader != _before.Leader || !ContainsAll(after.Replicas, _before.Replicas)
            || (rules.ShrinkBeginsEpoch && !ContainsAll(after.Isr, _before.Isr)))
        {
            change.Leader = after.Leader;
        }

        return Says(change) ? change : null;
    }

    private static bool Says(PartitionChangeRecord change) =>
        change.Leader != PartitionState.LeaderStays
        || change.Isr is not null
        || change.EligibleLeaderReplicas is not null
        || change.LastKnownElr is not null
        || change.Replicas is not null
        || change.AddingReplicas is not null
        || change.RemovingReplicas is not null
        || change.Directories is not null
        || change.LeaderRecoveryState >= 0;

    private static List<T>? Changed<T>(ImmutableArray<T> before, ImmutableArray<T> after) =>
        before.SequenceEqual(after) ? null : [.. after];

    private static bool ContainsAll(ImmutableArray<BrokerId> all, ImmutableArray<BrokerId> some) =>
        some.All(all.Contains);
}
