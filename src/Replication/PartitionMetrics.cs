using Barnabas.Metrics;

namespace Barnabas.Replication;

/// <summary>Where a partition counts what happens to it.</summary>
/// <param name="Topic">The numbers of its topic.</param>
/// <param name="Replication">What brokers do among themselves.</param>
/// <param name="Flushes">How long syncs take, in microseconds.</param>
internal sealed record PartitionMetrics(TopicTraffic Topic, ReplicationTraffic Replication, HistogramSeries Flushes);
