using Barnabas.Metrics;
using Barnabas.Replication;

namespace Barnabas.Node;

/// <summary>How replicas follow their leaders: of Kafka's ReplicaManager, BrokerTopicMetrics and
/// ReplicaFetcherManager.</summary>
internal static class ReplicationFamilies
{
    /// <summary>The families.</summary>
    public static IEnumerable<MetricFamily> Of(Replicas replicas)
    {
        var traffic = replicas.ReplicationTraffic;
        yield return MetricFamily.Of(
            "kafka.server.replicamanager.isrexpands", MetricKind.Counter, "{change}",
            "Followers that came to be in sync with a partition led here.", () => traffic.IsrExpands.Value);
        yield return MetricFamily.Of(
            "kafka.server.replicamanager.isrshrinks", MetricKind.Counter, "{change}",
            "Changes by which this leader had followers in sync no longer, because they were behind for too long.",
            () => traffic.IsrShrinks.Value);
        yield return MetricFamily.Of(
            "kafka.server.replicamanager.failedisrupdates", MetricKind.Counter, "{change}",
            "Changes of who is in sync that the controller refused, or could not be asked for.",
            () => traffic.FailedIsrUpdates.Value);
        yield return MetricFamily.Of(
            "kafka.server.brokertopicmetrics.replicationbytesin", MetricKind.Counter, "By",
            "Bytes of batches fetched from leaders and appended.", () => traffic.BytesIn.Value);
        yield return MetricFamily.Of(
            "kafka.server.brokertopicmetrics.replicationbytesout", MetricKind.Counter, "By",
            "Bytes of batches given to followers.", () => traffic.BytesOut.Value);
        yield return MetricFamily.Of(
            "kafka.server.replicafetchermanager.maxlag", MetricKind.Gauge, "{offset}",
            "How many offsets the follower here that is furthest behind lacks of what its leader has committed.",
            () => replicas.All.Select(partition => partition.Lag).DefaultIfEmpty().Max());
    }
}
