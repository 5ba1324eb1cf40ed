using Barnabas.Base;

namespace Barnabas.Transactions;

/// <summary>What follows from where a transactional id stands.</summary>
public static class TransactionStatusExtensions
{
    /// <summary>True while the verdict is written and partitions are being told.</summary>
    public static bool IsPrepared(this TransactionStatus status) =>
        status is TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort;

    /// <summary>True once the last transaction has ended everywhere, or when there was none.</summary>
    public static bool IsAtRest(this TransactionStatus status) =>
        status is TransactionStatus.Empty or TransactionStatus.CompleteCommit or TransactionStatus.CompleteAbort;

    /// <summary>Whether a transactional id may pass from one status to another: Kafka's table, in which a fence goes
    /// on to the abort at once, and whoever bumps the epoch of every transaction may abort what never
    /// began.</summary>
    public static bool MayBecome(this TransactionStatus from, TransactionStatus to) => to switch
    {
        TransactionStatus.Empty => from.IsAtRest(),
        TransactionStatus.Ongoing => from.IsAtRest() || from == TransactionStatus.Ongoing,
        TransactionStatus.PrepareCommit => from == TransactionStatus.Ongoing,
        TransactionStatus.PrepareAbort =>
            from.IsAtRest() || from is TransactionStatus.Ongoing or TransactionStatus.PrepareEpochFence,
        TransactionStatus.CompleteCommit => from == TransactionStatus.PrepareCommit,
        TransactionStatus.CompleteAbort => from == TransactionStatus.PrepareAbort,
        TransactionStatus.Dead => from.IsAtRest(),
        TransactionStatus.PrepareEpochFence => from == TransactionStatus.Ongoing,
        _ => throw new ArgumentOutOfRangeException(nameof(to), to, null),
    };

    /// <summary>The name by which clients know it.</summary>
    public static string Name(this TransactionStatus status)
    {
        Invariant.Holds(Enum.IsDefined(status), "a status has a name");
        return status.ToString();
    }

    /// <summary>Finds a status by its name, which is exact.</summary>
    public static TransactionStatus? Find(string name) =>
        Enum.GetNames<TransactionStatus>().Contains(name, StringComparer.Ordinal)
            ? Enum.Parse<TransactionStatus>(name)
            : null;
}
