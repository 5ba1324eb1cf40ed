using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

public sealed partial record ClusterState
{
    /// <inheritdoc/>
    /// <remarks>A record that refers to what is not there changes nothing, and so does one of an unknown type: the
    /// decision that wrote it was checked against the same state, so neither happens in a log this product
    /// wrote.</remarks>
    public ClusterState Apply(ITypedRecord record) => record switch
    {
        TopicRecord topic => Apply(topic),
        PartitionRecord or PartitionChangeRecord => Apply([record]),
        RemoveTopicRecord removed => Apply(removed),
        ClearElrRecord cleared => Apply(cleared),
        ConfigRecord config => this with
        {
            Configs = Configs.With(config.ResourceOf(), config.Name, config.Value),
        },
        RegisterBrokerRecord broker => this with
        {
            Brokers = Brokers.With(broker.BrokerId, BrokerState.From(broker)),
        },
        UnregisterBrokerRecord broker => this with { Brokers = Brokers.Without(broker.BrokerId) },
        FenceBrokerRecord fence => WithBroker(fence.Id, broker => broker with { Fenced = true }),
        UnfenceBrokerRecord unfence => WithBroker(unfence.Id, broker => broker with { Fenced = false }),
        BrokerRegistrationChangeRecord change => WithBroker(change.BrokerId, broker => broker.With(change)),
        RegisterControllerRecord controller => this with
        {
            Controllers = Controllers.With(controller.ControllerId, ControllerState.From(controller)),
        },
        FeatureLevelRecord { FeatureLevel: 0 } feature => this with { Features = Features.Without(feature.Name) },
        FeatureLevelRecord feature => this with { Features = Features.With(feature.Name, feature.FeatureLevel) },
        ProducerIdsRecord ids => this with { NextProducerId = ids.NextProducerId },
        ZkMigrationStateRecord migration => this with { ZkMigrationState = migration.ZkMigrationState },
        BeginTransactionRecord => this with { BeforeTransaction = Visible },
        EndTransactionRecord => this with { BeforeTransaction = null },
        AbortTransactionRecord => Visible,
        _ => ApplyAccess(record),
    };

    private ClusterState ApplyAccess(ITypedRecord record) => record switch
    {
        AccessControlEntryRecord acl => this with { Acls = Acls.With(acl.Id, AclEntry.From(acl)) },
        RemoveAccessControlEntryRecord acl => this with { Acls = Acls.Without(acl.Id) },
        UserScramCredentialRecord scram => this with
        {
            ScramCredentials = ScramCredentials.With(
                new ScramUser(scram.Name, scram.Mechanism), ScramCredential.From(scram)),
        },
        RemoveUserScramCredentialRecord scram => this with
        {
            ScramCredentials = ScramCredentials.Without(new ScramUser(scram.Name, scram.Mechanism)),
        },
        DelegationTokenRecord token => this with
        {
            DelegationTokens = DelegationTokens.With(token.TokenId, DelegationToken.From(token)),
        },
        RemoveDelegationTokenRecord token => this with
        {
            DelegationTokens = DelegationTokens.Without(token.TokenId),
        },
        ClientQuotaRecord quota => Apply(quota),
        _ => this,
    };

    private ClusterState Apply(TopicRecord record)
    {
        var folded = TopicNames.Fold(record.Name);
        var colliding = CollidingNames.TryGetValue(folded, out var others) ? others : [];
        var known = Topics.TryGetValue(record.Name, out var before);
        return this with
        {
            Topics = Topics.With(record.Name, TopicState.Of(record.TopicId, record.Name)),
            TopicNamesById = (known ? TopicNamesById.Without(before!.Id) : TopicNamesById)
                .With(record.TopicId, record.Name),
            Index = known ? Index.Without(before!) : Index,
            CollidingNames = TopicNames.MayCollide(record.Name) && !colliding.Contains(record.Name)
                ? CollidingNames.With(folded, colliding.Add(record.Name))
                : CollidingNames,
        };
    }

    private ClusterState Apply(RemoveTopicRecord record)
    {
        if (!TopicNamesById.TryGetValue(record.TopicId, out var name))
            return this;

        var folded = TopicNames.Fold(name);
        var colliding = CollidingNames.TryGetValue(folded, out var names) ? names.Remove(name) : [];
        return this with
        {
            Index = Index.Without(Topics[name]),
            Topics = Topics.Without(name),
            TopicNamesById = TopicNamesById.Without(record.TopicId),
            CollidingNames = colliding.IsEmpty
                ? CollidingNames.Without(folded)
                : CollidingNames.With(folded, colliding),
            Configs = Configs.Without(ConfigResource.Topic(name)),
        };
    }

    private ClusterState Apply(ClearElrRecord record)
    {
        if (record.TopicName.Length > 0)
            return Topics.TryGetValue(record.TopicName, out var one) ? WithTopic(one.Id, WithoutElr) : this;

        var state = this;
        foreach (var (_, topic) in Topics)
            state = state.WithTopic(topic.Id, WithoutElr);
        return state;
    }

    private static TopicState WithoutElr(TopicState topic)
    {
        var partitions = topic.Partitions.BeginEdit();
        foreach (var (index, partition) in topic.Partitions)
        {
            if (partition.Elr.IsEmpty && partition.LastKnownElr.IsEmpty)
                continue;
            partitions.Set(index, partition with
            {
                Elr = [],
                LastKnownElr = [],
                PartitionEpoch = partition.PartitionEpoch + 1,
            });
        }

        return topic with { Partitions = partitions.Done() };
    }

    private ClusterState Apply(ClientQuotaRecord record)
    {
        var entity = QuotaEntity.From(record);
        var before = ClientQuotas.TryGetValue(entity, out var quotas)
            ? quotas
            : PersistentMap<string, double>.Empty(StringComparer.Ordinal);
        var after = record.Remove ? before.Without(record.Key) : before.With(record.Key, record.Value);
        return this with
        {
            ClientQuotas = after.Count == 0 ? ClientQuotas.Without(entity) : ClientQuotas.With(entity, after),
        };
    }

    private ClusterState WithTopic(TopicId id, Func<TopicState, TopicState> change) =>
        TryGetTopic(id, out var topic) ? this with { Topics = Topics.With(topic.Name, change(topic)) } : this;

    private ClusterState WithBroker(BrokerId id, Func<BrokerState, BrokerState> change) =>
        Brokers.TryGetValue(id, out var broker) ? this with { Brokers = Brokers.With(id, change(broker)) } : this;
}
