using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Deletes topics by name or id (KIP-4, KIP-516, KIP-599).</summary>
public sealed class DeleteTopicsApi(Broker broker) : IApiHandler<DeleteTopicsRequest, DeleteTopicsResponse>
{
    private const short FirstVersionWithQuotaError = 5;

    /// <inheritdoc/>
    public Pending<DeleteTopicsResponse> Handle(RequestContext context, DeleteTopicsRequest request) =>
        broker.Config.DeletesTopics
            ? Pending<DeleteTopicsResponse>.InOrder(AnswerAsync(context, request))
            : DeleteTopics.Disabled(request, context.Version);

    private Task<DeleteTopicsResponse?> AnswerAsync(RequestContext context, DeleteTopicsRequest request) =>
        broker.ChangeAsync(
            context, FirstVersionWithQuotaError,
            (state, budget) => DeleteTopics.Decide(state, request, budget),
            () => DeleteTopics.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
