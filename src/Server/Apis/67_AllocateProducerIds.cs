using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Gives a broker a block of producer ids nobody else gets (KIP-730).</summary>
public sealed class AllocateProducerIdsApi(Broker broker)
    : IApiHandler<AllocateProducerIdsRequest, AllocateProducerIdsResponse>
{
    /// <inheritdoc/>
    public Pending<AllocateProducerIdsResponse> Handle(RequestContext context, AllocateProducerIdsRequest request) =>
        Pending<AllocateProducerIdsResponse>.InOrder(AnswerAsync(request));

    private async Task<AllocateProducerIdsResponse?> AnswerAsync(AllocateProducerIdsRequest request) =>
        await broker.Controller.CommandAsync(
            state => AllocateProducerIds.Decide(state, request),
            () => new AllocateProducerIdsResponse { ErrorCode = ErrorCode.NotController });
}
