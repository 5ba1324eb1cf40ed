using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    private readonly List<ReadOnlyMemory<byte>> _staged = [];
    private long _stagedRecords;
    private AppendMarks _marks;
    private bool _isRefused;

    /// <summary>Appends the batches in order, in one write for all that fits the segment.</summary>
    /// <returns>One result for each batch. Nothing is durable before a flush.</returns>
    /// <exception cref="IOException">The write failed. Unless <see cref="Failed"/>, what it left was cut off
    /// again and the log can go on, say when the disk has space again; batches written before a roll within
    /// this call stand.</exception>
    public AppendResult[] Append(IReadOnlyList<PendingBatch> batches)
    {
        var results = new AppendResult[batches.Count];
        Append([.. batches], results);
        return results;
    }

    /// <summary>As above, for who keeps the room.</summary>
    /// <param name="batches">The batches.</param>
    /// <param name="results">As long as these: one result for each.</param>
    public void Append(ReadOnlySpan<PendingBatch> batches, Span<AppendResult> results)
    {
        ThrowIfFailed();
        _marks = Mark();
        try
        {
            for (var i = 0; i < batches.Length; i++)
                results[i] = Stage(batches[i]);
            WriteStaged();
        }
        catch (IOException fault)
        {
            Unstage(fault);
            throw;
        }
        finally
        {
            Publish();
        }

        _isRefused = false;
    }

    private AppendResult Stage(in PendingBatch pending)
    {
        var bytes = pending.Bytes.Span;
        if (pending.Origin == AppendOrigin.Replication && bytes[RecordBatch.MagicPosition] < 2)
            return StageOld(pending);
        var batch = new RecordBatch(bytes);
        Invariant.Holds(batch.Size == bytes.Length && batch.Magic == 2, "an append is one whole batch of format v2");
        if (batch.Size > Settings.SegmentBytes)
            return AppendResult.Refused(ErrorCode.RecordListTooLarge);
        if (OffsetError(batch, pending.Origin) is var impossible and not ErrorCode.None)
            return AppendResult.Refused(impossible);
        var marker = batch.Attributes.IsControl ? TransactionMarker.Of(bytes) : null;
        var error = _producers.Check(pending, batch, marker, _end, out var original);
        if (original is null && pending.Refusal != ErrorCode.None)
            return AppendResult.Refused(pending.Refusal);
        if (error != ErrorCode.None)
            return AppendResult.Refused(error);
        if (original is { } known)
            return new(ErrorCode.None, new(known.FirstOffset), new(known.LastOffset), known.Timestamp, true);

        if (pending.Origin != AppendOrigin.Replication)
            RecordBatch.Assign(bytes, _end, pending.Epoch);
        if (Active.MustRollFor(batch, Settings, _jitter, NowMs))
        {
            WriteStaged();
            // Segments follow each other without a gap, also where a follower's offsets leap; recovery counts on it.
            RollTo(Offset.Max(_end, batch.LastOffset - int.MaxValue));
            _marks = Mark();
        }

        Take(batch, marker);
        _staged.Add(pending.Bytes);
        return new(ErrorCode.None, batch.BaseOffset, batch.LastOffset, batch.MaxTimestamp, false);
    }

    private ErrorCode OffsetError(RecordBatch batch, AppendOrigin origin)
    {
        if (origin == AppendOrigin.Replication)
        {
            return batch.BaseOffset < _end || batch.NextOffset <= batch.BaseOffset
                ? ErrorCode.OffsetOutOfRange
                : ErrorCode.None;
        }

        // The offset after the last record must be an offset still.
        return batch.LastOffsetDelta < 0 || _end.Value > long.MaxValue - 1 - batch.LastOffsetDelta
            ? ErrorCode.InvalidRecord
            : ErrorCode.None;
    }

    /// <summary>All that follows from a batch but its bytes; undone should they not reach the file.</summary>
    private void Take(RecordBatch batch, TransactionMarker? marker)
    {
        SetEpochs(_epochs.With(batch.LeaderEpoch, batch.BaseOffset));
        if (_producers.Apply(batch, marker) is { } aborted)
            Active.Aborted.Append(aborted);
        Active.Add(batch.Size, batch.LastOffset, batch.MaxTimestamp, Settings.IndexIntervalBytes);
        _stagedRecords += batch.NextOffset - _end;
        _end = batch.NextOffset;
    }

    private void WriteStaged()
    {
        if (_staged.Count == 0)
            return;
        _isAsClosed = false;
        if (_host.Has(PlantedBug.ViewPublishedEarly))
            Publish();
        var position = _marks.Segment.Size;
        // While the disk syncs what came before, fallocate would wait for its journal: up to 150 ms measured.
        if (!_flushing)
            Active.Reserve(Settings);
        if (_staged.Count == 1)
            Active.Log.Write(position, _staged[0].Span);
        else
            Active.Log.Write(position, _staged);
        _staged.Clear();
        _producers.Keep();
        _unflushedRecords += _stagedRecords;
        _stagedRecords = 0;
        _marks = Mark();
    }

    /// <summary>Takes back what did not reach the file; where that fails too, the log has failed.</summary>
    private void Unstage(IOException why)
    {
        _staged.Clear();
        _stagedRecords = 0;
        if (!_host.Has(PlantedBug.ProducersNotUndone))
            _producers.Undo();
        _end = _marks.End;
        SetEpochs(_marks.Epochs);
        try
        {
            Active.Rewind(_host.Has(PlantedBug.IndexNotRewound)
                ? _marks.Segment with { OffsetEntries = Active.Offsets.Count }
                : _marks.Segment);
        }
        catch (IOException fault)
        {
            Fail(fault);
        }

        // Said once, not for every append that a full disk refuses.
        if (!Failed && !_isRefused)
            LogEvents.AppendRefused(_logger, Partition, why.Message);
        _isRefused = true;
    }

    private AppendMarks Mark() => new(Active.Mark(), _end, _epochs);

    private readonly record struct AppendMarks(SegmentMarks Segment, Offset End, EpochHistory Epochs);
}
