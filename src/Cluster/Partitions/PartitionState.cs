using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>A partition as the cluster knows it: who holds it, who is in sync, who leads.</summary>
public sealed record PartitionState
{
    /// <summary>In a <see cref="PartitionChangeRecord"/>: the leader and its epoch stay.</summary>
    public static readonly BrokerId LeaderStays = new(-2);

    /// <summary>The brokers that hold it, the preferred leader first.</summary>
    public required ImmutableArray<BrokerId> Replicas { get; init; }

    /// <summary>The log directory of each replica, in the order of <see cref="Replicas"/> (KIP-858).</summary>
    public required ImmutableArray<Uuid> Directories { get; init; }

    /// <summary>The replicas in sync; without a leader the one that was last.</summary>
    public required ImmutableArray<BrokerId> Isr { get; init; }

    /// <summary>Replicas that leave when a reassignment ends; empty without one.</summary>
    public ImmutableArray<BrokerId> RemovingReplicas { get; init; } = [];

    /// <summary>Replicas that came with a reassignment under way; empty without one.</summary>
    public ImmutableArray<BrokerId> AddingReplicas { get; init; } = [];

    /// <summary>Replicas not in sync that hold everything committed and may lead (KIP-966).</summary>
    public ImmutableArray<BrokerId> Elr { get; init; } = [];

    /// <summary>Replicas that were eligible before an unclean shutdown (KIP-966).</summary>
    public ImmutableArray<BrokerId> LastKnownElr { get; init; } = [];

    /// <summary>The leader; none when no replica may lead.</summary>
    public required BrokerId Leader { get; init; }

    /// <summary>Whether the leader was elected cleanly.</summary>
    public LeaderRecoveryState RecoveryState { get; init; }

    /// <summary>Grows with every election.</summary>
    public required LeaderEpoch LeaderEpoch { get; init; }

    /// <summary>Grows with every change of this partition.</summary>
    public required int PartitionEpoch { get; init; }

    /// <summary>True while a reassignment is under way.</summary>
    public bool IsReassigning => !RemovingReplicas.IsEmpty || !AddingReplicas.IsEmpty;

    /// <summary>The directory in which <paramref name="broker"/> holds it; null where it holds none.</summary>
    public Uuid? DirectoryOf(BrokerId broker)
    {
        var at = Replicas.IndexOf(broker);
        return at < 0 ? null : Directories[at];
    }

    /// <summary>The partition as its record tells.</summary>
    internal static PartitionState From(PartitionRecord record) => new()
    {
        Replicas = Shared(record.Replicas),
        Directories = Matching([.. record.Directories], default, record.Replicas.Count),
        Isr = Shared(record.Isr),
        RemovingReplicas = Shared(record.RemovingReplicas),
        AddingReplicas = Shared(record.AddingReplicas),
        Elr = Shared(record.EligibleLeaderReplicas),
        LastKnownElr = Shared(record.LastKnownElr),
        Leader = record.Leader,
        RecoveryState = (LeaderRecoveryState)record.LeaderRecoveryState,
        LeaderEpoch = record.LeaderEpoch,
        PartitionEpoch = record.PartitionEpoch,
    };

    /// <summary>The record that rebuilds the partition.</summary>
    internal PartitionRecord ToRecord(TopicId topic, int index) => new()
    {
        PartitionId = index,
        TopicId = topic,
        Replicas = [.. Replicas],
        Directories = [.. Directories],
        Isr = [.. Isr],
        RemovingReplicas = [.. RemovingReplicas],
        AddingReplicas = [.. AddingReplicas],
        EligibleLeaderReplicas = Elr.IsEmpty ? null : [.. Elr],
        LastKnownElr = LastKnownElr.IsEmpty ? null : [.. LastKnownElr],
        Leader = Leader,
        LeaderRecoveryState = (sbyte)RecoveryState,
        LeaderEpoch = LeaderEpoch,
        PartitionEpoch = PartitionEpoch,
    };

    /// <summary>The partition after a change. Naming a leader, be it the same, begins a new leader epoch.</summary>
    internal PartitionState With(PartitionChangeRecord change)
    {
        var replicas = Or(change.Replicas, Replicas);
        return this with
        {
            Replicas = replicas,
            Directories = Matching([.. change.Directories ?? []], Directories, replicas.Length),
            Isr = Or(change.Isr, Isr),
            RemovingReplicas = Or(change.RemovingReplicas, RemovingReplicas),
            AddingReplicas = Or(change.AddingReplicas, AddingReplicas),
            Elr = Or(change.EligibleLeaderReplicas, Elr),
            LastKnownElr = Or(change.LastKnownElr, LastKnownElr),
            Leader = change.Leader == LeaderStays ? Leader : change.Leader,
            LeaderEpoch = change.Leader == LeaderStays ? LeaderEpoch : LeaderEpoch.Next(),
            RecoveryState = change.LeaderRecoveryState < 0
                ? RecoveryState
                : (LeaderRecoveryState)change.LeaderRecoveryState,
            PartitionEpoch = PartitionEpoch + 1,
        };
    }

    private static ImmutableArray<BrokerId> Or(List<BrokerId>? changed, ImmutableArray<BrokerId> kept) =>
        changed is null ? kept : Shared(changed);

    private static ImmutableArray<BrokerId> Shared(List<BrokerId>? brokers) =>
        brokers is null ? [] : SharedList<BrokerId>.Of([.. brokers]);

    // Records older than KIP-858 name no directories: then any directory of the broker is meant.
    private static ImmutableArray<Uuid> Matching(ImmutableArray<Uuid> changed, ImmutableArray<Uuid> kept, int replicas)
    {
        if (changed.Length != replicas && !kept.IsDefault && kept.Length == replicas)
            return kept;
        return SharedList<Uuid>.Of(changed.Length == replicas ? changed : [.. Enumerable.Repeat(Uuid.Zero, replicas)]);
    }
}
