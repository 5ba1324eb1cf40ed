using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Replaces all configs of resources (KIP-133); clients should prefer to alter single ones.</summary>
public sealed class AlterConfigsApi(Broker broker) : IApiHandler<AlterConfigsRequest, AlterConfigsResponse>
{
    /// <inheritdoc/>
    public Pending<AlterConfigsResponse> Handle(RequestContext context, AlterConfigsRequest request) =>
        Pending<AlterConfigsResponse>.InOrder(AnswerAsync(request));

    private async Task<AlterConfigsResponse?> AnswerAsync(AlterConfigsRequest request) => await broker.ChangeAsync(
        state => AlterConfigs.Decide(state, request, broker.Configs),
        () => AlterConfigs.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
