using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Cluster;

/// <summary>The outcome of an election.</summary>
/// <param name="Leader">Who leads; none where nobody may.</param>
/// <param name="IsClean">False when the leader may lack records that were committed.</param>
internal readonly record struct Election(BrokerId Leader, bool IsClean)
{
    /// <summary>Elects the leader of a partition (KIP-966).</summary>
    /// <param name="kind">Who may come to lead.</param>
    /// <param name="before">The partition as it stands.</param>
    /// <param name="replicas">Who is to hold it, the preferred leader first.</param>
    /// <param name="isr">Who is to be in sync.</param>
    /// <param name="eligible">Who is to be eligible though not in sync; counts where nobody is in sync.</param>
    /// <param name="rules">Who may lead at all.</param>
    public static Election Hold(
        ElectionKind kind, PartitionState before, ImmutableArray<BrokerId> replicas, ImmutableArray<BrokerId> isr,
        ImmutableArray<BrokerId> eligible, LeadershipRules rules)
    {
        var whole = isr.IsEmpty ? eligible : isr;
        if (kind == ElectionKind.Preferred && MayLeadCleanly(replicas[0]))
            return new(replicas[0], IsClean: true);
        if (MayLeadCleanly(before.Leader))
            return new(before.Leader, IsClean: true);
        foreach (var replica in replicas)
        {
            if (MayLeadCleanly(replica))
                return new(replica, IsClean: true);
        }

        // Nobody is left that is known to hold everything: the last leader has the most of it.
        if (rules.TracksEligible && whole.IsEmpty && before.LastKnownElr is [var last] && MayLead(last))
            return new(last, IsClean: false);
        foreach (var replica in replicas)
        {
            if (kind == ElectionKind.Unclean && MayLead(replica))
                return new(replica, IsClean: false);
        }

        return new(BrokerId.None, IsClean: true);

        bool MayLead(BrokerId replica) => replicas.Contains(replica) && rules.MayLead(before, replica);

        bool MayLeadCleanly(BrokerId replica) => whole.Contains(replica) && MayLead(replica);
    }
}
