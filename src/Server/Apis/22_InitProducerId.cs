using Barnabas.Base;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Gives an idempotent or transactional producer its identity (KIP-98, KIP-360).</summary>
public sealed class InitProducerIdApi(Broker broker) : IApiHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    private const int FirstVersionWithFenced = 4;

    /// <inheritdoc/>
    public Pending<InitProducerIdResponse> Handle(RequestContext context, InitProducerIdRequest request)
    {
        var hasId = request.ProducerId != ProducerId.None;
        if (request.TransactionalId?.Length == 0 || hasId != (request.ProducerEpoch != -1))
            return AnswerOf(context, ProducerAnswer.Refused(ErrorCode.InvalidRequest));
        return Pending<InitProducerIdResponse>.InOrder(AnswerAsync(context, request));
    }

    private async Task<InitProducerIdResponse?> AnswerAsync(RequestContext context, InitProducerIdRequest request) =>
        AnswerOf(context, request.TransactionalId is { } id
            ? await broker.Transactions.InitProducerIdAsync(new(id, request.TransactionTimeoutMs, Expected(request)))
            : await NewAsync());

    // Without a transactional id there is nothing to fence: whatever identity the producer had, it gets a new one.
    private async Task<ProducerAnswer> NewAsync() => await broker.ProducerIds.NextAsync() is { } id
        ? new(ErrorCode.None, new(id, 0))
        : ProducerAnswer.Refused(ErrorCode.CoordinatorLoadInProgress);

    private static ProducerIdentity? Expected(InitProducerIdRequest request) =>
        request.ProducerId == ProducerId.None ? null : new(request.ProducerId, request.ProducerEpoch);

    private static InitProducerIdResponse AnswerOf(RequestContext context, ProducerAnswer answer) => new()
    {
        ErrorCode = TransactionErrors.ForClient(answer.Error, context.Version >= FirstVersionWithFenced),
        ProducerId = answer.Identity.Id,
        ProducerEpoch = answer.Identity.Epoch,
    };
}
