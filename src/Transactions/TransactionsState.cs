using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>What a shard of the transaction coordinator remembers: the transactional ids of one partition of
/// <c>__transaction_state</c>.</summary>
/// <remarks>Immutable; it changes by records alone, live and replayed.</remarks>
/// <param name="Transactions">What is known of each id, by id.</param>
public sealed record TransactionsState(PersistentMap<string, Transaction> Transactions)
    : IReplayed<TransactionsState, TransactionRecord>
{
    /// <inheritdoc/>
    public static TransactionsState Empty { get; } =
        new(PersistentMap<string, Transaction>.Empty(StringComparer.Ordinal));

    /// <summary>What is known of an id; null for nothing.</summary>
    public Transaction? Find(string id) => Transactions.TryGetValue(id, out var transaction) ? transaction : null;

    /// <inheritdoc/>
    public TransactionsState Apply(TransactionRecord record) => Apply([record]);

    /// <inheritdoc/>
    public TransactionsState Apply(IReadOnlyList<TransactionRecord> records)
    {
        var transactions = Transactions.BeginEdit();
        foreach (var record in records)
        {
            if (record.After is { } after)
                transactions.Set(record.TransactionalId, after);
            else
                transactions.Remove(record.TransactionalId);
        }

        return new(transactions.Done());
    }
}
