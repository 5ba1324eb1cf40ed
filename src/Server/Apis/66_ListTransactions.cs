using Barnabas.Base;
using Barnabas.Groups.Consumer;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Lists the transactions this broker coordinates (KIP-664), of what is asked for: by state, by producer, by
/// how long ago they began (KIP-994), by the transactional id (KIP-1152).</summary>
public sealed class ListTransactionsApi(Broker broker)
    : IApiHandler<ListTransactionsRequest, ListTransactionsResponse>
{
    /// <inheritdoc/>
    public Pending<ListTransactionsResponse> Handle(RequestContext context, ListTransactionsRequest request)
    {
        TopicPattern? pattern = null;
        if (!string.IsNullOrEmpty(request.TransactionalIdPattern)
            && !TopicPattern.TryRead(request.TransactionalIdPattern, out pattern, out _))
        {
            return Failed(ErrorCode.InvalidRegularExpression);
        }

        if (broker.Transactions.Shards.Any(shard => shard.Check() == ErrorCode.CoordinatorLoadInProgress))
            return Failed(ErrorCode.CoordinatorLoadInProgress);
        var states = request.StateFilters.ToLookup(name => TransactionStatusExtensions.Find(name) is not null);
        var now = broker.Transactions.Rules.Now;
        return new ListTransactionsResponse
        {
            UnknownStateFilters = [.. states[false]],
            TransactionStates = [.. Known().Where(Wants).Select(t => new ListTransactionsResponse.TransactionStateData
            {
                TransactionalId = t.Id,
                ProducerId = t.ProducerId,
                TransactionState = t.Status.Name(),
            })],
        };

        bool Wants(Transaction transaction) =>
            (request.StateFilters.Count == 0 || states[true].Contains(transaction.Status.Name()))
            && (request.ProducerIdFilters.Count == 0 || request.ProducerIdFilters.Contains(transaction.ProducerId))
            && (request.DurationFilter < 0 || now - transaction.Started > request.DurationFilter)
            && pattern?.IsMatch(transaction.Id) != false;
    }

    private IEnumerable<Transaction> Known() =>
        from shard in broker.Transactions.Shards
        where shard.Check() == ErrorCode.None
        from entry in shard.Committed.Transactions
        select entry.Value;

    private static ListTransactionsResponse Failed(ErrorCode error) => new() { ErrorCode = error };
}
