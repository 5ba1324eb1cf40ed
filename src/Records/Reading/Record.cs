using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>A record, read in place: key, value and headers alias the bytes that were read.</summary>
public readonly ref struct Record
{
    /// <summary>The record with these parts.</summary>
    internal Record(Offset offset, long timestamp, NullableBytes key, NullableBytes value, RecordHeaders headers)
    {
        Offset = offset;
        Timestamp = timestamp;
        Key = key;
        Value = value;
        Headers = headers;
    }

    /// <summary>Its place in the partition.</summary>
    public Offset Offset { get; }

    /// <summary>Milliseconds since 1970; -1 for none. With log append time that of the append.</summary>
    public long Timestamp { get; }

    /// <summary>The key; null for none.</summary>
    public NullableBytes Key { get; }

    /// <summary>The value; null for a tombstone.</summary>
    public NullableBytes Value { get; }

    /// <summary>The headers, in the order they were written.</summary>
    public RecordHeaders Headers { get; }
}
