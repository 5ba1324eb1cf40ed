using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>An entry of a message set of format v0 or v1, read in place: a message, or a wrapper around a
/// compressed set.</summary>
/// <remarks>Source: KIP-31, KIP-32. Brokers before 0.11 wrote them; they are read, never written.</remarks>
public readonly ref struct MessageSetEntry
{
    private const int CrcPosition = 12;
    private const int CrcCoversFrom = 16;
    private const int AttributesPosition = 17;
    private const int TimestampPosition = 18;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _keyPosition;

    private MessageSetEntry(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _keyPosition = bytes[RecordBatch.MagicPosition] == 0 ? TimestampPosition : TimestampPosition + 8;
    }

    /// <summary>The message's offset; a wrapper has that of the last message in it.</summary>
    public Offset Offset => new(BinaryPrimitives.ReadInt64BigEndian(_bytes));

    /// <summary>The bytes of the entry.</summary>
    public int Size => _bytes.Length;

    /// <summary>The format: 0 or 1.</summary>
    public sbyte Magic => (sbyte)_bytes[RecordBatch.MagicPosition];

    /// <summary>Codec and timestamp type.</summary>
    public BatchAttributes Attributes => new(_bytes[AttributesPosition]);

    /// <summary>Milliseconds since 1970; -1 in format v0. A wrapper has the largest of its
    /// messages.</summary>
    public long Timestamp =>
        Magic == 0 ? -1 : BinaryPrimitives.ReadInt64BigEndian(_bytes[TimestampPosition..]);

    /// <summary>The key, or null.</summary>
    public NullableBytes Key => ToRecord(default, default).Key;

    /// <summary>The value, or null; of a wrapper the compressed set.</summary>
    public NullableBytes Value => ToRecord(default, default).Value;

    /// <summary>Reads the entry at the front of <paramref name="bytes"/>, its lengths and its
    /// checksum.</summary>
    /// <returns>What is wrong with it; more bytes may follow it.</returns>
    public static RecordFault TryRead(ReadOnlySpan<byte> bytes, out MessageSetEntry entry)
    {
        entry = default;
        if (bytes.Length <= RecordBatch.MagicPosition)
            return RecordFault.Truncated;
        if ((sbyte)bytes[RecordBatch.MagicPosition] is not (0 or 1))
            return RecordFault.BadFormat;
        var size = (long)BinaryPrimitives.ReadInt32BigEndian(bytes[8..]) + RecordBatch.EntryOverhead;
        var overhead = TimestampPosition + (bytes[RecordBatch.MagicPosition] == 0 ? 0 : 8) + 8;
        if (size < overhead)
            return RecordFault.BadLength;
        if (size > bytes.Length)
            return RecordFault.Truncated;
        var candidate = new MessageSetEntry(bytes[..(int)size]);
        if (!candidate.LengthsFit())
            return RecordFault.BadLength;
        var crc = BinaryPrimitives.ReadUInt32BigEndian(bytes[CrcPosition..]);
        if (crc != Crc32.Compute(candidate._bytes[CrcCoversFrom..]))
            return RecordFault.BadChecksum;
        entry = candidate;
        return RecordFault.None;
    }

    /// <summary>The message as a record at another place and time than its own.</summary>
    internal Record ToRecord(Offset offset, long timestamp)
    {
        var fields = new RecordFields
        {
            KeyStart = _keyPosition + 4,
            KeyLength = BinaryPrimitives.ReadInt32BigEndian(_bytes[_keyPosition..]),
        };
        var valuePosition = fields.KeyStart + Math.Max(fields.KeyLength, 0);
        fields.ValueStart = valuePosition + 4;
        fields.ValueLength = BinaryPrimitives.ReadInt32BigEndian(_bytes[valuePosition..]);
        return new(offset, timestamp, _bytes, fields);
    }

    private bool LengthsFit()
    {
        var key = BinaryPrimitives.ReadInt32BigEndian(_bytes[_keyPosition..]);
        var room = _bytes.Length - _keyPosition - 8;
        if (key < -1 || key > room)
            return false;
        var value = BinaryPrimitives.ReadInt32BigEndian(_bytes[(_keyPosition + 4 + Math.Max(key, 0))..]);
        return value >= -1 && Math.Max(key, 0) + (long)Math.Max(value, 0) == room;
    }
}
