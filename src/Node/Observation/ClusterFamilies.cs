using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Metrics;
using Barnabas.Server.Apis;

namespace Barnabas.Node;

/// <summary>The cluster as its controller knows it, and how far this broker follows it: Kafka's KafkaController and
/// broker-metadata-metrics.</summary>
internal static class ClusterFamilies
{
    /// <summary>The families.</summary>
    public static IEnumerable<MetricFamily> Of(Broker broker)
    {
        MetricFamily Controller(string name, string unit, string meaning, Func<ClusterState, double> value) =>
            MetricFamily.Of(
                $"kafka.controller.kafkacontroller.{name}", MetricKind.Gauge, unit, meaning, () => value(broker.State));

        // A node is its own controller until clusters have several.
        yield return Controller(
            "activecontrollercount", "{controller}", "1 where this node is the active controller.", _ => 1);
        yield return Controller("globaltopiccount", "{topic}", "Topics of the cluster.", state => state.Topics.Count);
        yield return Controller(
            "globalpartitioncount", "{partition}", "Partitions of the cluster.",
            state => state.Topics.Sum(t => (double)t.Value.Partitions.Count));
        yield return Controller(
            "offlinepartitionscount", "{partition}", "Partitions of the cluster that nobody leads.",
            state => state.Topics.Sum(t => t.Value.Partitions.Count(p => p.Value.Leader == BrokerId.None)));
        yield return Controller(
            "activebrokercount", "{broker}", "Brokers that serve.", state => state.Brokers.Count(b => !b.Value.Fenced));
        yield return Controller(
            "fencedbrokercount", "{broker}", "Brokers registered that do not serve.",
            state => state.Brokers.Count(b => b.Value.Fenced));
        yield return Metadata(
            "last_applied_record_offset", "{offset}", "The last record of the metadata that is applied here.",
            () => broker.Controller.Held.Offset);
        yield return Metadata(
            "last_applied_record_timestamp", "ms", "When that record was appended, in ms since 1970.",
            () => broker.Controller.Held.Timestamp);
        yield return Metadata(
            "last_applied_record_lag_ms", "ms", "How long ago that was.",
            () => broker.Controller.Held.Timestamp is >= 0 and var at
                ? Math.Max(0, broker.Host.Time.GetUtcNow().ToUnixTimeMilliseconds() - at)
                : 0);
    }

    private static MetricFamily Metadata(string name, string unit, string meaning, Func<double> value) =>
        MetricFamily.Of($"kafka.server.broker_metadata_metrics.{name}", MetricKind.Gauge, unit, meaning, value);
}
