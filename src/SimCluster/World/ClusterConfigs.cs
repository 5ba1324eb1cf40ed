namespace Barnabas.SimCluster;

/// <summary>How the brokers of a simulated cluster are configured: as in production, but for what takes long.</summary>
internal static class ClusterConfigs
{
    /// <summary>The configs of all brokers.</summary>
    /// <param name="ensemble">Where the ensemble is.</param>
    /// <param name="nodes">How many brokers there are.</param>
    /// <param name="isSynced">Whether partitions are durable by fsync.</param>
    public static IReadOnlyList<string> Of(string ensemble, int nodes, bool isSynced)
    {
        var replicas = Math.Min(nodes, 3);
        var minimum = Math.Max(replicas - 1, 1);
        return
        [
            $"zookeeper.connect={ensemble}/kafka",
            "zookeeper.session.timeout.ms=3000",
            "broker.session.timeout.ms=3000",
            "broker.heartbeat.interval.ms=500",
            "replica.lag.time.max.ms=4000",
            "replica.fetch.backoff.ms=200",
            "leader.imbalance.check.interval.seconds=10",
            "auto.create.topics.enable=false",
            "log.retention.ms=-1",
            $"default.replication.factor={replicas}",
            $"min.insync.replicas={minimum}",
            $"offsets.topic.replication.factor={replicas}",
            "offsets.topic.num.partitions=1",
            "group.min.session.timeout.ms=1000",
            "group.initial.rebalance.delay.ms=300",
            $"transaction.state.log.replication.factor={replicas}",
            $"transaction.state.log.min.isr={minimum}",
            "transaction.state.log.num.partitions=1",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
            "replica.high.watermark.checkpoint.interval.ms=1500",
            "num.recovery.threads.per.data.dir=1",
            $"barnabas.durability={(isSynced ? "fsync" : "page-cache")}",
        ];
    }
}
