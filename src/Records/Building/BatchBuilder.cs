using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Writes records straight into the bytes of a v2 batch; no object per record. For one thread at a
/// time.</summary>
public sealed class BatchBuilder : IDisposable
{
    /// <summary>The most bytes a record's own lengths, deltas and counts take.</summary>
    private const int RecordOverhead = (4 * Varint.MaxSize) + Varint.MaxLongSize + Varint.MaxSize + 1;

    private byte[] _buffer;
    private int _end = RecordBatch.HeaderSize;
    private long _baseTimestamp;
    private long _maxTimestamp;
    private PooledWriter? _compressed;
    private Memory<byte> _built;

    /// <summary>An empty builder.</summary>
    /// <param name="capacity">Bytes to start with; the buffer grows as needed.</param>
    public BatchBuilder(int capacity = 4096) =>
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, RecordBatch.HeaderSize));

    /// <summary>How many records there are.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of the batch so far, header included, not compressed.</summary>
    public int Size => _end;

    /// <summary>The largest timestamp so far, in ms; meaningless while there is no record.</summary>
    public long MaxTimestamp => _maxTimestamp;

    /// <summary>The bytes a batch of this one record takes at the most.</summary>
    public static long LargestSizeOf(
        NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers = default) =>
        RecordBatch.HeaderSize + RecordOverhead + (long)key.Span.Length + value.Span.Length + SizeOf(headers);

    /// <summary>Appends a record.</summary>
    /// <param name="timestamp">Milliseconds since 1970, or -1.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="value">The value, or null.</param>
    /// <param name="headers">The headers.</param>
    public void Append(
        long timestamp,
        NullableBytes key,
        NullableBytes value,
        ReadOnlySpan<RecordHeader> headers = default)
    {
        var fits = TryAppend(int.MaxValue, timestamp, key, value, headers);
        Invariant.Holds(fits, "a batch holds less than 2 GiB");
    }

    /// <summary>Appends a record unless the batch would then exceed <paramref name="maxSize"/> bytes, not
    /// compressed.</summary>
    /// <returns>False where it would; nothing has changed then.</returns>
    public bool TryAppend(
        int maxSize,
        long timestamp,
        NullableBytes key,
        NullableBytes value,
        ReadOnlySpan<RecordHeader> headers = default)
    {
        var timestampDelta = Count == 0 ? 0 : unchecked(timestamp - _baseTimestamp);
        var length = 1L + Varint.SizeOf(timestampDelta) + Varint.SizeOf(Count)
            + Varint.SizeOf(key.WireLength) + key.Span.Length
            + Varint.SizeOf(value.WireLength) + value.Span.Length
            + (headers.IsEmpty ? 1 : Varint.SizeOf(headers.Length) + SizeOf(headers));
        var left = maxSize - _end;
        if (length > left || length + Varint.SizeOf((int)length) > left)
            return false;
        if (_buffer.Length - _end < length + Varint.MaxSize)
            Grow((int)length + Varint.MaxSize);

        // From here on there is room for all that was counted above, so nothing is checked again.
        ref var start = ref MemoryMarshal.GetArrayDataReference(_buffer);
        var at = _end;
        Varint.Write(ref start, ref at, (int)length);
        Unsafe.Add(ref start, at++) = 0;
        Varint.Write(ref start, ref at, timestampDelta);
        Varint.Write(ref start, ref at, Count);
        Write(ref start, ref at, key);
        Write(ref start, ref at, value);
        if (headers.IsEmpty)
            Unsafe.Add(ref start, at++) = 0;
        else
            at += Write(_buffer.AsSpan(at), headers);
        if (Count == 0)
            _baseTimestamp = _maxTimestamp = timestamp;
        _maxTimestamp = Math.Max(_maxTimestamp, timestamp);
        _end = at;
        Count++;
        return true;
    }

    /// <summary>The finished batch. The bytes stay the builder's: they are good until its next call. It can
    /// be built again, say with another producer epoch, and takes more records after.</summary>
    /// <param name="options">What the batch says of itself. Its codec must be available.</param>
    public ReadOnlyMemory<byte> Build(in BatchOptions options)
    {
        Invariant.Holds(Count > 0, "a batch to be built has records");
        if (options.Compression.Codec == CompressionCodec.None)
        {
            WriteHeader(_buffer.AsSpan(0, _end), options);
            return _built = _buffer.AsMemory(0, _end);
        }
        _compressed ??= new(_end);
        _compressed.Clear();
        _ = _compressed.GetSpan(RecordBatch.HeaderSize);
        _compressed.Advance(RecordBatch.HeaderSize);
        var records = _buffer.AsSpan(RecordBatch.HeaderSize, _end - RecordBatch.HeaderSize);
        var outcome = Codecs.Compress(options.Compression, records, _compressed);
        Invariant.Holds(outcome == CodecOutcome.Done, "the codec of a batch to be built is available");
        WriteHeader(_compressed.Written, options);
        return _built = _compressed.WrittenMemory;
    }

    /// <summary>Gives the batch that was built last another producer identity, without compressing it
    /// anew.</summary>
    /// <returns>The batch; good until the next call.</returns>
    public ReadOnlyMemory<byte> Identify(ProducerId id, short epoch, int baseSequence)
    {
        Invariant.Holds(_built.Length > 0, "a batch is built before it is identified");
        var batch = _built.Span;
        Span<byte> before = stackalloc byte[BatchHeader.RecordCount - BatchHeader.ProducerId];
        batch.Slice(BatchHeader.ProducerId, before.Length).CopyTo(before);
        BinaryPrimitives.WriteInt64BigEndian(batch[BatchHeader.ProducerId..], id.Value);
        BinaryPrimitives.WriteInt16BigEndian(batch[BatchHeader.ProducerEpoch..], epoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchHeader.BaseSequence..], baseSequence);
        BatchHeader.Reseal(batch, BatchHeader.ProducerId, before);
        return _built;
    }

    /// <summary>Forgets the records and keeps the memory.</summary>
    public void Clear()
    {
        _end = RecordBatch.HeaderSize;
        _built = default;
        Count = 0;
    }

    /// <summary>Gives the memory back; batches that were built are void after that.</summary>
    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _compressed?.Dispose();
        _compressed = null;
        Clear();
    }

    private void WriteHeader(Span<byte> batch, in BatchOptions options)
    {
        var attributes = (int)options.Compression.Codec
            | (options.LogAppendTime is null ? 0 : BatchAttributes.LogAppendTimeBit)
            | (options.IsTransactional ? BatchAttributes.TransactionalBit : 0)
            | (options.IsControl ? BatchAttributes.ControlBit : 0);
        RecordBatch.Assign(batch, options.BaseOffset, options.LeaderEpoch);
        batch[RecordBatch.MagicPosition] = 2;
        BinaryPrimitives.WriteInt16BigEndian(batch[BatchHeader.Attributes..], (short)attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchHeader.LastOffsetDelta..], Count - 1);
        BinaryPrimitives.WriteInt64BigEndian(batch[BatchHeader.BaseTimestamp..], _baseTimestamp);
        var maxTimestamp = options.LogAppendTime ?? _maxTimestamp;
        BinaryPrimitives.WriteInt64BigEndian(batch[BatchHeader.MaxTimestamp..], maxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[BatchHeader.ProducerId..], options.ProducerId.Value);
        BinaryPrimitives.WriteInt16BigEndian(batch[BatchHeader.ProducerEpoch..], options.ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchHeader.BaseSequence..], options.BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchHeader.RecordCount..], Count);
        BatchHeader.Seal(batch);
    }

    private static long SizeOf(ReadOnlySpan<RecordHeader> headers)
    {
        long size = 0;
        foreach (var header in headers)
        {
            var key = Encoding.UTF8.GetByteCount(header.Key);
            var value = header.Value?.Length ?? -1;
            size += Varint.SizeOf(key) + (long)key + Varint.SizeOf(value) + Math.Max(value, 0);
        }
        return size;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(ref byte start, ref int at, NullableBytes bytes)
    {
        Varint.Write(ref start, ref at, bytes.WireLength);
        var span = bytes.Span;
        Unsafe.CopyBlockUnaligned(
            ref Unsafe.Add(ref start, at), ref MemoryMarshal.GetReference(span), (uint)span.Length);
        at += span.Length;
    }

    private static int Write(Span<byte> room, ReadOnlySpan<RecordHeader> headers)
    {
        var at = Varint.Write(room, headers.Length);
        foreach (var header in headers)
        {
            at += Varint.Write(room[at..], Encoding.UTF8.GetByteCount(header.Key));
            at += Encoding.UTF8.GetBytes(header.Key, room[at..]);
            at += Varint.Write(room[at..], header.Value?.Length ?? -1);
            header.Value.CopyTo(room[at..]);
            at += header.Value?.Length ?? 0;
        }
        return at;
    }

    private void Grow(int size)
    {
        var atLeast = Math.Min(Math.Max(2L * _buffer.Length, (long)_end + size), Array.MaxLength);
        var grown = ArrayPool<byte>.Shared.Rent((int)atLeast);
        _buffer.AsSpan(0, _end).CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
        _built = default;
    }
}
