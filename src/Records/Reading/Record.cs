using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>A record, read in place: key, value and headers alias the bytes that were read.</summary>
public readonly ref struct Record
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly RecordFields _fields;

    /// <summary>The record whose key, value and headers stand where <paramref name="fields"/> says.</summary>
    internal Record(Offset offset, long timestamp, ReadOnlySpan<byte> bytes, scoped in RecordFields fields)
    {
        Offset = offset;
        Timestamp = timestamp;
        _bytes = bytes;
        _fields = fields;
    }

    /// <summary>Its place in the partition.</summary>
    public Offset Offset { get; }

    /// <summary>Milliseconds since 1970; -1 for none. With log append time that of the append.</summary>
    public long Timestamp { get; }

    /// <summary>The key; null for none.</summary>
    public NullableBytes Key =>
        _fields.KeyLength < 0 ? default : new(_bytes.Slice(_fields.KeyStart, _fields.KeyLength));

    /// <summary>The value; null for a tombstone.</summary>
    public NullableBytes Value =>
        _fields.ValueLength < 0 ? default : new(_bytes.Slice(_fields.ValueStart, _fields.ValueLength));

    /// <summary>The headers, in the order they were written.</summary>
    public RecordHeaders Headers => _fields.HeaderCount == 0
        ? default
        : new(_bytes[_fields.HeadersStart.._fields.HeadersEnd], _fields.HeaderCount);
}
