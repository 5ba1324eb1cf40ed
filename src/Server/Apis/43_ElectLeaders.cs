using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Elects leaders: the preferred replica, or any that is alive (KIP-183, KIP-460).</summary>
public sealed class ElectLeadersApi(Broker broker) : IApiHandler<ElectLeadersRequest, ElectLeadersResponse>
{
    /// <inheritdoc/>
    public Pending<ElectLeadersResponse> Handle(RequestContext context, ElectLeadersRequest request) =>
        Pending<ElectLeadersResponse>.InOrder(AnswerAsync(request));

    private async Task<ElectLeadersResponse?> AnswerAsync(ElectLeadersRequest request) => await broker.ChangeAsync(
        state => ElectLeaders.Decide(state, request, broker.Configs),
        () => ElectLeaders.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
