using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Forgets a broker that will not come back (KIP-631).</summary>
public sealed class UnregisterBrokerApi(Broker broker) : IApiHandler<UnregisterBrokerRequest, UnregisterBrokerResponse>
{
    /// <inheritdoc/>
    public Pending<UnregisterBrokerResponse> Handle(RequestContext context, UnregisterBrokerRequest request) =>
        Pending<UnregisterBrokerResponse>.InOrder(AnswerAsync(request));

    private async Task<UnregisterBrokerResponse?> AnswerAsync(UnregisterBrokerRequest request) =>
        await broker.ChangeAsync(
            state => UnregisterBroker.Decide(state, request, broker.Configs),
            () => UnregisterBroker.Refuse(ApiError.Of(ErrorCode.NotController)));
}
