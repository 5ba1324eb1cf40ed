using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Asked = Barnabas.Wire.Messages.AlterPartitionReassignmentsRequest.ReassignablePartition;
using PartitionResult = Barnabas.Wire.Messages.AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;
using TopicResult = Barnabas.Wire.Messages.AlterPartitionReassignmentsResponse.ReassignableTopicResponse;

namespace Barnabas.Cluster;

/// <summary>Has partitions move to other brokers, or stops such moves (KIP-455, KIP-860).</summary>
/// <remarks>A move begins with a record that adds the new replicas, and ends with the one by which they are all in
/// sync: see <see cref="AlterPartition"/>. One that only takes replicas away, or puts them in another order, is done
/// at once.</remarks>
public static class AlterPartitionReassignments
{
    /// <summary>Decides on a request of any version; each partition by itself.</summary>
    /// <returns>A partition's error is INVALID_REPLICA_ASSIGNMENT for brokers that are not registered or are named
    /// twice, and for a cancellation that would lose records; INVALID_REPLICATION_FACTOR for another number of replicas
    /// where the request forbids it; NO_REASSIGNMENT_IN_PROGRESS where there is nothing to cancel.</returns>
    public static Decision<AlterPartitionReassignmentsResponse, ITypedRecord> Decide(
        ClusterState state, AlterPartitionReassignmentsRequest request, EffectiveConfigs configs)
    {
        var response = new AlterPartitionReassignmentsResponse
        {
            AllowReplicationFactorChange = request.AllowReplicationFactorChange,
            ErrorMessage = null,
        };
        var changes = new Dictionary<(string, int), ITypedRecord>();
        var rules = new LeadershipRules(state, configs);
        foreach (var topic in request.Topics)
        {
            var result = new TopicResult { Name = topic.Name };
            foreach (var asked in topic.Partitions)
            {
                var key = (topic.Name, asked.PartitionIndex);
                var (error, change) = changes.ContainsKey(key)
                    ? (new(ErrorCode.InvalidRequest, "The partition is named more than once."), null)
                    : Reassign(state, topic.Name, asked, request.AllowReplicationFactorChange, rules);
                if (change is not null)
                    changes.Add(key, change);
                result.Partitions.Add(Answer(asked.PartitionIndex, error));
            }

            response.Responses.Add(result);
        }

        return new(response, [.. changes.Values]);
    }

    /// <summary>The answer that refuses the whole request.</summary>
    public static AlterPartitionReassignmentsResponse Refuse(
        AlterPartitionReassignmentsRequest request, ApiError error) => new()
        {
            AllowReplicationFactorChange = request.AllowReplicationFactorChange,
            ErrorCode = error.Code,
            ErrorMessage = error.Message,
        };

    private static (ApiError Error, PartitionChangeRecord? Change) Reassign(
        ClusterState state, string name, Asked asked, bool mayResize, LeadershipRules rules)
    {
        if (!state.Topics.TryGetValue(name, out var topic))
            return (new(ErrorCode.UnknownTopicOrPartition, $"Unable to find a topic named {name}."), null);
        var index = asked.PartitionIndex;
        if (!topic.Partitions.TryGetValue(index, out var partition))
            return (new(ErrorCode.UnknownTopicOrPartition, $"Unable to find partition {name}:{index}."), null);
        if (asked.Replicas is not { } wanted)
            return Cancel(topic, index, partition, rules);

        var error = Assignment.Check(state, wanted, replicationFactor: null);
        var current = Reassignment.Of(partition);
        if (!error.IsFailure && !mayResize && current.Goal.Length != wanted.Count)
        {
            error = new(
                ErrorCode.InvalidReplicationFactor,
                $"The replication factor is changed from {current.Goal.Length} to {wanted.Count}");
        }

        if (error.IsFailure)
            return (error, null);
        return (ApiError.None, new PartitionChange(topic, index, rules)
        {
            Target = current.To([.. wanted], partition.Isr),
        }.Build());
    }

    private static (ApiError Error, PartitionChangeRecord? Change) Cancel(
        TopicState topic, int index, PartitionState partition, LeadershipRules rules)
    {
        if (!partition.IsReassigning)
            return (ApiError.Of(ErrorCode.NoReassignmentInProgress), null);
        var original = Reassignment.Of(partition).Original;
        var isClean = partition.Isr.Any(original.Contains);
        var canBeUnclean = rules.AllowsUnclean(topic.Name)
            && original.Any(replica => rules.MayLead(partition, replica));
        if (!isClean && !canBeUnclean)
        {
            return (Assignment.Invalid(
                $"Unable to revert partition assignment for {topic.Name}:{index} because it would require an unclean "
                + "leader election."), null);
        }

        return (ApiError.None, new PartitionChange(topic, index, rules)
        {
            Target = new(original, [], []),
            Isr = [.. partition.Isr.Where(original.Contains)],
        }.Build());
    }

    private static PartitionResult Answer(int index, ApiError error) =>
        new() { PartitionIndex = index, ErrorCode = error.Code, ErrorMessage = error.Message };
}
