using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Asked = Barnabas.Wire.Messages.AlterPartitionRequest.PartitionData;
using Result = Barnabas.Wire.Messages.AlterPartitionResponse.PartitionData;

namespace Barnabas.Cluster;

/// <summary>A leader says who is in sync with it (KIP-497, KIP-841, KIP-903). A reassignment that waited for this ends
/// with it.</summary>
public static class AlterPartition
{
    // In place of a replica's broker epoch: the leader does not know it.
    private const long AnyEpoch = -1;

    /// <summary>Decides on a request of any version; each partition by itself.</summary>
    /// <returns>STALE_BROKER_EPOCH for a broker that registered anew. A partition's error is FENCED_LEADER_EPOCH for a
    /// leader of an earlier epoch, INVALID_UPDATE_VERSION where the partition changed meanwhile, NOT_CONTROLLER where
    /// the leader knows more than this controller, INELIGIBLE_REPLICA where a replica is fenced, stops or was
    /// restarted,
    /// INVALID_REQUEST for what makes no sense, and NEW_LEADER_ELECTED where the change was made and ended the leader's
    /// term.</returns>
    public static Decision<AlterPartitionResponse, ITypedRecord> Decide(
        ClusterState state, AlterPartitionRequest request, EffectiveConfigs configs)
    {
        var stale = FenceBroker.Check(state, request.BrokerId, request.BrokerEpoch);
        if (stale != ErrorCode.None && !configs.Has(PlantedBug.StaleBrokerHeard))
            return Refuse(stale);

        var response = new AlterPartitionResponse();
        var changes = new Dictionary<(TopicId, int), ITypedRecord>();
        foreach (var asked in request.Topics)
        {
            var results = new AlterPartitionResponse.TopicData { TopicId = asked.TopicId };
            foreach (var partition in asked.Partitions)
            {
                var key = (asked.TopicId, partition.PartitionIndex);
                var error = changes.ContainsKey(key)
                    ? ErrorCode.InvalidUpdateVersion
                    : Check(state, asked.TopicId, request.BrokerId, partition, configs);
                if (error != ErrorCode.None)
                {
                    results.Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, ErrorCode = error });
                    continue;
                }

                var (result, change) = Change(state, asked.TopicId, partition, configs);
                results.Partitions.Add(result);
                if (change is not null)
                    changes.Add(key, change);
            }

            response.Topics.Add(results);
        }

        return new(response, [.. changes.Values]);
    }

    /// <summary>The answer that refuses the whole request.</summary>
    public static AlterPartitionResponse Refuse(ErrorCode error) => new() { ErrorCode = error };

    private static ErrorCode Check(
        ClusterState state, TopicId id, BrokerId broker, Asked asked, EffectiveConfigs configs)
    {
        if (!state.TryGetTopic(id, out var topic))
            return ErrorCode.UnknownTopicId;
        if (!topic.Partitions.TryGetValue(asked.PartitionIndex, out var partition))
            return ErrorCode.UnknownTopicOrPartition;

        // The leader heard of these epochs from a controller that came after this one.
        if (asked.LeaderEpoch.Value > partition.LeaderEpoch.Value || asked.PartitionEpoch > partition.PartitionEpoch)
            return ErrorCode.NotController;
        if (asked.LeaderEpoch.Value < partition.LeaderEpoch.Value && !configs.Has(PlantedBug.StaleLeaderHeard))
            return ErrorCode.FencedLeaderEpoch;
        if (broker != partition.Leader && !configs.Has(PlantedBug.StaleLeaderHeard))
            return ErrorCode.InvalidRequest;
        if (asked.PartitionEpoch < partition.PartitionEpoch && !configs.Has(PlantedBug.StaleIsrTaken))
            return ErrorCode.InvalidUpdateVersion;
        if (!MakesSense(partition, asked))
            return ErrorCode.InvalidRequest;
        return asked.NewIsr.All(replica => IsEligible(state, replica, AnyEpoch))
            && asked.NewIsrWithEpochs.All(replica => IsEligible(
                state, replica.BrokerId,
                configs.Has(PlantedBug.RestartedReplicaInSync) ? AnyEpoch : replica.BrokerEpoch))
            ? ErrorCode.None
            : ErrorCode.IneligibleReplica;
    }

    private static bool MakesSense(PartitionState partition, Asked asked)
    {
        var isr = IsrOf(asked);
        return isr.Contains(partition.Leader)
            && isr.All(partition.Replicas.Contains)
            && isr.Distinct().Count() == isr.Length
            && (LeaderRecoveryState)asked.LeaderRecoveryState switch
            {
                LeaderRecoveryState.Recovered => true,
                // Nobody can be in sync with a leader that does not know yet what it lost.
                LeaderRecoveryState.Recovering =>
                    isr.Length == 1 && partition.RecoveryState == LeaderRecoveryState.Recovering,
                _ => false,
            };
    }

    private static bool IsEligible(ClusterState state, BrokerId replica, long epoch) =>
        state.Brokers.TryGetValue(replica, out var registration)
        && registration.IsActive
        && (epoch == AnyEpoch || registration.Epoch == epoch);

    private static (Result Result, PartitionChangeRecord? Change) Change(
        ClusterState state, TopicId id, Asked asked, EffectiveConfigs configs)
    {
        var topic = state.Topics[state.TopicNamesById[id]];
        var before = topic.Partitions[asked.PartitionIndex];
        var change = new PartitionChange(topic, asked.PartitionIndex, new(state, configs))
        {
            Isr = IsrOf(asked),
            RecoveryState = (LeaderRecoveryState)asked.LeaderRecoveryState,
        }.Build();
        var after = change is null ? before : before.With(change);

        // The end of a reassignment can take the leader's replica away.
        return (after.Leader == before.Leader
            ? new()
            {
                PartitionIndex = asked.PartitionIndex,
                LeaderId = after.Leader,
                LeaderEpoch = after.LeaderEpoch,
                Isr = [.. after.Isr],
                LeaderRecoveryState = (sbyte)after.RecoveryState,
                PartitionEpoch = after.PartitionEpoch,
            }
            : new() { PartitionIndex = asked.PartitionIndex, ErrorCode = ErrorCode.NewLeaderElected }, change);
    }

    private static ImmutableArray<BrokerId> IsrOf(Asked asked) =>
        [.. asked.NewIsr, .. asked.NewIsrWithEpochs.Select(replica => replica.BrokerId)];
}
