using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Transactions;

/// <summary>Commits or aborts a transaction at its producer's request (KIP-98); from <c>transaction.version</c> 2 on
/// every end bumps the epoch, so that a request that comes late or twice cannot end the next transaction (KIP-890,
/// KAFKA-17754).</summary>
/// <param name="TransactionalId">The transactional id; not empty.</param>
/// <param name="Producer">By which identity its producer writes.</param>
/// <param name="IsCommit">The verdict: true commits, false aborts.</param>
/// <param name="ClientVersion">The <c>transaction.version</c> the client goes by.</param>
public sealed record EndTransaction(
    string TransactionalId, ProducerIdentity Producer, bool IsCommit, short ClientVersion)
{
    /// <summary>Decides.</summary>
    /// <param name="state">The shard.</param>
    /// <param name="fresh">A producer id nobody has had; null as long as none was asked for.</param>
    /// <param name="rules">The rules.</param>
    /// <returns>None, with the identity of the next transaction where the client's version has one;
    /// INVALID_PRODUCER_ID_MAPPING; PRODUCER_FENCED; CONCURRENT_TRANSACTIONS while the transaction is being ended;
    /// INVALID_TXN_STATE where there is nothing to end, or it ended the other way. Null where it takes a fresh id: then
    /// decide again with one.</returns>
    public Decision<ProducerAnswer?, TransactionRecord> Decide(
        TransactionsState state, ProducerId? fresh, TransactionRules rules)
    {
        if (state.Find(TransactionalId) is not { } known)
            return Refuse(ErrorCode.InvalidProducerIdMapping);
        return ClientVersion >= TransactionRules.BumpingVersion
            ? DecideBumping(known, fresh, rules)
            : DecidePlain(known, rules);
    }

    private Decision<ProducerAnswer?, TransactionRecord> DecidePlain(Transaction known, TransactionRules rules)
    {
        if (known.ProducerId != Producer.Id)
            return Refuse(ErrorCode.InvalidProducerIdMapping);
        if (!known.IsHeldBy(Producer))
            return Refuse(ErrorCode.ProducerFenced);
        if (known.Status.IsPrepared())
            return Refuse(ErrorCode.ConcurrentTransactions);
        if (known.Status != TransactionStatus.Ongoing)
            return Refuse(HasEndedSo(known) ? ErrorCode.None : ErrorCode.InvalidTxnState);

        var prepared = known.Become(Prepared, rules.Now) with { ClientVersion = 0 };
        return Write(prepared, ProducerIdentity.None);
    }

    private Decision<ProducerAnswer?, TransactionRecord> DecideBumping(
        Transaction known, ProducerId? fresh, TransactionRules rules)
    {
        // Before the identity: the producer may know its next id already.
        if (known.Status.IsPrepared())
            return Refuse(ErrorCode.ConcurrentTransactions);
        var repeats = Repeats(known);
        if (known.ProducerId != Producer.Id && !repeats)
            return Refuse(ErrorCode.InvalidProducerIdMapping);
        if (repeats)
        {
            return HasEndedSo(known)
                ? new(new ProducerAnswer(ErrorCode.None, known.Identity), [])
                : Refuse(ErrorCode.InvalidTxnState);
        }

        if (!known.IsHeldBy(Producer))
            return Refuse(ErrorCode.ProducerFenced);
        // A client that does not know whether anything reached its transaction may abort what never began.
        if (known.Status != TransactionStatus.Ongoing && IsCommit)
            return Refuse(ErrorCode.InvalidTxnState);
        if (known.IsExhausted && fresh is null)
            return new(null, []);
        return Bump(known, known.IsExhausted ? fresh!.Value : ProducerId.None, rules);
    }

    private Decision<ProducerAnswer?, TransactionRecord> Bump(
        Transaction known, ProducerId next, TransactionRules rules)
    {
        var prepared = known.Become(Prepared, rules.Now) with
        {
            Epoch = (short)(known.Epoch + 1),
            EpochBefore = known.Epoch,
            NextProducerId = next,
            Started = known.Status == TransactionStatus.Ongoing ? known.Started : rules.Now,
            ClientVersion = ClientVersion,
        };
        return Write(prepared, next == ProducerId.None ? prepared.Identity : new ProducerIdentity(next, 0));
    }

    // The epoch of a repeated request is the one before the bump. An epoch that only fences is told to nobody.
    private bool Repeats(Transaction known)
    {
        if (known.Status is not (TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort))
            return false;
        if (known.ProducerId == Producer.Id)
            return known.Epoch == Producer.Epoch + 1 && known.Epoch <= Transaction.LastEpoch;
        return known.PreviousProducerId == Producer.Id && Producer.Epoch == Transaction.LastEpoch && known.Epoch == 0;
    }

    private bool HasEndedSo(Transaction known) =>
        known.Status == (IsCommit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort);

    private TransactionStatus Prepared =>
        IsCommit ? TransactionStatus.PrepareCommit : TransactionStatus.PrepareAbort;

    private static Decision<ProducerAnswer?, TransactionRecord> Refuse(ErrorCode error) =>
        new(ProducerAnswer.Refused(error), []);

    private static Decision<ProducerAnswer?, TransactionRecord> Write(Transaction prepared, ProducerIdentity next) =>
        new(
            new ProducerAnswer(ErrorCode.None, next), [TransactionRecord.Of(prepared)], [new SendMarkers(prepared)]);
}
