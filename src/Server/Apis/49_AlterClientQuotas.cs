using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Sets and removes client quotas (KIP-546, KIP-612).</summary>
public sealed class AlterClientQuotasApi(Broker broker)
    : IApiHandler<AlterClientQuotasRequest, AlterClientQuotasResponse>
{
    /// <inheritdoc/>
    public Pending<AlterClientQuotasResponse> Handle(RequestContext context, AlterClientQuotasRequest request) =>
        Pending<AlterClientQuotasResponse>.InOrder(AnswerAsync(request));

    private async Task<AlterClientQuotasResponse?> AnswerAsync(AlterClientQuotasRequest request) =>
        await broker.ChangeAsync(
            state => AlterClientQuotas.Decide(state, request),
            () => AlterClientQuotas.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
