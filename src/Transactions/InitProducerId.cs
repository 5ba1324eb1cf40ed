using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>Gives the producer of a transactional id its identity, fences who had it before, and has what that left
/// open aborted first (KIP-98, KIP-360).</summary>
/// <param name="TransactionalId">The transactional id; not empty.</param>
/// <param name="TimeoutMs">After how long its transactions are aborted, in ms.</param>
/// <param name="Expected">The identity to go on from after an error; null for a new instance.</param>
public sealed record InitProducerId(string TransactionalId, int TimeoutMs, ProducerIdentity? Expected)
{
    /// <summary>Decides.</summary>
    /// <param name="state">The shard.</param>
    /// <param name="fresh">A producer id nobody has had; null as long as none was asked for.</param>
    /// <param name="rules">The rules.</param>
    /// <returns>The identity; INVALID_TRANSACTION_TIMEOUT; CONCURRENT_TRANSACTIONS while a transaction is being ended,
    /// on which clients ask again; PRODUCER_FENCED where somebody else went on. Null where it takes a fresh id: then
    /// decide again with one.</returns>
    public Decision<ProducerAnswer?, TransactionRecord> Decide(
        TransactionsState state, ProducerId? fresh, TransactionRules rules)
    {
        if (TimeoutMs <= 0 || TimeoutMs > rules.Config.MaxTimeoutMs)
            return Refuse(ErrorCode.InvalidTransactionTimeout);
        if (state.Find(TransactionalId) is not { } known)
            return fresh is { } first ? Settle(First(first, rules), 0, -1, rules) : NeedsId;
        if (known.Status.IsPrepared())
            return Refuse(ErrorCode.ConcurrentTransactions);
        if (Expected is { } expected && !IsOf(known, expected))
            return Refuse(ErrorCode.ProducerFenced);
        if (known.Status == TransactionStatus.Ongoing)
            return Abort(known, rules);

        if (known.IsExhausted && (Expected is null || IsPresent(known, Expected.Value)))
            return fresh is { } next ? Rotate(known, next, rules) : NeedsId;
        if (Expected is not { } from)
            return Settle(known, known.Epoch + 1, -1, rules);
        if (from.Epoch == known.Epoch)
            return Settle(known, known.Epoch + 1, known.Epoch, rules);
        // A repetition: the first request was answered, and nobody came in between.
        return from.Epoch == known.EpochBefore
            ? Settle(known, known.Epoch, known.EpochBefore, rules)
            : Refuse(ErrorCode.ProducerFenced);
    }

    // Whoever names an id has to name the present one, or, where that was changed because its epochs were used up, the
    // one before in its last epoch: the answer to that request may have been lost.
    private static bool IsOf(Transaction known, ProducerIdentity expected) =>
        expected.Id == known.ProducerId
        || (expected.Id == known.PreviousProducerId && expected.Epoch >= Transaction.LastEpoch);

    // The epoch beyond the last that clients are given is nobody's: the one before it is the present one then.
    private static bool IsPresent(Transaction known, ProducerIdentity expected) =>
        expected.Epoch == known.Epoch
        || (known.Epoch > Transaction.LastEpoch && expected.Epoch == known.EpochBefore);

    private static Decision<ProducerAnswer?, TransactionRecord> NeedsId => new(null, []);

    private static Decision<ProducerAnswer?, TransactionRecord> Refuse(ErrorCode error) =>
        new(ProducerAnswer.Refused(error), []);

    // The client asks again, and is given a higher epoch than the one that fences here.
    private static Decision<ProducerAnswer?, TransactionRecord> Abort(Transaction open, TransactionRules rules)
    {
        var fenced = Fence.Abort(open, rules);
        return new(
            ProducerAnswer.Refused(ErrorCode.ConcurrentTransactions),
            [TransactionRecord.Of(fenced)], [new SendMarkers(fenced)]);
    }

    private Transaction First(ProducerId id, TransactionRules rules) => new(TransactionalId)
    {
        ProducerId = id,
        Epoch = -1,
        TimeoutMs = TimeoutMs,
        Updated = rules.Now,
    };

    private Decision<ProducerAnswer?, TransactionRecord> Rotate(
        Transaction known, ProducerId next, TransactionRules rules) =>
        Settle(known, 0, Expected?.Epoch ?? -1, rules, next);

    private Decision<ProducerAnswer?, TransactionRecord> Settle(
        Transaction known, int epoch, short before, TransactionRules rules, ProducerId? next = null)
    {
        var settled = known.Become(TransactionStatus.Empty, rules.Now) with
        {
            ProducerId = next ?? known.ProducerId,
            Epoch = (short)epoch,
            EpochBefore = before,
            TimeoutMs = TimeoutMs,
            Partitions = [],
            Started = -1,
        };
        return new(new ProducerAnswer(ErrorCode.None, settled.Identity), [TransactionRecord.Of(settled)]);
    }
}
