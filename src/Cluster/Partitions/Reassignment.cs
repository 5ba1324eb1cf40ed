using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Cluster;

/// <summary>Who is to hold a partition, and which of them come and go with a reassignment (KIP-455).</summary>
/// <param name="Replicas">All that hold it until the reassignment ends, the preferred leader first.</param>
/// <param name="Adding">Those that came with the reassignment; empty without one.</param>
/// <param name="Removing">Those that leave when it ends; empty without one.</param>
internal readonly record struct Reassignment(
    ImmutableArray<BrokerId> Replicas, ImmutableArray<BrokerId> Adding, ImmutableArray<BrokerId> Removing)
{
    /// <summary>How it stands with a partition.</summary>
    public static Reassignment Of(PartitionState partition) =>
        new(partition.Replicas, partition.AddingReplicas, partition.RemovingReplicas);

    /// <summary>Who held the partition before the reassignment.</summary>
    public ImmutableArray<BrokerId> Original => [.. Replicas.Except(Adding)];

    /// <summary>Who holds the partition after it.</summary>
    public ImmutableArray<BrokerId> Goal => [.. Replicas.Except(Removing)];

    private bool IsUnderWay => !Adding.IsEmpty || !Removing.IsEmpty;

    /// <summary>The way to other replicas. What an earlier reassignment brought and this one does not want goes at
    /// once, but for the last in sync.</summary>
    /// <param name="goal">Who is to hold the partition when it ends.</param>
    /// <param name="isr">Who is in sync.</param>
    public Reassignment To(ImmutableArray<BrokerId> goal, ImmutableArray<BrokerId> isr)
    {
        var original = Original;
        var stays = original.Union(goal).ToHashSet();
        var removing = isr.Any(stays.Contains) ? original.Except(goal) : Replicas.Except(goal);
        ImmutableArray<BrokerId> leaving = [.. removing.Order()];
        return new([.. goal, .. leaving], [.. goal.Except(original).Order()], leaving);
    }

    /// <summary>Where it is done once the given replicas are in sync: all that are to hold the partition. Else as it
    /// is.</summary>
    public (Reassignment After, ImmutableArray<BrokerId> Isr) Completed(ImmutableArray<BrokerId> isr)
    {
        ImmutableArray<BrokerId> held = [.. isr.Where(Replicas.Contains)];
        var (goal, left) = (Goal, held.RemoveRange(Removing));
        return IsUnderWay && !goal.IsEmpty && goal.All(left.Contains)
            ? (new(goal, [], []), left)
            : (this, held);
    }
}
