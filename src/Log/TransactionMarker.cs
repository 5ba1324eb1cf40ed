using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>The one record of a transaction marker's batch.</summary>
internal readonly record struct TransactionMarker(bool IsAbort, int CoordinatorEpoch)
{
    /// <summary>Reads the marker of a control batch; null where the batch is none.</summary>
    public static TransactionMarker? Of(ReadOnlySpan<byte> batch)
    {
        var header = new RecordBatch(batch);
        if (!header.Attributes.IsControl || !header.Attributes.IsTransactional)
            return null;
        var reader = new RecordReader(batch[RecordBatch.HeaderSize..], header);
        if (!reader.TryRead(out var record) || !ControlRecords.TryReadKey(record.Key.Span, out var type)
            || type is not (ControlRecordType.Abort or ControlRecordType.Commit)
            || !ControlRecords.TryReadEndTransaction(record.Value.Span, out var coordinatorEpoch))
        {
            return null;
        }

        return new(type == ControlRecordType.Abort, coordinatorEpoch);
    }
}
