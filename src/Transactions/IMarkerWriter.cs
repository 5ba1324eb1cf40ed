using Barnabas.Base;

namespace Barnabas.Transactions;

/// <summary>Writes the end of a transaction into a partition (KIP-98): locally where this node leads it, over the
/// network where another does.</summary>
public interface IMarkerWriter
{
    /// <summary>Writes one marker. From any lane.</summary>
    /// <param name="partition">Where.</param>
    /// <param name="marker">What.</param>
    /// <returns>None once it is committed there; UNKNOWN_TOPIC_OR_PARTITION where the partition no longer exists, so
    /// that nothing is left to end; INVALID_PRODUCER_EPOCH and TRANSACTION_COORDINATOR_FENCED where a later producer or
    /// coordinator was there before; anything else is worth another try.</returns>
    Task<ErrorCode> WriteAsync(TransactionPartition partition, TransactionMarkerToWrite marker);
}
