namespace Barnabas.Server.Transactions;

/// <summary>What a client knows of transactions, by the version of its request (KIP-890).</summary>
public enum TransactionSupport
{
    /// <summary>It adds partitions itself, and does not know TRANSACTION_ABORTABLE.</summary>
    Plain,

    /// <summary>It adds partitions itself.</summary>
    KnowsAbortable,

    /// <summary>It leaves adding to us, and has a new epoch for each transaction.</summary>
    AddsImplicitly,
}

/// <summary>Reads it from versions.</summary>
public static class TransactionSupports
{
    private const short FirstProduceThatKnowsAbortable = 11;
    private const short FirstProduceThatAdds = 12;
    private const short FirstOffsetCommitThatKnowsAbortable = 4;
    private const short FirstOffsetCommitThatAdds = 5;

    /// <summary>That of a Produce request.</summary>
    public static TransactionSupport OfProduce(short version) =>
        Of(version, FirstProduceThatKnowsAbortable, FirstProduceThatAdds);

    /// <summary>That of a TxnOffsetCommit request.</summary>
    public static TransactionSupport OfOffsetCommit(short version) =>
        Of(version, FirstOffsetCommitThatKnowsAbortable, FirstOffsetCommitThatAdds);

    private static TransactionSupport Of(short version, short knows, short adds)
    {
        if (version >= adds)
            return TransactionSupport.AddsImplicitly;
        return version >= knows ? TransactionSupport.KnowsAbortable : TransactionSupport.Plain;
    }
}
