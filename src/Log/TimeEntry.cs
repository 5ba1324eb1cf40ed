using System.Buffers.Binary;

namespace Barnabas.Log;

/// <summary>An entry of the time index: the largest timestamp so far, and the last offset of the batch that brought
/// it.</summary>
internal readonly record struct TimeEntry(long Timestamp, int RelativeOffset) : IIndexEntry<TimeEntry>
{
    public static int Size => 12;

    public long Key => Timestamp;

    public long Target => RelativeOffset;

    public static TimeEntry Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, Timestamp);
        BinaryPrimitives.WriteInt32BigEndian(bytes[8..], RelativeOffset);
    }
}
