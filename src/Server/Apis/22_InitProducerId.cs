using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Gives an idempotent producer its identity (KIP-98, KIP-360).</summary>
public sealed class InitProducerIdApi(ProducerIds ids) : IApiHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    /// <inheritdoc/>
    public Pending<InitProducerIdResponse> Handle(RequestContext context, InitProducerIdRequest request)
    {
        // Transactional producers belong to a coordinator, which FindCoordinator says does not run here yet.
        if (request.TransactionalId is not null)
        {
            return Refused(request.TransactionalId.Length == 0
                ? ErrorCode.InvalidRequest
                : ErrorCode.CoordinatorNotAvailable);
        }

        return Pending<InitProducerIdResponse>.InOrder(AnswerAsync());
    }

    // Without a transactional id there is nothing to fence: whatever identity the producer had, it gets a new one.
    private async Task<InitProducerIdResponse?> AnswerAsync() => await ids.NextAsync() is { } id
        ? new() { ProducerId = id, ProducerEpoch = 0 }
        : Refused(ErrorCode.CoordinatorLoadInProgress);

    private static InitProducerIdResponse Refused(ErrorCode error) =>
        new() { ErrorCode = error, ProducerId = ProducerId.None, ProducerEpoch = -1 };
}
