using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>Which of the batches that a pass comes by belong to aborted transactions, and which markers end
/// transactions of which nothing is left.</summary>
/// <param name="aborted">The aborted transactions of the stretch, all of them.</param>
internal sealed class CleanedTransactions(IEnumerable<AbortedTransaction> aborted)
{
    private readonly Queue<AbortedTransaction> _ahead = new(aborted.OrderBy(static each => each.FirstOffset));
    private readonly Dictionary<ProducerId, Aborted> _aborted = [];
    private readonly HashSet<ProducerId> _committed = [];

    /// <summary>Takes note of a batch of data.</summary>
    /// <returns>True where it belongs to an aborted transaction: no consumer need see it.</returns>
    public bool IsAborted(RecordBatch batch)
    {
        Advance(batch.LastOffset);
        if (!batch.Attributes.IsTransactional)
            return false;
        if (_aborted.TryGetValue(batch.ProducerId, out var transaction))
        {
            _aborted[batch.ProducerId] = transaction with { HasData = true };
            return true;
        }

        _committed.Add(batch.ProducerId);
        return false;
    }

    /// <summary>Takes note of a marker, or of what is left of one.</summary>
    /// <param name="batch">The control batch.</param>
    /// <param name="marker">What it says; null where it is empty.</param>
    /// <param name="kept">The entry of the transaction index that stays with the marker; null for none.</param>
    /// <returns>True where nothing is left of the transaction it ends.</returns>
    public bool EndsNothing(RecordBatch batch, TransactionMarker? marker, out AbortedTransaction? kept)
    {
        Advance(batch.LastOffset);
        kept = null;
        // An empty one was cleaned before; what is no marker is not ours to judge.
        if (marker is not { } end)
            return batch.RecordCount == 0;
        if (!end.IsAbort)
            return !_committed.Remove(batch.ProducerId);
        _aborted.Remove(batch.ProducerId, out var transaction);
        kept = transaction.HasData ? transaction.Entry : null;
        return !transaction.HasData;
    }

    private void Advance(Offset to)
    {
        while (_ahead.TryPeek(out var next) && next.FirstOffset <= to)
        {
            _ahead.Dequeue();
            _aborted.TryAdd(next.ProducerId, new(next, false));
        }
    }

    private readonly record struct Aborted(AbortedTransaction? Entry, bool HasData);
}
