using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>Walks the batches of a segment by their headers alone, records unread.</summary>
/// <remarks>A header that cannot be one ends the walk with a <see cref="Fault"/>. Entries of formats v0 and v1
/// count as batches of one offset: the last one they hold.</remarks>
internal ref struct BatchScan
{
    /// <summary>A good size for the buffer: small batches are then read many at a time.</summary>
    public const int BufferSize = 4096;

    private const int LegacyHeaderSize = 26;

    private readonly DiskFile _file;
    private readonly int _end;
    private readonly Span<byte> _buffer;
    private int _bufferStart;
    private int _buffered;

    /// <summary>A walk over <paramref name="file"/> from <paramref name="start"/>, where a batch begins, to
    /// <paramref name="end"/>.</summary>
    public BatchScan(DiskFile file, int start, int end, Span<byte> buffer)
    {
        (_file, _end) = (file, end);
        _buffer = buffer;
        Position = start;
        LastOffset = -1;
    }

    /// <summary>Where the batch begins.</summary>
    public int Position { get; private set; }

    /// <summary>Its bytes.</summary>
    public int Size { get; private set; }

    /// <summary>Where the batch ends.</summary>
    public readonly int End => Position + Size;

    /// <summary>Its first offset.</summary>
    public long BaseOffset { get; private set; }

    /// <summary>Its last offset.</summary>
    public long LastOffset { get; private set; }

    /// <summary>Its largest timestamp in ms; -1 for none.</summary>
    public long MaxTimestamp { get; private set; }

    /// <summary>Its format.</summary>
    public int Magic { get; private set; }

    /// <summary>What is wrong with the bytes after the last good batch; null where nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>The header, in format v2.</summary>
    public readonly RecordBatch Header => new(_buffer.Slice(Position - _bufferStart, RecordBatch.HeaderSize));

    /// <summary>Another walk with the same buffer.</summary>
    public readonly BatchScan At(int start, int end) => new(_file, start, end, _buffer);

    /// <summary>Goes on to the next batch; false at the end, or at a fault.</summary>
    public bool MoveNext()
    {
        var next = Position + Size;
        if (Fault is not null || next >= _end)
            return false;
        // An index may have sent us anywhere.
        if (next < 0)
            return Stop("no place in the file");
        var previous = LastOffset;
        if (!Buffer(next, Math.Min(RecordBatch.HeaderSize, _end - next)))
            return Stop("the file is shorter than the log");
        var bytes = _buffer[(next - _bufferStart).._buffered];
        if (bytes.Length < LegacyHeaderSize)
            return Stop("too few bytes for a batch");
        Magic = bytes[RecordBatch.MagicPosition];
        if (Magic > 2 || (Magic == 2 && bytes.Length < RecordBatch.HeaderSize))
            return Stop("no known format");
        var size = (long)BinaryPrimitives.ReadInt32BigEndian(bytes[8..]) + RecordBatch.EntryOverhead;
        if (size < (Magic == 2 ? RecordBatch.HeaderSize : LegacyHeaderSize) || next + size > _end)
            return Stop("a batch of impossible size");
        (Position, Size) = (next, (int)size);
        TakeFields(bytes);
        var isOrdered = BaseOffset >= 0 && LastOffset >= BaseOffset && BaseOffset > previous;
        return isOrdered || Stop("offsets run backwards");
    }

    private void TakeFields(ReadOnlySpan<byte> bytes)
    {
        if (Magic == 2)
        {
            var header = new RecordBatch(bytes);
            (BaseOffset, LastOffset) = (header.BaseOffset.Value, header.LastOffset.Value);
            MaxTimestamp = header.MaxTimestamp;
            return;
        }

        BaseOffset = LastOffset = BinaryPrimitives.ReadInt64BigEndian(bytes);
        MaxTimestamp = Magic == 1 ? BinaryPrimitives.ReadInt64BigEndian(bytes[18..]) : -1;
    }

    private bool Stop(string fault)
    {
        Fault = fault;
        return false;
    }

    /// <summary>Sees to it that the buffer holds the bytes, reading ahead while batches are small.</summary>
    private bool Buffer(int position, int length)
    {
        if (position >= _bufferStart && position + length <= _bufferStart + _buffered)
            return true;
        var wanted = Size is > 0 and < BufferSize / 2 ? _buffer.Length : length;
        _buffered = _file.Read(position, _buffer[..Math.Min(wanted, _end - position)]);
        _bufferStart = position;
        return _buffered >= length;
    }
}
