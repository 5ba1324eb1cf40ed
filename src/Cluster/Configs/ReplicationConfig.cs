using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>How replicas follow their leaders.</summary>
public sealed record ReplicationConfig
{
    /// <summary>The <c>replica.selector.class</c> that sends consumers to replicas in their rack.</summary>
    internal const string RackAwareSelector = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

    /// <summary>The <c>replica.selector.class</c> that leaves consumers with the leader, as none does.</summary>
    internal const string LeaderSelector = "org.apache.kafka.common.replica.LeaderSelector";

    /// <summary><c>replica.lag.time.max.ms</c>: how long a follower may be behind and in sync.</summary>
    public required TimeSpan LagLimit { get; init; }

    /// <summary><c>num.replica.fetchers</c>: the loops by which one broker follows another.</summary>
    public required int Fetchers { get; init; }

    /// <summary><c>replica.fetch.backoff.ms</c>: how long a partition, or a broker, is left alone after an
    /// error.</summary>
    public required TimeSpan Backoff { get; init; }

    /// <summary><c>replica.fetch.wait.max.ms</c>: how long the leader may wait for something to answer.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary><c>replica.fetch.min.bytes</c>: what is worth an answer before that.</summary>
    public required int MinBytes { get; init; }

    /// <summary><c>replica.fetch.max.bytes</c>: the most of one partition.</summary>
    public required int PartitionBytes { get; init; }

    /// <summary><c>replica.fetch.response.max.bytes</c>: the most of all of them.</summary>
    public required int AnswerBytes { get; init; }

    /// <summary><c>replica.socket.timeout.ms</c>: how long a request may take.</summary>
    public required TimeSpan RequestTimeout { get; init; }

    /// <summary><c>leader.replication.throttled.rate</c>: the quota for serving throttled replicas, in bytes a
    /// second.</summary>
    public required long LeaderThrottledRate { get; init; }

    /// <summary><c>follower.replication.throttled.rate</c>: the quota for fetching throttled replicas, in bytes a
    /// second.</summary>
    public required long FollowerThrottledRate { get; init; }

    /// <summary><c>replication.quota.window.num</c>: over how many windows the rates are measured.</summary>
    public required int QuotaWindows { get; init; }

    /// <summary><c>replication.quota.window.size.seconds</c>: how long each of them is.</summary>
    public required TimeSpan QuotaWindow { get; init; }

    /// <summary>True where consumers are sent to replicas in their rack (<c>replica.selector.class</c>,
    /// KIP-392).</summary>
    public required bool ReadsFromNearest { get; init; }

    internal static ReplicationConfig From(ConfigValues values) => new()
    {
        LagLimit = values.Time(Names.ReplicaLagTimeMaxMs),
        Fetchers = values.Whole(Names.NumReplicaFetchers),
        Backoff = values.Time(Names.ReplicaFetchBackoffMs),
        Wait = values.Time(Names.ReplicaFetchWaitMaxMs),
        MinBytes = values.Whole(Names.ReplicaFetchMinBytes),
        PartitionBytes = values.Whole(Names.ReplicaFetchMaxBytes),
        AnswerBytes = values.Whole(Names.ReplicaFetchResponseMaxBytes),
        RequestTimeout = values.Time(Names.ReplicaSocketTimeoutMs),
        LeaderThrottledRate = values.Number(Names.LeaderReplicationThrottledRate),
        FollowerThrottledRate = values.Number(Names.FollowerReplicationThrottledRate),
        QuotaWindows = values.Whole(Names.ReplicationQuotaWindowNum),
        QuotaWindow = TimeSpan.FromSeconds(values.Whole(Names.ReplicationQuotaWindowSizeSeconds)),
        ReadsFromNearest = values.Text(Names.ReplicaSelectorClass) == RackAwareSelector,
    };
}
