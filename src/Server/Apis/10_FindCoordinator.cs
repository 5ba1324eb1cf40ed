using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;
using Coordinator = Barnabas.Wire.Messages.FindCoordinatorResponse.Coordinator;

namespace Barnabas.Server.Apis;

/// <summary>Says which broker coordinates a group, a transaction or a share partition (KIP-98, KIP-699,
/// KIP-932).</summary>
/// <remarks>Groups are coordinated by the leaders of their partitions of <c>__consumer_offsets</c>, transactional ids
/// by those of <c>__transaction_state</c>; both topics are made when first asked for. Nobody coordinates share
/// partitions yet: they are answered with COORDINATOR_NOT_AVAILABLE, on which clients ask again.</remarks>
public sealed class FindCoordinatorApi(Broker broker) : IApiHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    private const int FirstBatchedVersion = 4;
    private const int FirstShareVersion = 6;
    private const sbyte Group = 0;
    private const sbyte Transaction = 1;
    private const sbyte Share = 2;

    /// <inheritdoc/>
    public Pending<FindCoordinatorResponse> Handle(RequestContext context, FindCoordinatorRequest request) =>
        TopicOf(request.KeyType) is { } topic && !broker.State.Topics.ContainsKey(topic)
            ? Pending<FindCoordinatorResponse>.InOrder(CreateAsync(topic, context, request))
            : Answer(context, request);

    private async Task<FindCoordinatorResponse?> CreateAsync(
        string topic, RequestContext context, FindCoordinatorRequest request)
    {
        await broker.EnsureTopicAsync(topic);
        return Answer(context, request);
    }

    private static string? TopicOf(sbyte keyType) => keyType switch
    {
        Group => TopicNames.ConsumerOffsets,
        Transaction => TopicNames.TransactionState,
        _ => null,
    };

    private FindCoordinatorResponse Answer(RequestContext context, FindCoordinatorRequest request)
    {
        var state = broker.State;
        if (context.Version >= FirstBatchedVersion)
        {
            var keys = request.CoordinatorKeys.Select(key => Find(state, context, request, key));
            return new() { Coordinators = [.. keys] };
        }

        var found = Find(state, context, request, request.Key);
        return new()
        {
            ErrorCode = found.ErrorCode,
            ErrorMessage = found.ErrorMessage,
            NodeId = found.NodeId,
            Host = found.Host,
            Port = found.Port,
        };
    }

    private static Coordinator Find(
        ClusterState state, RequestContext context, FindCoordinatorRequest request, string key)
    {
        var isKnown = request.KeyType is Group or Transaction
            || (request.KeyType == Share && context.Version >= FirstShareVersion);
        if (!isKnown)
            return Failed(key, ErrorCode.InvalidRequest);
        if (TopicOf(request.KeyType) is not { } name || !state.Topics.TryGetValue(name, out var topic))
            return Failed(key, ErrorCode.CoordinatorNotAvailable);

        var partition = topic.Partitions[CoordinatorPartition.Of(key, topic.Partitions.Count)];
        if (Broker.LeaderError(state, partition, context.Connection.Listener) != ErrorCode.None)
            return Failed(key, ErrorCode.CoordinatorNotAvailable);
        var endpoint = state.Brokers[partition.Leader].EndpointOf(context.Connection.Listener)!.Value;
        return new() { Key = key, NodeId = partition.Leader, Host = endpoint.Host, Port = endpoint.Port };
    }

    private static Coordinator Failed(string key, ErrorCode error) => new()
    {
        Key = key,
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
        NodeId = BrokerId.None,
        Port = -1,
    };
}
