using Barnabas.Base;
using Barnabas.Server.Brokers;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Registers a broker, which is fenced at first (KIP-631).</summary>
public sealed class BrokerRegistrationApi(Broker broker, ActiveController controller)
    : IApiHandler<BrokerRegistrationRequest, BrokerRegistrationResponse>
{
    /// <inheritdoc/>
    public Pending<BrokerRegistrationResponse> Handle(RequestContext context, BrokerRegistrationRequest request) =>
        Pending<BrokerRegistrationResponse>.InOrder(AnswerAsync(request));

    private async Task<BrokerRegistrationResponse?> AnswerAsync(BrokerRegistrationRequest request) =>
        await broker.Controller.CommandAsync(
            state => controller.Register(state, request),
            () => new BrokerRegistrationResponse { ErrorCode = ErrorCode.NotController });
}
