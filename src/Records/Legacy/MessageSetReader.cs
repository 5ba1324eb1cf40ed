using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Reads the messages of message sets v0 and v1 one by one, compressed or not. Dispose it after
/// reading.</summary>
/// <remarks>A wrapper's messages have absolute offsets in v0. In v1 they count from the first, and the
/// wrapper's offset is that of the last. Key and value of a record are good until the next is read.</remarks>
public ref struct MessageSetReader : IDisposable
{
    private readonly int _limit;
    private ReadOnlySpan<byte> _outer;
    private ReadOnlySpan<byte> _inner;
    private PooledBytes? _decompressed;
    private sbyte _innerMagic;
    private long _innerBase;
    private long? _appendTime;

    /// <summary>Reads entries that stand back to back.</summary>
    /// <param name="set">The entries.</param>
    /// <param name="limit">The most bytes one wrapper's messages may decompress to.</param>
    public MessageSetReader(ReadOnlySpan<byte> set, int limit)
    {
        _outer = set;
        _limit = limit;
    }

    /// <summary>What ended the reading; <see cref="RecordFault.None"/> as long as all is well.</summary>
    public RecordFault Fault { get; private set; }

    /// <summary>Reads the next message.</summary>
    /// <returns>False after the last, and where the bytes are damaged: <see cref="Fault"/> then tells
    /// how.</returns>
    public bool TryRead(out Record record)
    {
        record = default;
        if (_inner.IsEmpty && !TryReadOuter(out record))
            return false;
        return _inner.IsEmpty || TryReadInner(out record);
    }

    /// <summary>Gives back what a wrapper was decompressed to.</summary>
    public void Dispose()
    {
        _decompressed?.Dispose();
        _decompressed = null;
        _inner = default;
    }

    /// <summary>Reads the next entry: its record, or, where it is a wrapper, the messages to read
    /// next.</summary>
    private bool TryReadOuter(out Record record)
    {
        record = default;
        if (Fault != RecordFault.None || _outer.IsEmpty)
            return false;
        Fault = MessageSetEntry.TryRead(_outer, out var entry);
        if (Fault != RecordFault.None)
            return false;
        _outer = _outer[entry.Size..];
        if (entry.Attributes.Codec == CompressionCodec.None)
        {
            record = entry.ToRecord(entry.Offset, entry.Timestamp);
            return true;
        }
        Fault = Open(entry);
        return Fault == RecordFault.None;
    }

    private bool TryReadInner(out Record record)
    {
        record = default;
        Fault = MessageSetEntry.TryRead(_inner, out var entry);
        if (Fault == RecordFault.None
            && (entry.Magic != _innerMagic || entry.Attributes.Codec != CompressionCodec.None))
        {
            Fault = RecordFault.BadFormat;
        }
        if (Fault != RecordFault.None)
            return false;
        _inner = _inner[entry.Size..];
        var offset = new Offset(unchecked(_innerBase + entry.Offset.Value));
        record = entry.ToRecord(offset, _appendTime ?? entry.Timestamp);
        return true;
    }

    private RecordFault Open(MessageSetEntry wrapper)
    {
        Dispose();
        if (wrapper.Attributes.Codec > CompressionCodec.Lz4)
            return RecordFault.BadFormat;
        var (codec, isV0) = (wrapper.Attributes.Codec, wrapper.Magic == 0);
        var outcome = Codecs.Decompress(codec, wrapper.Value.Span, _limit, out _decompressed, isV0);
        if (outcome != CodecOutcome.Done || _decompressed is null)
            return outcome == CodecOutcome.TooLarge ? RecordFault.TooLarge : RecordFault.BadCompression;
        _inner = _decompressed.Span;
        if (_inner.IsEmpty)
            return RecordFault.TooFewRecords;
        _innerMagic = wrapper.Magic;
        _appendTime = wrapper.Attributes.IsLogAppendTime && wrapper.Magic == 1 ? wrapper.Timestamp : null;

        // Some producers left the wrapper's offset 0 and the broker kept it: the messages then count from 0.
        var countsFromFirst = wrapper.Magic == 1 && wrapper.Offset != Offset.Zero;
        _innerBase = countsFromFirst ? unchecked(wrapper.Offset.Value - LastOffset(_inner)) : 0;
        return RecordFault.None;
    }

    /// <summary>The offset field of the last whole entry; damage is found when the entries are
    /// read.</summary>
    private static long LastOffset(ReadOnlySpan<byte> set)
    {
        long offset = 0;
        while (set.Length >= RecordBatch.EntryOverhead)
        {
            offset = BinaryPrimitives.ReadInt64BigEndian(set);
            var length = BinaryPrimitives.ReadInt32BigEndian(set[8..]);
            if (length < 0 || length > set.Length - RecordBatch.EntryOverhead)
                break;
            set = set[(RecordBatch.EntryOverhead + length)..];
        }
        return offset;
    }
}
