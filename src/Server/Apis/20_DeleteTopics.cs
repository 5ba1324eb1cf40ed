using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Deletes topics by name or id (KIP-4, KIP-516).</summary>
public sealed class DeleteTopicsApi(Broker broker) : IApiHandler<DeleteTopicsRequest, DeleteTopicsResponse>
{
    /// <inheritdoc/>
    public Pending<DeleteTopicsResponse> Handle(RequestContext context, DeleteTopicsRequest request) =>
        broker.Config.DeletesTopics
            ? Pending<DeleteTopicsResponse>.InOrder(AnswerAsync(request))
            : DeleteTopics.Disabled(request, context.Version);

    private async Task<DeleteTopicsResponse?> AnswerAsync(DeleteTopicsRequest request) => await broker.ChangeAsync(
        state => DeleteTopics.Decide(state, request),
        () => DeleteTopics.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
