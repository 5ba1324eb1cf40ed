namespace Barnabas.Transactions;

/// <summary>Ends a transaction against its producer: another instance came, or time is up.</summary>
internal static class Fence
{
    /// <summary>The transaction aborted under an epoch that its producer does not have.</summary>
    /// <remarks>The epoch above the last that clients are given is used for that at most once: the next identity has
    /// another id.</remarks>
    public static Transaction Abort(Transaction open, TransactionRules rules) =>
        open.Become(TransactionStatus.PrepareAbort, rules.Now) with
        {
            Epoch = open.Epoch == short.MaxValue ? open.Epoch : (short)(open.Epoch + 1),
            EpochBefore = rules.Bumps ? open.Epoch : (short)-1,
            ClientVersion = rules.Bumps ? TransactionRules.BumpingVersion : (short)0,
        };
}
