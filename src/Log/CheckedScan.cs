using System.Buffers;
using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>Walks the batches of a segment and checks every byte of them: sizes, offsets, checksums.</summary>
/// <remarks>The first batch that fails ends the walk with a <see cref="Fault"/> at <see cref="Position"/>. The
/// file is read in large pieces; a larger batch makes the buffer grow.</remarks>
internal sealed class CheckedScan : IDisposable
{
    private const int PieceSize = 1 << 20;
    private const int LegacyHeaderSize = 26;
    private const int AttributesPosition = 21;

    private readonly DiskFile _file;
    private readonly int _end;
    private readonly long _before;
    private byte[] _buffer;
    private int _bufferStart;
    private int _buffered;
    private int _size;
    private int _epoch = -1;

    /// <summary>A walk over <paramref name="file"/> from <paramref name="start"/>, where a batch begins, to
    /// <paramref name="end"/>; all offsets lie above <paramref name="after"/> and below <paramref
    /// name="before"/>. It reads <paramref name="piece"/> bytes at a time.</summary>
    public CheckedScan(
        DiskFile file, int start, int end, long after, long before = long.MaxValue, int piece = PieceSize)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(piece);
        (_file, _end, _before) = (file, end, before);
        (Position, _bufferStart, LastOffset) = (start, start, after);
    }

    /// <summary>True to believe every checksum: <see cref="PlantedBug.ChecksumsSkipped"/>.</summary>
    public bool SkipsChecksums { get; init; }

    /// <summary>Where the batch begins; after a fault, where the bad bytes do.</summary>
    public int Position { get; private set; }

    /// <summary>Its format.</summary>
    public int Magic { get; private set; }

    /// <summary>Its bytes.</summary>
    public ReadOnlySpan<byte> Batch => _buffer.AsSpan(Position - _bufferStart, _size);

    /// <summary>Its first offset.</summary>
    public long BaseOffset { get; private set; }

    /// <summary>Its last offset; before the first batch, the one that all must exceed.</summary>
    public long LastOffset { get; private set; }

    /// <summary>Its largest timestamp in ms; -1 for none.</summary>
    public long MaxTimestamp { get; private set; }

    /// <summary>What is wrong with the bytes at <see cref="Position"/>; null where nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>The bytes of the batch at the fault, where it is whole but for its place: then the one before
    /// it may as well be the wrong one. Else 0.</summary>
    public int OrderFaultSize { get; private set; }

    /// <summary>Where the batch before begins; -1 for none.</summary>
    public int Previous { get; private set; } = -1;

    /// <summary>Goes on to the next batch; false at the end, or at a fault.</summary>
    public bool MoveNext()
    {
        if (Fault is not null)
            return false;
        if (_size > 0)
            Previous = Position;
        Position += _size;
        _size = 0;
        if (Position >= _end)
            return false;
        Fault = Check();
        return Fault is null;
    }

    /// <summary>Where the batch ends.</summary>
    public int End => Position + _size;

    /// <summary>What was read beyond the batch is read again.</summary>
    public void ForgetAhead() => _buffered = Math.Min(_buffered, End - _bufferStart);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private string? Check()
    {
        var left = _end - Position;
        if (left < LegacyHeaderSize || !Buffer(Math.Min(RecordBatch.HeaderSize, left)))
            return "it ends within a batch's header";
        var header = _buffer.AsSpan(Position - _bufferStart, Math.Min(RecordBatch.HeaderSize, left));
        var magic = header[RecordBatch.MagicPosition];
        if (magic > 2 || (magic == 2 && header.Length < RecordBatch.HeaderSize))
            return "no known batch format";
        var size = (long)BinaryPrimitives.ReadInt32BigEndian(header[8..]) + RecordBatch.EntryOverhead;
        if (size < (magic == 2 ? RecordBatch.HeaderSize : LegacyHeaderSize))
            return "a batch of impossible size";
        if (size > left || !Buffer((int)size))
            return "it ends within a batch";
        return CheckWhole(_buffer.AsSpan(Position - _bufferStart, (int)size), magic);
    }

    private string? CheckWhole(ReadOnlySpan<byte> bytes, int magic)
    {
        var (baseOffset, lastOffset, timestamp) = (BinaryPrimitives.ReadInt64BigEndian(bytes), 0L, -1L);
        var epoch = _epoch;
        if (magic == 2)
        {
            var header = new RecordBatch(bytes);
            if (!SkipsChecksums && header.Crc != Crc32C.Compute(bytes[AttributesPosition..]))
                return "a batch whose checksum does not match";
            (lastOffset, timestamp, epoch) = (header.LastOffset.Value, header.MaxTimestamp, header.LeaderEpoch.Value);
        }
        else
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) != Crc32.Compute(bytes[RecordBatch.MagicPosition..]))
                return "a message whose checksum does not match";
            lastOffset = baseOffset;
            timestamp = magic == 1 ? BinaryPrimitives.ReadInt64BigEndian(bytes[18..]) : -1;
        }

        // The checksum covers neither offset nor epoch: their order is all there is to check.
        if (lastOffset < baseOffset || lastOffset >= _before || baseOffset <= LastOffset || epoch < _epoch)
        {
            OrderFaultSize = bytes.Length;
            return "offsets or leader epochs out of order";
        }

        _epoch = epoch;
        (Magic, _size) = (magic, bytes.Length);
        (BaseOffset, LastOffset, MaxTimestamp) = (baseOffset, lastOffset, timestamp);
        return null;
    }

    /// <summary>Sees to it that the buffer holds so many bytes from <see cref="Position"/> on.</summary>
    private bool Buffer(int length)
    {
        var have = _bufferStart + _buffered - Position;
        if (have >= length)
            return true;
        var kept = _buffer.AsSpan(Position - _bufferStart, Math.Max(have, 0));
        if (length > _buffer.Length)
        {
            // The size was compared with what is left of the file, so it is real memory for real bytes.
            var grown = ArrayPool<byte>.Shared.Rent(length);
            kept.CopyTo(grown);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = grown;
        }
        else
        {
            kept.CopyTo(_buffer);
        }

        _buffered = Math.Max(have, 0);
        _bufferStart = Position;
        var wanted = Math.Min(_buffer.Length - _buffered, _end - Position - _buffered);
        _buffered += _file.Read(Position + _buffered, _buffer.AsSpan(_buffered, wanted));
        return _buffered >= length;
    }
}
