using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Creates topics (KIP-4, KIP-464, KIP-516, KIP-525, KIP-599).</summary>
public sealed class CreateTopicsApi(Broker broker) : IApiHandler<CreateTopicsRequest, CreateTopicsResponse>
{
    private const short FirstVersionWithQuotaError = 6;

    /// <inheritdoc/>
    public Pending<CreateTopicsResponse> Handle(RequestContext context, CreateTopicsRequest request) =>
        Pending<CreateTopicsResponse>.InOrder(AnswerAsync(context, request));

    private Task<CreateTopicsResponse?> AnswerAsync(RequestContext context, CreateTopicsRequest request) =>
        broker.ChangeAsync(
            context, FirstVersionWithQuotaError,
            (state, budget) => CreateTopics.Decide(state, request, broker.TopicRules, budget),
            () => CreateTopics.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
