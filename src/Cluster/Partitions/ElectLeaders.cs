using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using PartitionResult = Barnabas.Wire.Messages.ElectLeadersResponse.PartitionResult;
using TopicResult = Barnabas.Wire.Messages.ElectLeadersResponse.ReplicaElectionResult;

namespace Barnabas.Cluster;

/// <summary>Elects leaders because somebody asks: the preferred replica, or any that is alive (KIP-183,
/// KIP-460).</summary>
public static class ElectLeaders
{
    private const sbyte Preferred = 0;
    private const sbyte Unclean = 1;

    /// <summary>Decides on a request of any version. Where all partitions are meant, those that have the leader asked
    /// for are left out of the answer.</summary>
    /// <returns>A partition's error is ELECTION_NOT_NEEDED where it is led as asked for,
    /// PREFERRED_LEADER_NOT_AVAILABLE or ELIGIBLE_LEADERS_NOT_AVAILABLE where nobody can be elected.</returns>
    public static Decision<ElectLeadersResponse, ITypedRecord> Decide(
        ClusterState state, ElectLeadersRequest request, EffectiveConfigs configs)
    {
        if (request.ElectionType is not (Preferred or Unclean))
            return Refuse(request, new(ErrorCode.InvalidRequest, $"Unknown election type {request.ElectionType}"));

        var response = new ElectLeadersResponse();
        var records = new Dictionary<(string, int), ITypedRecord>();
        var rules = new LeadershipRules(state, configs);
        foreach (var (name, partitions) in Asked(state, request))
        {
            var result = new TopicResult { Topic = name };
            foreach (var index in partitions)
            {
                var (error, change) = records.ContainsKey((name, index))
                    ? (ApiError.Of(ErrorCode.ElectionNotNeeded), null)
                    : Elect(state, name, index, request.ElectionType, rules);
                if (change is not null)
                    records.Add((name, index), change);
                if (request.TopicPartitions is not null || error.Code != ErrorCode.ElectionNotNeeded)
                    result.PartitionResult.Add(Answer(index, error));
            }

            if (request.TopicPartitions is not null || result.PartitionResult.Count > 0)
                response.ReplicaElectionResults.Add(result);
        }

        return new(response, [.. records.Values]);
    }

    /// <summary>The answer that gives the request, and every partition it names, the same error.</summary>
    public static ElectLeadersResponse Refuse(ElectLeadersRequest request, ApiError error) => new()
    {
        ErrorCode = error.Code,
        ReplicaElectionResults = [.. (request.TopicPartitions ?? []).Select(topic => new TopicResult
        {
            Topic = topic.Topic,
            PartitionResult = [.. topic.Partitions.Select(index => Answer(index, error))],
        })],
    };

    private static IEnumerable<(string Topic, IEnumerable<int> Partitions)> Asked(
        ClusterState state, ElectLeadersRequest request) => request.TopicPartitions is { } named
            ? named.Select(topic => (topic.Topic, (IEnumerable<int>)topic.Partitions))
            : state.Topics.Select(topic => (topic.Key, topic.Value.Partitions.Select(partition => partition.Key)));

    private static (ApiError Error, PartitionChangeRecord? Change) Elect(
        ClusterState state, string name, int index, sbyte type, LeadershipRules rules)
    {
        if (!state.Topics.TryGetValue(name, out var topic))
            return (new(ErrorCode.UnknownTopicOrPartition, $"No such topic as {name}"), null);
        if (!topic.Partitions.TryGetValue(index, out var partition))
            return (new(ErrorCode.UnknownTopicOrPartition, $"No such partition as {name}-{index}"), null);
        var hasIt = type == Preferred
            ? partition.Leader == partition.Replicas[0]
            : partition.Leader != BrokerId.None;
        if (hasIt)
            return (ApiError.Of(ErrorCode.ElectionNotNeeded), null);

        var change = new PartitionChange(topic, index, rules)
        {
            Election = type == Preferred ? ElectionKind.Preferred : ElectionKind.Unclean,
        }.Build();
        if (change is not null && change.Leader != PartitionState.LeaderStays)
            return (ApiError.None, change);
        return (ApiError.Of(type == Preferred
            ? ErrorCode.PreferredLeaderNotAvailable
            : ErrorCode.EligibleLeadersNotAvailable), null);
    }

    private static PartitionResult Answer(int index, ApiError error) =>
        new() { PartitionId = index, ErrorCode = error.Code, ErrorMessage = error.Message };
}
