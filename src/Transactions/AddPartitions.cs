using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>Adds partitions to a transaction, which begins with the first of them, or only asks whether they are in it
/// (KIP-98, KIP-890).</summary>
/// <param name="TransactionalId">The transactional id; not empty.</param>
/// <param name="Producer">By which identity its producer writes.</param>
/// <param name="Partitions">The partitions; they exist.</param>
/// <param name="ClientVersion">The <c>transaction.version</c> the client goes by.</param>
public sealed record AddPartitions(
    string TransactionalId, ProducerIdentity Producer, IReadOnlyList<TransactionPartition> Partitions,
    short ClientVersion)
{
    /// <summary>Decides to add all of them.</summary>
    /// <returns>None; INVALID_PRODUCER_ID_MAPPING; PRODUCER_FENCED; CONCURRENT_TRANSACTIONS while the transaction
    /// before is being ended.</returns>
    public Decision<ErrorCode, TransactionRecord> Decide(TransactionsState state, TransactionRules rules)
    {
        if (state.Find(TransactionalId) is not { } known)
            return ErrorCode.InvalidProducerIdMapping;
        // Before the identity: a producer whose epochs are used up may know its next id already.
        if (known.Status.IsPrepared())
            return ErrorCode.ConcurrentTransactions;
        if (Check(known) is not ErrorCode.None and var error)
            return error;
        var isOpen = known.Status == TransactionStatus.Ongoing;
        var partitions = isOpen ? known.Partitions.Union(Partitions) : [.. Partitions];
        if (isOpen && partitions.Count == known.Partitions.Count)
            return ErrorCode.None;
        var added = known.Become(TransactionStatus.Ongoing, rules.Now) with
        {
            Partitions = partitions,
            Started = isOpen ? known.Started : rules.Now,
            ClientVersion = ClientVersion,
        };
        return new(ErrorCode.None, [TransactionRecord.Of(added)]);
    }

    /// <summary>Says of each partition whether it is in the producer's transaction.</summary>
    /// <returns>An error for each, in order: None; TRANSACTION_ABORTABLE where it is not in it; for all of them
    /// INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, or CONCURRENT_TRANSACTIONS while the transaction is being
    /// ended.</returns>
    public Decision<IReadOnlyList<ErrorCode>, TransactionRecord> Verify(TransactionsState state)
    {
        var known = state.Find(TransactionalId);
        var error = known is null ? ErrorCode.InvalidProducerIdMapping : Check(known);
        if (error == ErrorCode.None && known!.Status.IsPrepared())
            error = ErrorCode.ConcurrentTransactions;
        return new([.. Partitions.Select(Of)], []);

        ErrorCode Of(TransactionPartition partition) =>
            error != ErrorCode.None ? error
            : known!.Partitions.Contains(partition) ? ErrorCode.None
            : ErrorCode.TransactionAbortable;
    }

    private ErrorCode Check(Transaction known)
    {
        if (known.ProducerId != Producer.Id)
            return ErrorCode.InvalidProducerIdMapping;
        return known.IsHeldBy(Producer) ? ErrorCode.None : ErrorCode.ProducerFenced;
    }
}
