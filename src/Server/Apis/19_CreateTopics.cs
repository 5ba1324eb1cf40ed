using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Creates topics (KIP-4, KIP-464, KIP-516, KIP-525).</summary>
public sealed class CreateTopicsApi(Broker broker) : IApiHandler<CreateTopicsRequest, CreateTopicsResponse>
{
    /// <inheritdoc/>
    public Pending<CreateTopicsResponse> Handle(RequestContext context, CreateTopicsRequest request) =>
        Pending<CreateTopicsResponse>.InOrder(AnswerAsync(request));

    private async Task<CreateTopicsResponse?> AnswerAsync(CreateTopicsRequest request) => await broker.ChangeAsync(
        state => CreateTopics.Decide(state, request, broker.TopicRules),
        () => CreateTopics.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
