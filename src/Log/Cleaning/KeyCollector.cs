using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>Collects where each key of a log's new part stands last, until all were seen or the map is
/// full.</summary>
internal sealed class KeyCollector(
    Host host, OffsetMap map, CleanedTransactions transactions, Offset firstDirty, CleaningFigures figures)
{
    /// <summary>Takes the batch on which a scan stands.</summary>
    /// <returns>False where the map has no room for all of its keys.</returns>
    public bool Take(CheckedScan scan, SegmentView source)
    {
        if (scan.LastOffset < firstDirty.Value)
            return true;
        figures.MappedBytes += scan.Batch.Length;
        var place = BatchPlace.Of(source, scan);
        var fits = scan.Magic < 2 ? TakeLegacy(scan.Batch, place) : Take(scan.Batch, place);
        if (fits || host.Has(PlantedBug.OffsetMapOverflow))
            map.Reached(new Offset(scan.LastOffset));
        return fits || host.Has(PlantedBug.OffsetMapOverflow);
    }

    private bool Take(ReadOnlySpan<byte> bytes, in BatchPlace place)
    {
        var batch = new RecordBatch(bytes);
        if (batch.Attributes.IsControl)
        {
            transactions.EndsNothing(batch, TransactionMarker.Of(bytes), out _);
            return true;
        }

        // What is void supersedes nothing.
        if (transactions.IsAborted(batch) && !host.Has(PlantedBug.AbortedDataKept))
            return true;
        using var records = place.Open(bytes);
        var reader = records.Read();
        while (reader.TryRead(out var record))
        {
            if (!TryPut(record))
                return false;
        }

        place.CheckRead(reader.Fault);
        return true;
    }

    private bool TakeLegacy(ReadOnlySpan<byte> bytes, in BatchPlace place)
    {
        using var reader = new MessageSetReader(bytes, BatchPlace.LargestDecompressed);
        while (reader.TryRead(out var record))
        {
            if (!TryPut(record))
                return false;
        }

        place.CheckRead(reader.Fault);
        return true;
    }

    private bool TryPut(in Record record) =>
        record.Key.IsNull || record.Offset < firstDirty || map.TryPut(record.Key.Span, record.Offset);
}
