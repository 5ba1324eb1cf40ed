using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    /// <summary>Where the oldest transaction began that is open, or whose marker is not below
    /// <paramref name="highWatermark"/>; null where there is none. The last stable offset is not above it (KIP-98).
    /// Called on its lane, with a watermark that does not go down.</summary>
    public Offset? FirstUnstable(Offset highWatermark) => _producers.FirstUnstable(highWatermark);

    /// <summary>Says whether a producer's coordinator has to be asked before a transactional batch of it is appended,
    /// and remembers that it is going to be. Called on its lane.</summary>
    /// <param name="id">The producer.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="sequence">Of the batch's first record; null where sequences do not matter.</param>
    /// <param name="bumpsEpoch">True when the producer gets a new epoch for each transaction (KIP-890).</param>
    /// <returns>None where the transaction is open here and nobody has to be asked; else what the batch has to show
    /// once the coordinator said yes.</returns>
    public VerificationGuard BeginVerification(ProducerId id, short epoch, int? sequence, bool bumpsEpoch) =>
        _producers.HasOpenTransaction(id, epoch)
            ? VerificationGuard.None
            : _producers.Verifications.Begin(id, epoch, sequence, bumpsEpoch, NowMs);

    /// <summary>Says whether a producer may write in a transaction now. Called on its lane.</summary>
    /// <returns>None; INVALID_TXN_STATE; INVALID_PRODUCER_EPOCH.</returns>
    public ErrorCode CheckTransactional(ProducerId id, short epoch, VerificationGuard guard) =>
        _producers.CheckTransactional(id, epoch, guard);

    /// <summary>Says whether a marker may be written now. Called on its lane.</summary>
    /// <param name="id">The producer whose transaction ends.</param>
    /// <param name="epoch">The marker's epoch.</param>
    /// <param name="coordinatorEpoch">The epoch of the coordinator that sends it.</param>
    /// <param name="transactionVersion">The <c>transaction.version</c> by which it was decided.</param>
    /// <returns>None; INVALID_PRODUCER_EPOCH; TRANSACTION_COORDINATOR_FENCED. And true for a marker that is there
    /// already.</returns>
    public (ErrorCode Error, bool IsThere) CheckMarker(
        ProducerId id, short epoch, int coordinatorEpoch, short transactionVersion)
    {
        var error = _producers.CheckMarker(id, epoch, coordinatorEpoch, transactionVersion, out var isThere);
        return (error, isThere);
    }
}
