using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>Forgets transactional ids that nobody has used for long (KIP-98).</summary>
public static class ExpireIds
{
    /// <summary>How many are forgotten at a time: a decision is one batch.</summary>
    public const int Most = 1000;

    /// <summary>Decides.</summary>
    /// <returns>How many were forgotten: <see cref="Most"/> where there may be more.</returns>
    public static Decision<int, TransactionRecord> Decide(TransactionsState state, TransactionRules rules)
    {
        var unusedSince = rules.Now - (long)rules.Config.IdExpiration.TotalMilliseconds;
        var expired = (
            from entry in state.Transactions
            where entry.Value.Status.MayBecome(TransactionStatus.Dead) && entry.Value.Updated <= unusedSince
            select new TransactionRecord(entry.Key, null)).Take(Most).ToList();
        return new(expired.Count, expired);
    }
}
