using Barnabas.Base;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;
using Described = Barnabas.Wire.Messages.DescribeTransactionsResponse.TransactionStateData;

namespace Barnabas.Server.Apis;

/// <summary>Shows the transactions of transactional ids (KIP-664).</summary>
public sealed class DescribeTransactionsApi(Broker broker)
    : IApiHandler<DescribeTransactionsRequest, DescribeTransactionsResponse>
{
    /// <inheritdoc/>
    public Pending<DescribeTransactionsResponse> Handle(
        RequestContext context, DescribeTransactionsRequest request) => new DescribeTransactionsResponse
        {
            // An id costs a few bytes to ask for and may cost many to show: once each is enough.
            TransactionStates = [.. request.TransactionalIds.Distinct(StringComparer.Ordinal).Select(Describe)],
        };

    private Described Describe(string id)
    {
        if (id.Length == 0)
            return Failed(id, ErrorCode.InvalidRequest);
        var shard = broker.Transactions.Find(id);
        var error = shard?.Check() ?? ErrorCode.NotCoordinator;
        if (error != ErrorCode.None)
            return Failed(id, error);
        return shard!.Committed.Find(id) is { } transaction
            ? Describe(transaction)
            : Failed(id, ErrorCode.TransactionalIdNotFound);
    }

    private static Described Describe(Transaction transaction) => new()
    {
        TransactionalId = transaction.Id,
        TransactionState = transaction.Status.Name(),
        TransactionTimeoutMs = transaction.TimeoutMs,
        TransactionStartTimeMs = transaction.Started,
        ProducerId = transaction.ProducerId,
        ProducerEpoch = transaction.Epoch,
        Topics = [.. transaction.Partitions.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
            topic => new DescribeTransactionsResponse.TopicData
            {
                Topic = topic.Key,
                Partitions = [.. topic.Select(p => p.Index)],
            })],
    };

    private static Described Failed(string id, ErrorCode error) => new() { TransactionalId = id, ErrorCode = error };
}
