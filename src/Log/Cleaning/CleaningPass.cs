using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>Decides what of each batch is kept, and writes that.</summary>
/// <remarks>Source: KIP-58, KIP-98, KIP-360, KIP-534. A record is kept if no later one has its key; one without a
/// value until its batch's delete horizon has passed, which is set when a pass first comes by it. A marker is kept
/// while there is data of its transaction, and from then on as long as a tombstone. Data of aborted transactions goes.
/// The batch by which a producer is known stays, if only as a header, and so does the last one of the
/// stretch.</remarks>
internal sealed class CleaningPass(
    Host host, OffsetMap map, CleanedTransactions transactions, CleaningTerms terms, CleaningFigures figures)
    : IDisposable
{
    private readonly BatchThinner _thinner = new();

    /// <summary>Takes the batch on which a scan stands.</summary>
    public void Take(CheckedScan scan, SegmentView source, CleanedSegment into)
    {
        figures.ReadBytes += scan.Batch.Length;
        var before = into.Size;
        if (scan.Magic < 2)
            TakeLegacy(scan, source, into);
        else
            Take(scan.Batch, BatchPlace.Of(source, scan), into);
        figures.KeptBytes += into.Size - before;
    }

    public void Dispose() => _thinner.Dispose();

    private void Take(ReadOnlySpan<byte> bytes, in BatchPlace place, CleanedSegment into)
    {
        var batch = new RecordBatch(bytes);
        var isVoid = IsVoid(bytes, batch, into);
        var isKnownBy = IsProducerKnownBy(batch) && !host.Has(PlantedBug.ProducersCleaned);
        // Without its record a marker says nothing: where an epoch is known by it, that stays.
        var dropsRecords = isVoid && (!batch.Attributes.IsControl || (HorizonHasPassed(batch) && !isKnownBy));
        if (!dropsRecords && Filter(bytes, batch, isVoid, place, into))
            return;
        if (isKnownBy || batch.NextOffset == terms.UpTo)
            into.Add(_thinner.Empty(bytes), batch.LastOffset, batch.MaxTimestamp);
    }

    /// <summary>True for a batch of an aborted transaction, and a marker of one of which nothing is left.</summary>
    private bool IsVoid(ReadOnlySpan<byte> bytes, RecordBatch batch, CleanedSegment into)
    {
        if (!batch.Attributes.IsControl)
            return transactions.IsAborted(batch) && !host.Has(PlantedBug.AbortedDataKept);
        var isVoid = transactions.EndsNothing(batch, TransactionMarker.Of(bytes), out var aborted);
        if (aborted is { } entry)
            into.Add(entry);
        return isVoid || host.Has(PlantedBug.MarkerDroppedEarly);
    }

    private bool IsProducerKnownBy(RecordBatch batch)
    {
        if (batch.ProducerId == ProducerId.None || !terms.Producers.TryGetValue(batch.ProducerId, out var last))
            return false;
        return last.LastData is { } offset
            ? batch.LastOffset == offset
            : batch.Attributes.IsControl && batch.ProducerEpoch == last.Epoch;
    }

    private bool HorizonHasPassed(RecordBatch batch) => host.Has(PlantedBug.MarkerDroppedEarly)
        || (batch.Attributes.HasDeleteHorizon && batch.BaseTimestamp <= terms.NowMs);

    /// <summary>Writes what is kept of a batch's records; false where that is nothing.</summary>
    private bool Filter(
        ReadOnlySpan<byte> bytes, RecordBatch batch, bool isVoid, in BatchPlace place, CleanedSegment into)
    {
        if (batch.BaseOffset > map.Latest)
        {
            // The map says nothing of it: it is as new as before.
            figures.ReadRecords += batch.RecordCount;
            figures.KeptRecords += batch.RecordCount;
            into.Add(bytes, batch.LastOffset, batch.MaxTimestamp);
            return true;
        }

        using var records = place.Open(bytes);
        var reader = records.Read();
        var hasTombstones = false;
        _thinner.Clear();
        while (reader.TryRead(out var record))
        {
            if (!batch.Attributes.IsControl && !IsKept(batch, record))
                continue;
            hasTombstones |= record.Value.IsNull;
            _thinner.Keep(reader, record);
        }

        place.CheckRead(reader.Fault);
        figures.ReadRecords += batch.RecordCount;
        figures.KeptRecords += _thinner.Count;
        if (_thinner.Count == 0)
            return false;
        var needsHorizon = (hasTombstones || isVoid) && !batch.Attributes.HasDeleteHorizon;
        var isWhole = _thinner.Count == batch.RecordCount && !needsHorizon;
        var kept = isWhole ? bytes : _thinner.Build(bytes, records.Area, needsHorizon ? Horizon() : null);
        into.Add(kept, batch.LastOffset, new RecordBatch(kept).MaxTimestamp);
        return true;
    }

    private long Horizon() =>
        terms.DeleteRetentionMs > long.MaxValue - terms.NowMs ? long.MaxValue : terms.NowMs + terms.DeleteRetentionMs;

    private bool IsKept(RecordBatch batch, in Record record)
    {
        if (record.Offset > map.Latest)
            return true;
        if (!IsLastOfKey(record))
            return false;
        return !record.Value.IsNull || (!host.Has(PlantedBug.TombstoneDroppedEarly)
            && (!batch.Attributes.HasDeleteHorizon || terms.NowMs < batch.BaseTimestamp));
    }

    private bool IsLastOfKey(in Record record)
    {
        if (!record.Key.IsNull)
            return record.Offset >= map.LastOf(record.Key.Span);
        figures.KeylessRecords++;
        return false;
    }

    private void TakeLegacy(CheckedScan scan, SegmentView source, CleanedSegment into)
    {
        var keepsTombstones = (source.LargestTimestamp() is >= 0 and var newest ? newest : terms.NowMs)
            > terms.LegacyHorizonMs;
        var (all, kept) = (0, 0);
        using (var reader = new MessageSetReader(scan.Batch, BatchPlace.LargestDecompressed))
        {
            while (reader.TryRead(out var record))
            {
                all++;
                kept += IsKept(record, keepsTombstones) ? 1 : 0;
            }

            BatchPlace.Of(source, scan).CheckRead(reader.Fault);
        }

        (figures.ReadRecords, figures.KeptRecords) = (figures.ReadRecords + all, figures.KeptRecords + kept);
        if (kept == all)
        {
            into.Add(scan.Batch, new Offset(scan.LastOffset), scan.MaxTimestamp);
            return;
        }

        using var again = new MessageSetReader(scan.Batch, BatchPlace.LargestDecompressed);
        var hasAppendTime = LegacyMessages.HasAppendTime(scan.Batch);
        while (again.TryRead(out var record))
        {
            if (!IsKept(record, keepsTombstones))
                continue;
            into.Add(LegacyMessages.Entry(record, scan.Magic, hasAppendTime), record.Offset, record.Timestamp);
        }
    }

    private bool IsKept(in Record record, bool keepsTombstones) => record.Offset > map.Latest
        || (IsLastOfKey(record) && (keepsTombstones || !record.Value.IsNull));
}
