using System.Buffers.Binary;

namespace Barnabas.Log;

/// <summary>An entry of the offset index: a batch's last offset, relative to the segment, and where the batch
/// begins.</summary>
internal readonly record struct OffsetEntry(int RelativeOffset, int Position) : IIndexEntry<OffsetEntry>
{
    public static int Size => 8;

    public long Key => RelativeOffset;

    public long Target => Position;

    public static OffsetEntry Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt32BigEndian(bytes), BinaryPrimitives.ReadInt32BigEndian(bytes[4..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes, RelativeOffset);
        BinaryPrimitives.WriteInt32BigEndian(bytes[4..], Position);
    }
}
