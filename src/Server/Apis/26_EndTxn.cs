using Barnabas.Base;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Commits or aborts a transaction (KIP-98); from version 5 on every end gives the producer a new epoch
/// (KIP-890).</summary>
public sealed class EndTxnApi(Broker broker) : IApiHandler<EndTxnRequest, EndTxnResponse>
{
    private const int FirstVersionWithFenced = 2;
    private const int FirstBumpingVersion = 5;

    /// <inheritdoc/>
    public Pending<EndTxnResponse> Handle(RequestContext context, EndTxnRequest request) =>
        request.TransactionalId.Length == 0
            ? AnswerOf(context, ProducerAnswer.Refused(ErrorCode.InvalidRequest))
            : Pending<EndTxnResponse>.InOrder(AnswerAsync(context, request));

    private async Task<EndTxnResponse?> AnswerAsync(RequestContext context, EndTxnRequest request)
    {
        var version = context.Version >= FirstBumpingVersion ? TransactionRules.BumpingVersion : (short)0;
        return AnswerOf(context, await broker.Transactions.EndAsync(new(
            request.TransactionalId, new(request.ProducerId, request.ProducerEpoch), request.Committed, version)));
    }

    private static EndTxnResponse AnswerOf(RequestContext context, ProducerAnswer answer) => new()
    {
        ErrorCode = TransactionErrors.ForClient(answer.Error, context.Version >= FirstVersionWithFenced),
        ProducerId = answer.Identity.Id,
        ProducerEpoch = answer.Identity.Epoch,
    };
}
