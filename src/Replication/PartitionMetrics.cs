using Barnabas.Metrics;

namespace Barnabas.Replication;

/// <summary>Where a partition counts what happens to it.</summary>
/// <param name="Topic">The numbers of its topic.</param>
/// <param name="Flushes">How long syncs take, in microseconds.</param>
internal sealed record PartitionMetrics(TopicTraffic Topic, HistogramSeries Flushes);
