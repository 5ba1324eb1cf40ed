using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Says which brokers there are, which topics, and who leads their partitions (KIP-4, KIP-516,
/// KIP-1102).</summary>
public sealed class MetadataApi(Broker broker) : IApiHandler<MetadataRequest, MetadataResponse>
{
    /// <inheritdoc/>
    public Pending<MetadataResponse> Handle(RequestContext context, MetadataRequest request)
    {
        var missing = Missing(context, request);
        return missing.Count > 0
            ? Pending<MetadataResponse>.InOrder(CreateAsync(context, request, missing))
            : Answer(context, request, new Dictionary<string, ApiError>());
    }

    /// <summary>Topics asked for by name that are not there and may be made.</summary>
    private List<string> Missing(RequestContext context, MetadataRequest request)
    {
        if (!broker.Config.AutoCreateTopics || !request.AllowAutoTopicCreation || AsksForAll(context, request))
            return [];
        var state = broker.State;
        return [.. Asked(request).Select(t => t.Name).OfType<string>().Where(n => !state.Topics.ContainsKey(n))];
    }

    private async Task<MetadataResponse?> CreateAsync(
        RequestContext context, MetadataRequest request, List<string> missing)
    {
        return Answer(context, request, await broker.AutoCreateAsync(missing));
    }

    private MetadataResponse Answer(
        RequestContext context, MetadataRequest request, IReadOnlyDictionary<string, ApiError> created)
    {
        var state = broker.State;
        var response = new MetadataResponse
        {
            ClusterId = broker.ClusterId,
            ControllerId = Broker.ControllerFor(state, context.Connection.Listener),
            ClusterAuthorizedOperations =
                AuthorizedOperations.If(request.IncludeClusterAuthorizedOperations, AuthorizedOperations.OfCluster),
        };
        foreach (var (node, endpoint) in Broker.BrokersAt(state, context.Connection.Listener))
        {
            response.Brokers.Add(
                new() { NodeId = node.Id, Host = endpoint.Host, Port = endpoint.Port, Rack = node.Rack });
        }

        if (AsksForAll(context, request))
            response.Topics.AddRange(state.Topics.Select(topic => Describe(state, topic.Value, context, request)));
        else
            response.Topics.AddRange(Asked(request).Select(asked => Describe(state, asked, created, context, request)));
        return response;
    }

    // Who asks a thousand times for the same topic is answered once, as by Kafka.
    private static IEnumerable<MetadataRequest.MetadataRequestTopic> Asked(MetadataRequest request) =>
        (request.Topics ?? []).DistinctBy(topic => (topic.Name, topic.TopicId));

    // Version 0 has no null: there an empty list asks for every topic.
    private static bool AsksForAll(RequestContext context, MetadataRequest request) =>
        request.Topics is null || (context.Version == 0 && request.Topics.Count == 0);

    private MetadataResponse.MetadataResponseTopic Describe(
        ClusterState state, MetadataRequest.MetadataRequestTopic asked,
        IReadOnlyDictionary<string, ApiError> created, RequestContext context, MetadataRequest request)
    {
        var error = broker.Topics.FindTopic(asked.Name ?? "", asked.TopicId, out var topic);
        if (topic is not null)
            return Describe(state, topic, context, request);
        if (asked.TopicId == TopicId.None && TopicNames.Check(asked.Name ?? "") is not null)
            error = ErrorCode.InvalidTopicException;
        else if (asked.Name is not null && created.TryGetValue(asked.Name, out var outcome) && outcome.IsFailure)
            error = outcome.Code;
        // By id the name is unknown: null where the version can say so.
        var name = asked.TopicId != TopicId.None && context.Version >= 12 ? null : asked.Name ?? "";
        return new() { ErrorCode = error, Name = name, TopicId = asked.TopicId };
    }

    private static MetadataResponse.MetadataResponseTopic Describe(
        ClusterState state, TopicState topic, RequestContext context, MetadataRequest request)
    {
        var answer = new MetadataResponse.MetadataResponseTopic
        {
            Name = topic.Name,
            TopicId = topic.Id,
            IsInternal = topic.IsInternal,
            TopicAuthorizedOperations =
                AuthorizedOperations.If(request.IncludeTopicAuthorizedOperations, AuthorizedOperations.OfTopic),
        };
        foreach (var (index, partition) in topic.Partitions)
        {
            answer.Partitions.Add(new()
            {
                PartitionIndex = index,
                ErrorCode = Broker.LeaderError(state, partition, context.Connection.Listener),
                LeaderId = partition.Leader,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = [.. partition.Replicas],
                IsrNodes = [.. partition.Isr],
                OfflineReplicas = [.. partition.Replicas.Where(replica => !state.IsActive(replica))],
            });
        }

        return answer;
    }
}
