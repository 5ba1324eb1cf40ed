using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Cluster;

/// <summary>Which replicas are eligible to lead though not in sync (KIP-966).</summary>
/// <remarks>While fewer replicas are in sync than <c>min.insync.replicas</c> the high watermark stands still. So who
/// leaves the ISR then keeps everything committed until enough are in sync again, unless it loses part of its log in an
/// unclean stop.</remarks>
internal static class EligibleReplicas
{
    /// <summary>Who is eligible after a change; in the order of the replicas.</summary>
    /// <param name="before">The partition as it stands.</param>
    /// <param name="replicas">Who is to hold it.</param>
    /// <param name="isr">Who is to be in sync.</param>
    /// <param name="minInSync">How many have to be in sync before the high watermark moves.</param>
    /// <param name="lost">A broker that may have lost part of its log; none for no such one.</param>
    public static ImmutableArray<BrokerId> After(
        PartitionState before, ImmutableArray<BrokerId> replicas, ImmutableArray<BrokerId> isr, int minInSync,
        BrokerId lost) => isr.Length >= minInSync
            ? []
            : [.. replicas.Where(replica =>
                (before.Elr.Contains(replica) || before.Isr.Contains(replica))
                && !isr.Contains(replica)
                && replica != lost)];
}
