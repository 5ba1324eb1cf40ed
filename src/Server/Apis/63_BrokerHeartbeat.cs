using Barnabas.Base;
using Barnabas.Server.Brokers;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Takes a broker's sign of life, and lets it in, out, or go (KIP-631, KIP-858).</summary>
public sealed class BrokerHeartbeatApi(Broker broker, ActiveController controller)
    : IApiHandler<BrokerHeartbeatRequest, BrokerHeartbeatResponse>
{
    /// <inheritdoc/>
    public Pending<BrokerHeartbeatResponse> Handle(RequestContext context, BrokerHeartbeatRequest request) =>
        Pending<BrokerHeartbeatResponse>.InOrder(AnswerAsync(request));

    private async Task<BrokerHeartbeatResponse?> AnswerAsync(BrokerHeartbeatRequest request) =>
        await broker.Controller.CommandAsync(
            state => controller.Hear(state, request),
            () => new BrokerHeartbeatResponse { ErrorCode = ErrorCode.NotController });
}
