using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>What a partition works with beyond its log.</summary>
/// <param name="Host">The machine.</param>
/// <param name="Terms">What it has to know of the rest of the cluster when it leads.</param>
/// <param name="Proposals">The way to the controller for changes of who is in sync.</param>
/// <param name="Watermarks">Told when its high watermark has moved.</param>
/// <param name="Metrics">Where it counts what happens to it.</param>
/// <param name="Failed">Told when its disk refused.</param>
/// <param name="Damaged">Told when a reader found bytes that are not what was written, and at which offset.</param>
internal sealed record PartitionContext(
    Host Host, LeaderTerms Terms, IsrProposals Proposals, MovedWatermarks Watermarks,
    PartitionMetrics Metrics, Action<Partition, IOException> Failed, Action<Partition, Offset> Damaged);
