using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Names = Barnabas.Cluster.Configs.TopicConfigNames;

namespace Barnabas.Cluster;

/// <summary>What changes of <c>min.insync.replicas</c> mean where eligible replicas are known (KIP-966). Whether a
/// replica out of sync holds everything committed depends on that value, so it has to be the same for every
/// controller.</summary>
internal static class MinInSyncChanges
{
    /// <summary>Success, or why a resource's value cannot be changed like this.</summary>
    public static ApiError Check(ClusterState state, ConfigResource resource, ConfigAlteration alteration)
    {
        if (!state.TracksEligible || resource.Type != ConfigResourceType.Broker || Of(alteration) is not { } change)
            return ApiError.None;
        if (resource != ConfigResource.AllBrokers)
        {
            return new(
                ErrorCode.InvalidConfig,
                $"Broker-level {Names.MinInsyncReplicas} cannot be altered while ELR is enabled.");
        }

        return change.Value is null
            ? new(
                ErrorCode.InvalidConfig,
                $"Cluster-level {Names.MinInsyncReplicas} cannot be removed while ELR is enabled.")
            : ApiError.None;
    }

    /// <summary>The record by which partitions forget who is eligible, where a change bears on that; else
    /// none.</summary>
    public static IEnumerable<ITypedRecord> RecordsOf(
        ClusterState state, ConfigResource resource, ConfigAlteration alteration)
    {
        var bears = state.TracksEligible
            && (resource.Type == ConfigResourceType.Topic || resource == ConfigResource.AllBrokers)
            && Of(alteration) is not null;
        return bears ? [new ClearElrRecord { TopicName = resource.Name }] : [];
    }

    /// <summary>The records that give all controllers the same value, for when the eligible become known: this one's
    /// for the whole cluster where it has none, and none for single brokers.</summary>
    public static IEnumerable<ITypedRecord> Unify(ClusterState state, EffectiveConfigs configs)
    {
        var all = ConfigResource.AllBrokers;
        if (!state.Configs[all].ContainsKey(Names.MinInsyncReplicas))
        {
            yield return ConfigRecords.Record(
                all, Names.MinInsyncReplicas, configs.Inherited(state.Configs, all)(Names.MinInsyncReplicas));
        }

        foreach (var (resource, values) in state.Configs.All)
        {
            var isBroker = resource.Type == ConfigResourceType.Broker && resource != all;
            if (isBroker && values.ContainsKey(Names.MinInsyncReplicas))
                yield return ConfigRecords.Record(resource, Names.MinInsyncReplicas, null);
        }
    }

    private static ConfigChange? Of(ConfigAlteration alteration)
    {
        foreach (var change in alteration.Changes)
        {
            if (change.Name == Names.MinInsyncReplicas)
                return change;
        }

        return null;
    }
}
