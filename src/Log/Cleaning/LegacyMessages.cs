using System.Buffers.Binary;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>Takes messages of formats v0 and v1 out of the wrapper they were compressed in: what is left of one stands
/// alone, and is not compressed again.</summary>
internal static class LegacyMessages
{
    private const int CrcPosition = 12;
    private const int AttributesPosition = 17;
    private const int TimestampPosition = 18;
    private const byte LogAppendTime = 0x08;

    /// <summary>True when an entry's time is that of its append.</summary>
    public static bool HasAppendTime(ReadOnlySpan<byte> entry) => (entry[AttributesPosition] & LogAppendTime) != 0;

    /// <summary>The message as an entry of its own, not compressed.</summary>
    /// <param name="record">The message.</param>
    /// <param name="magic">Its format.</param>
    /// <param name="hasAppendTime">True when the time is that of the append.</param>
    public static byte[] Entry(in Record record, int magic, bool hasAppendTime)
    {
        var key = record.Key;
        var value = record.Value;
        var keyAt = magic == 0 ? TimestampPosition : TimestampPosition + 8;
        var entry = new byte[keyAt + 8 + key.Span.Length + value.Span.Length];
        BinaryPrimitives.WriteInt64BigEndian(entry, record.Offset.Value);
        BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(8), entry.Length - RecordBatch.EntryOverhead);
        entry[RecordBatch.MagicPosition] = (byte)magic;
        if (magic == 1)
        {
            entry[AttributesPosition] = hasAppendTime ? LogAppendTime : (byte)0;
            BinaryPrimitives.WriteInt64BigEndian(entry.AsSpan(TimestampPosition), record.Timestamp);
        }

        var valueAt = keyAt + 4 + key.Span.Length;
        Write(entry.AsSpan(keyAt), key);
        Write(entry.AsSpan(valueAt), value);
        BinaryPrimitives.WriteUInt32BigEndian(
            entry.AsSpan(CrcPosition), Crc32.Compute(entry.AsSpan(RecordBatch.MagicPosition)));
        return entry;
    }

    private static void Write(Span<byte> at, NullableBytes bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(at, bytes.WireLength);
        bytes.Span.CopyTo(at[4..]);
    }
}
