using Barnabas.Cluster;
using Barnabas.Metrics;
using Barnabas.Replication;
using Barnabas.Server.Apis;

namespace Barnabas.Node;

/// <summary>How the partitions held here stand: Kafka's ReplicaManager and FetchSessionCache.</summary>
internal static class ReplicaFamilies
{
    /// <summary>The families.</summary>
    public static IEnumerable<MetricFamily> Of(Broker broker)
    {
        MetricFamily Count(string name, string meaning, Func<PartitionView, PartitionState?, bool> counts) =>
            MetricFamily.Of($"kafka.server.replicamanager.{name}", MetricKind.Gauge, "{partition}", meaning, () =>
            {
                var state = broker.State;
                return broker.Replicas.All.Select(p => p.View).Count(v => counts(v, state.FindPartition(v.Name)));
            });

        static bool Leads(PartitionView view) => view.Role == PartitionRole.Leader;

        yield return Count("partitioncount", "Partitions held here.", (_, _) => true);
        yield return Count("leadercount", "Partitions led here.", (view, _) => Leads(view));
        yield return Count(
            "offlinereplicacount", "Partitions here that cannot be used: damaged, or their directory has failed.",
            (view, _) => view.Role == PartitionRole.Offline);
        yield return Count(
            "underreplicatedpartitions", "Partitions led here of which a replica is not in sync.",
            (view, state) => Leads(view) && state is { } s && s.Isr.Length < s.Replicas.Length);
        yield return Count(
            "underminisrpartitioncount", "Partitions led here with fewer replicas in sync than min.insync.replicas.",
            (view, state) => Leads(view) && state is { } s && s.Isr.Length < MinIsr(view, s));
        yield return Count(
            "atminisrpartitioncount", "Partitions led here with just as many replicas in sync as min.insync.replicas.",
            (view, state) => Leads(view) && state is { } s && s.Isr.Length == MinIsr(view, s));
        yield return MetricFamily.Of(
            "kafka.server.replicamanager.produceridcount", MetricKind.Gauge, "{producer}",
            "Idempotent producers remembered, each once for each partition.",
            () => broker.Replicas.All.Sum(p => (long)(p.View.Log?.ProducerCount ?? 0)));
        yield return MetricFamily.Of(
            "kafka.server.fetchsessioncache.numincrementalfetchsessions", MetricKind.Gauge, "{session}",
            "Fetch sessions open (KIP-227).", () => broker.Sessions.Taken);
    }

    private static int MinIsr(PartitionView view, PartitionState state) =>
        Math.Min(view.Config.MinInsyncReplicas, state.Replicas.Length);
}
