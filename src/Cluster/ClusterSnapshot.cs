using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>The records that rebuild a state, in the order Apache Kafka writes a snapshot.</summary>
public static class ClusterSnapshot
{
    /// <summary>The name of the feature whose level says which records a log may hold.</summary>
    public const string MetadataVersion = "metadata.version";

    /// <summary>The records of <paramref name="state"/>: replayed on the empty state they give it back.</summary>
    /// <returns>The records, made while they are enumerated, on any thread; null within a metadata transaction, which
    /// may yet be aborted.</returns>
    public static IEnumerable<ITypedRecord>? ToRecords(ClusterState state) => state.BeforeTransaction is null
        ? Features(state).Concat(Nodes(state)).Concat(Topics(state)).Concat(Configs(state)).Concat(Access(state))
        : null;

    // metadata.version comes first: it tells a reader how to take the rest.
    private static IEnumerable<ITypedRecord> Features(ClusterState state) =>
        from feature in state.Features
        orderby feature.Key != MetadataVersion
        select new FeatureLevelRecord { Name = feature.Key, FeatureLevel = feature.Value };

    private static IEnumerable<ITypedRecord> Nodes(ClusterState state)
    {
        foreach (var (_, broker) in state.Brokers)
            yield return broker.ToRecord();
        foreach (var (_, controller) in state.Controllers)
            yield return controller.ToRecord();
    }

    private static IEnumerable<ITypedRecord> Topics(ClusterState state)
    {
        foreach (var (_, topic) in state.Topics)
        {
            yield return new TopicRecord { Name = topic.Name, TopicId = topic.Id };
            foreach (var (index, partition) in topic.Partitions)
                yield return partition.ToRecord(topic.Id, index);
        }
    }

    private static IEnumerable<ITypedRecord> Configs(ClusterState state)
    {
        foreach (var (resource, configs) in state.Configs.All)
        {
            foreach (var (name, value) in configs)
                yield return ConfigRecords.Record(resource, name, value);
        }

        foreach (var (entity, quotas) in state.ClientQuotas)
        {
            foreach (var (key, value) in quotas)
                yield return entity.ToRecord(key, value);
        }

        if (state.NextProducerId != ProducerId.None)
        {
            yield return new ProducerIdsRecord
            {
                BrokerId = BrokerId.None,
                BrokerEpoch = -1,
                NextProducerId = state.NextProducerId,
            };
        }
    }

    private static IEnumerable<ITypedRecord> Access(ClusterState state)
    {
        foreach (var (id, acl) in state.Acls)
            yield return acl.ToRecord(id);
        foreach (var (user, credential) in state.ScramCredentials)
            yield return credential.ToRecord(user);
        foreach (var (id, token) in state.DelegationTokens)
            yield return token.ToRecord(id);
        if (state.ZkMigrationState != 0)
            yield return new ZkMigrationStateRecord { ZkMigrationState = state.ZkMigrationState };
    }
}
