using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>Walks fetched records: batch by batch the checksum is checked, the records are decompressed, and what the
/// application must not see is left out.</summary>
public ref struct RecordCursor : IDisposable
{
    private readonly FetchedRecords _fetched;
    private readonly AbortedList _aborted;
    private readonly ReaderOptions _options;
    private ReadOnlySpan<byte> _rest;
    private BatchRecords _records;
    private RecordReader _reader;
    private MessageSetReader _old;
    private Record _current;
    private bool _isOpen;
    private bool _isOld;

    internal RecordCursor(
        FetchedRecords fetched, ReadOnlySpan<byte> bytes, AbortedList aborted, ReaderOptions options)
    {
        (_fetched, _aborted, _options) = (fetched, aborted, options);
        _rest = bytes;
    }

    /// <summary>The record the cursor stands on; its bytes are valid until it moves on to another batch.</summary>
    public readonly Record Current => _current;

    /// <summary>True when the broker's clock at the append stands for the timestamps of this batch.</summary>
    public bool IsLogAppendTime { get; private set; }

    /// <summary>The epoch of the leader that appended this batch.</summary>
    public LeaderEpoch LeaderEpoch { get; private set; }

    /// <summary>The attributes of this batch: codec, transactional or not.</summary>
    public BatchAttributes Attributes { get; private set; }

    /// <summary>The idempotent producer of this batch, or none.</summary>
    public ProducerId ProducerId { get; private set; }

    /// <summary>That producer's epoch; -1 for none.</summary>
    public short ProducerEpoch { get; private set; }

    /// <summary>Moves to the next record; false after the last.</summary>
    /// <exception cref="KafkaException">A batch is damaged.</exception>
    public bool MoveNext()
    {
        while (true)
        {
            if (_isOpen && NextInBatch())
                return true;
            Close();
            if (!NextBatch())
                return false;
        }
    }

    /// <summary>Gives back what the current batch was decompressed into.</summary>
    public void Dispose() => Close();

    private bool NextInBatch()
    {
        while (_isOld ? _old.TryRead(out _current) : _reader.TryRead(out _current))
        {
            if (_current.Offset < _fetched.From)
                continue;
            if (_fetched.End is not { } end || _current.Offset < end)
                return true;
            _rest = default;
            return false;
        }

        var fault = _isOld ? _old.Fault : _reader.Fault;
        return fault == RecordFault.None ? false : throw Damaged($"its records do not read: {fault}");
    }

    /// <summary>Opens the next batch the application is to see.</summary>
    private bool NextBatch()
    {
        while (FetchedBatches.TryFirst(_rest, out var size))
        {
            var bytes = _rest[..size];
            _rest = _rest[size..];
            if (bytes[RecordBatch.MagicPosition] < 2)
            {
                OpenOld(bytes);
                return true;
            }

            var batch = Check(bytes);
            if (batch.LastOffset < _fetched.From || IsHidden(batch, bytes))
                continue;
            Open(batch, bytes);
            return true;
        }

        return false;
    }

    private readonly RecordBatch Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes[RecordBatch.MagicPosition] != 2 || bytes.Length < RecordBatch.HeaderSize)
            throw Damaged($"its format is {bytes[RecordBatch.MagicPosition]}");
        var batch = new RecordBatch(bytes);
        if (_options.CheckCrcs && batch.Crc != Crc32C.Compute(bytes[21..]))
            throw Damaged("its checksum does not match", batch.BaseOffset);
        return batch;
    }

    private readonly bool IsHidden(RecordBatch batch, ReadOnlySpan<byte> bytes)
    {
        if (batch.Attributes.IsControl)
        {
            if (IsAbortMarker(batch, bytes))
                _aborted.Close(batch.ProducerId);
            return true;
        }

        if (!_aborted.IsFiltering || !batch.Attributes.IsTransactional)
            return false;
        _aborted.MoveTo(batch.LastOffset);
        return _aborted.IsAborted(batch.ProducerId);
    }

    private static bool IsAbortMarker(RecordBatch batch, ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes[RecordBatch.HeaderSize..], batch);
        return reader.TryRead(out var marker) && ControlRecords.TryReadKey(marker.Key.Span, out var type)
            && type == ControlRecordType.Abort;
    }

    private void Open(RecordBatch batch, ReadOnlySpan<byte> bytes)
    {
        var outcome = BatchRecords.Open(bytes, _options.MaxDecompressedBatch, out _records);
        if (outcome == CodecOutcome.Unavailable)
        {
            throw new KafkaException(
                ErrorCode.UnsupportedCompressionType,
                $"{batch.Attributes.Codec} cannot be read here; zstd needs the system's libzstd.so.1 (libzstd1)");
        }

        if (outcome != CodecOutcome.Done)
            throw Damaged($"it does not decompress: {outcome}", batch.BaseOffset);
        _reader = _records.Read();
        _isOpen = true;
        IsLogAppendTime = batch.Attributes.IsLogAppendTime;
        LeaderEpoch = batch.LeaderEpoch;
        Attributes = batch.Attributes;
        (ProducerId, ProducerEpoch) = (batch.ProducerId, batch.ProducerEpoch);
    }

    /// <summary>Messages of brokers before 0.11, which nobody converts any more.</summary>
    private void OpenOld(ReadOnlySpan<byte> bytes)
    {
        _old = new MessageSetReader(bytes, _options.MaxDecompressedBatch);
        (_isOpen, _isOld) = (true, true);
        LeaderEpoch = LeaderEpoch.None;
        Attributes = default;
        IsLogAppendTime = false;
        (ProducerId, ProducerEpoch) = (ProducerId.None, -1);
    }

    private void Close()
    {
        if (!_isOpen)
            return;
        if (_isOld)
            _old.Dispose();
        (_isOpen, _isOld) = (false, false);
        _records.Dispose();
        _records = default;
        _reader = default;
    }

    private readonly KafkaException Damaged(string how, Offset? at = null) => new(
        ErrorCode.CorruptMessage,
        $"the batch of {_fetched.Partition} at offset {at ?? _current.Offset} is damaged: {how}");
}
