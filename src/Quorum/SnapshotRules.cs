namespace Barnabas.Quorum;

/// <summary>When a snapshot of the metadata is due.</summary>
/// <param name="MaxBytes"><c>metadata.log.max.record.bytes.between.snapshots</c>.</param>
/// <param name="MaxInterval"><c>metadata.log.max.snapshot.interval.ms</c>; null for never by time.</param>
public sealed record SnapshotRules(long MaxBytes, TimeSpan? MaxInterval);
