using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Cluster;

/// <summary>All that the cluster as a whole remembers: what Apache Kafka keeps in <c>__cluster_metadata</c>.</summary>
/// <remarks>Immutable: any lane may read the one it holds for as long as it likes. It changes by
/// <see cref="Apply(ITypedRecord)"/> alone, live and replayed, and <see cref="ClusterSnapshot"/> turns it back into
/// records.</remarks>
public sealed partial record ClusterState : IReplayed<ClusterState, ITypedRecord>
{
    private ClusterState()
    {
    }

    /// <inheritdoc/>
    public static ClusterState Empty { get; } = new();

    /// <summary>The topics by name.</summary>
    public PersistentMap<string, TopicState> Topics { get; private init; } =
        PersistentMap<string, TopicState>.Empty(StringComparer.Ordinal);

    /// <summary>The names of the topics by id.</summary>
    public PersistentMap<TopicId, string> TopicNamesById { get; private init; } =
        PersistentMap<TopicId, string>.Empty();

    /// <summary>The names of topics with a dot or an underscore, by the name with underscores alone: those under one
    /// key would share metric names.</summary>
    public PersistentMap<string, ImmutableArray<string>> CollidingNames { get; private init; } =
        PersistentMap<string, ImmutableArray<string>>.Empty(StringComparer.Ordinal);

    /// <summary>Configs set at run time.</summary>
    public StoredConfigs Configs { get; private init; } = StoredConfigs.Empty;

    /// <summary>The brokers registered, fenced or not.</summary>
    public PersistentMap<BrokerId, BrokerState> Brokers { get; private init; } =
        PersistentMap<BrokerId, BrokerState>.Empty();

    /// <summary>The controllers registered (KIP-919).</summary>
    public PersistentMap<BrokerId, ControllerState> Controllers { get; private init; } =
        PersistentMap<BrokerId, ControllerState>.Empty();

    /// <summary>Finalized feature levels by name, <c>metadata.version</c> among them; level 0 is absent.</summary>
    public PersistentMap<string, short> Features { get; private init; } =
        PersistentMap<string, short>.Empty(StringComparer.Ordinal);

    /// <summary>The first producer id never handed out; none before the first block.</summary>
    public ProducerId NextProducerId { get; private init; } = ProducerId.None;

    /// <summary>Access control entries by id.</summary>
    public PersistentMap<Uuid, AclEntry> Acls { get; private init; } = PersistentMap<Uuid, AclEntry>.Empty();

    /// <summary>SCRAM credentials by user and mechanism.</summary>
    public PersistentMap<ScramUser, ScramCredential> ScramCredentials { get; private init; } =
        PersistentMap<ScramUser, ScramCredential>.Empty();

    /// <summary>Client quotas by entity and quota name; an entity without any is absent.</summary>
    public PersistentMap<QuotaEntity, PersistentMap<string, double>> ClientQuotas { get; private init; } =
        PersistentMap<QuotaEntity, PersistentMap<string, double>>.Empty();

    /// <summary>Delegation tokens by id.</summary>
    public PersistentMap<string, DelegationToken> DelegationTokens { get; private init; } =
        PersistentMap<string, DelegationToken>.Empty(StringComparer.Ordinal);

    /// <summary>How far a migration from ZooKeeper got in the cluster these records come from; 0 when there was
    /// none.</summary>
    public sbyte ZkMigrationState { get; private init; }

    /// <summary>The state before a metadata transaction that has begun and not ended (KIP-866); else null.</summary>
    public ClusterState? BeforeTransaction { get; private init; }

    /// <summary>What may be shown: without the records of a metadata transaction still open.</summary>
    public ClusterState Visible => BeforeTransaction ?? this;

    /// <summary>True where replicas that hold everything committed are known when they are in sync no longer
    /// (KIP-966).</summary>
    public bool TracksEligible => Features.TryGetValue(FeatureNames.EligibleLeaderReplicas, out var level) && level > 0;

    /// <summary>Finds a topic by its id.</summary>
    public bool TryGetTopic(TopicId id, [MaybeNullWhen(false)] out TopicState topic)
    {
        topic = null;
        return TopicNamesById.TryGetValue(id, out var name) && Topics.TryGetValue(name, out topic);
    }

    /// <summary>A partition, or null where there is none.</summary>
    public PartitionState? FindPartition(TopicPartition partition) =>
        Topics.TryGetValue(partition.Topic, out var topic)
        && topic.Partitions.TryGetValue(partition.Partition, out var state)
            ? state
            : null;

    /// <summary>The partitions of which a broker holds a replica. It costs what it gives.</summary>
    public IEnumerable<HeldPartition> HeldBy(BrokerId broker) =>
        Index.ByBroker.TryGetValue(broker, out var places) ? At(places) : [];

    /// <summary>The partitions that their preferred leader does not lead. It costs what it gives.</summary>
    public IEnumerable<HeldPartition> Imbalanced() => At(Index.Imbalanced);

    /// <summary>The partitions that are being reassigned. It costs what it gives.</summary>
    public IEnumerable<HeldPartition> Reassigning() => At(Index.Reassigning);

    /// <summary>True for a broker that may lead and be in sync: registered, not fenced, not shutting down.</summary>
    public bool IsActive(BrokerId broker) => Brokers.TryGetValue(broker, out var state) && state.IsActive;

    /// <summary>Where a broker listens, fenced or not; null where that is not known.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="listener">The name of the listener.</param>
    public Endpoint? FindEndpoint(BrokerId broker, string listener) =>
        Brokers.TryGetValue(broker, out var state) ? state.EndpointOf(listener) : null;

    private PartitionIndex Index { get; init; } = PartitionIndex.Empty;

    private IEnumerable<HeldPartition> At(PersistentMap<TopicId, IndexSet> places)
    {
        foreach (var (id, indexes) in places)
        {
            var topic = Topics[TopicNamesById[id]];
            foreach (var index in indexes)
                yield return new(topic, index, topic.Partitions[index]);
        }
    }
}
