using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Sets, deletes, appends to and subtracts from single configs (KIP-339).</summary>
public sealed class IncrementalAlterConfigsApi(Broker broker) : IApiHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    /// <inheritdoc/>
    public Pending<IncrementalAlterConfigsResponse> Handle(RequestContext context, IncrementalAlterConfigsRequest request) =>
        Pending<IncrementalAlterConfigsResponse>.InOrder(AnswerAsync(request));

    private async Task<IncrementalAlterConfigsResponse?> AnswerAsync(IncrementalAlterConfigsRequest request) => await broker.ChangeAsync(
        state => IncrementalAlterConfigs.Decide(state, request, broker.Configs),
        () => IncrementalAlterConfigs.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
