using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Says which metrics a client should push (KIP-714).</summary>
public sealed class GetTelemetrySubscriptionsApi(Broker broker)
    : IApiHandler<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse>
{
    /// <inheritdoc/>
    public Pending<GetTelemetrySubscriptionsResponse> Handle(
        RequestContext context, GetTelemetrySubscriptionsRequest request) =>
        Pending<GetTelemetrySubscriptionsResponse>.InOrder(AnswerAsync(context, request));

    private async Task<GetTelemetrySubscriptionsResponse?> AnswerAsync(
        RequestContext context, GetTelemetrySubscriptionsRequest request) =>
        await broker.Telemetry.SubscribeAsync(context, request);
}
