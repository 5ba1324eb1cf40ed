namespace Barnabas.Transactions;

/// <summary>Where a transactional id stands (KIP-98); the numbers are those of <c>__transaction_state</c>.</summary>
public enum TransactionStatus : sbyte
{
    /// <summary>Its producer has an id and an epoch, and no transaction yet.</summary>
    Empty = 0,

    /// <summary>A transaction is open.</summary>
    Ongoing = 1,

    /// <summary>The transaction is committed; its partitions are being told.</summary>
    PrepareCommit = 2,

    /// <summary>The transaction is aborted; its partitions are being told.</summary>
    PrepareAbort = 3,

    /// <summary>All partitions of the last transaction know that it was committed.</summary>
    CompleteCommit = 4,

    /// <summary>All partitions of the last transaction know that it was aborted.</summary>
    CompleteAbort = 5,

    /// <summary>The id has expired and is being forgotten. It is never written: the tombstone says it.</summary>
    Dead = 6,

    /// <summary>An older instance of the producer is being fenced. It is never written: one record fences and
    /// aborts.</summary>
    PrepareEpochFence = 7,
}
