namespace Barnabas.Transactions;

/// <summary>The end of a transaction, as a partition is told of it.</summary>
/// <param name="ProducerId">Whose transaction it is.</param>
/// <param name="ProducerEpoch">The epoch from which on the producer's next records may come.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator, which is the leader epoch of its partition of
/// <c>__transaction_state</c>: the marker of a coordinator that was replaced is refused.</param>
/// <param name="IsCommit">True for COMMIT, false for ABORT.</param>
/// <param name="TransactionVersion">The <c>transaction.version</c> by which it was decided (KIP-1228): from 2 on the
/// epoch is greater than that of every record of the transaction.</param>
public readonly record struct TransactionMarkerToWrite(
    long ProducerId, short ProducerEpoch, int CoordinatorEpoch, bool IsCommit, short TransactionVersion);
