namespace Barnabas.Transactions;

/// <summary>Ends a transaction against its producer: another instance came, or time is up.</summary>
internal static class Fence
{
    /// <summary>The transaction aborted under an epoch that its producer does not have.</summary>
    /// <remarks>It may be the one above the last that clients are given: the next identity has another id
    /// then.</remarks>
    public static Transaction Abort(Transaction open, TransactionRules rules) =>
        open.Become(TransactionStatus.PrepareAbort, rules.Now) with
        {
            Epoch = (short)Math.Min(open.Epoch + 1, short.MaxValue),
            EpochBefore = rules.Bumps ? open.Epoch : (short)-1,
            ClientVersion = rules.Bumps ? TransactionRules.BumpingVersion : (short)0,
        };
}
