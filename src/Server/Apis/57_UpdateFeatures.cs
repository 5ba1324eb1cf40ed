using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Raises and lowers the levels of features in force in the cluster (KIP-584, KIP-778).</summary>
public sealed class UpdateFeaturesApi(Broker broker) : IApiHandler<UpdateFeaturesRequest, UpdateFeaturesResponse>
{
    /// <inheritdoc/>
    public Pending<UpdateFeaturesResponse> Handle(RequestContext context, UpdateFeaturesRequest request) =>
        Pending<UpdateFeaturesResponse>.InOrder(AnswerAsync(request));

    private async Task<UpdateFeaturesResponse?> AnswerAsync(UpdateFeaturesRequest request) => await broker.ChangeAsync(
        state => UpdateFeatures.Decide(state, request, broker.Features, broker.Configs),
        () => UpdateFeatures.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
