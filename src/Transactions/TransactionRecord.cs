namespace Barnabas.Transactions;

/// <summary>A record of <c>__transaction_state</c>: what a transactional id is from now on.</summary>
/// <param name="TransactionalId">The id.</param>
/// <param name="After">All there is to know of it; null for a tombstone.</param>
public sealed record TransactionRecord(string TransactionalId, Transaction? After)
{
    /// <summary>The record that makes this a transactional id's state.</summary>
    public static TransactionRecord Of(Transaction after) => new(after.Id, after);
}
