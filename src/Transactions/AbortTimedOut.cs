using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>Aborts transactions that have been open longer than their producers allowed.</summary>
public static class AbortTimedOut
{
    /// <summary>How many are aborted at a time: a decision is one batch.</summary>
    public const int Most = 100;

    /// <summary>Decides.</summary>
    /// <returns>How many were aborted: <see cref="Most"/> where there may be more.</returns>
    public static Decision<int, TransactionRecord> Decide(TransactionsState state, TransactionRules rules)
    {
        var aborted = (
            from entry in state.Transactions
            where IsOverdue(entry.Value, rules.Now)
            select Fence.Abort(entry.Value, rules)).Take(Most).ToList();
        return new(
            aborted.Count, [.. aborted.Select(TransactionRecord.Of)], [.. aborted.Select(t => new SendMarkers(t))]);
    }

    private static bool IsOverdue(Transaction transaction, long now) =>
        transaction.Status == TransactionStatus.Ongoing
        && transaction.TimeoutMs != Transaction.NoTimeout
        && transaction.Started + transaction.TimeoutMs < now;
}
