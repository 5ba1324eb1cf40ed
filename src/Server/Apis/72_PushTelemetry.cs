using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Takes the metrics a client pushes (KIP-714).</summary>
public sealed class PushTelemetryApi(Broker broker) : IApiHandler<PushTelemetryRequest, PushTelemetryResponse>
{
    /// <inheritdoc/>
    public Pending<PushTelemetryResponse> Handle(RequestContext context, PushTelemetryRequest request) =>
        Pending<PushTelemetryResponse>.InOrder(AnswerAsync(context, request));

    private async Task<PushTelemetryResponse?> AnswerAsync(RequestContext context, PushTelemetryRequest request) =>
        await broker.Telemetry.PushAsync(context, request);
}
