using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>Takes note that all partitions know how a transaction ended.</summary>
public static class CompleteTransaction
{
    /// <summary>Decides.</summary>
    /// <param name="state">The shard.</param>
    /// <param name="prepared">The transaction, as its verdict was written.</param>
    /// <param name="now">The time, in ms since 1970.</param>
    /// <returns>True when it was completed just now, false where that is done.</returns>
    public static Decision<bool, TransactionRecord> Decide(
        TransactionsState state, Transaction prepared, long now)
    {
        if (state.Find(prepared.Id) is not { } known || !known.Status.IsPrepared()
            || known.Identity != prepared.Identity)
        {
            return false;
        }

        var completed = known.Become(
            known.IsCommit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort, now) with
        {
            NextProducerId = ProducerId.None,
            Partitions = [],
        };
        if (known.NextProducerId != ProducerId.None)
            completed = completed with { ProducerId = known.NextProducerId, Epoch = 0 };
        return new(true, [TransactionRecord.Of(completed)]);
    }
}
