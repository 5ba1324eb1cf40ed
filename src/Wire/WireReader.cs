using System.Buffers.Binary;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Wire;

/// <summary>Reads Kafka's wire primitives from one frame. Slices alias the frame: they live as long as it
/// does.</summary>
/// <remarks>Every count and length is checked against the bytes that remain before anything is allocated, and what a
/// frame may unpack to on the heap is limited to a multiple of its size: a hostile frame costs the sender its
/// connection and the broker next to nothing.</remarks>
/// <param name="frame">The bytes to read.</param>
public ref struct WireReader(ReadOnlyMemory<byte> frame)
{
    private const int LongestString = short.MaxValue;
    private const int FreeHeap = 1 << 20;
    private const int HeapPerByte = 16;
    private const int ListSize = 56;
    private const int StringSize = 24;
    private const int TagSize = 64;
    private readonly ReadOnlyMemory<byte> _frame = frame;
    private readonly ReadOnlySpan<byte> _bytes = frame.Span;
    private long _heap = FreeHeap + (long)HeapPerByte * frame.Length;
    private int _at;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _bytes.Length - _at;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _at;

    /// <summary>A byte, true unless zero.</summary>
    public bool ReadBool() => Take(1)[0] != 0;

    /// <summary>A signed byte.</summary>
    public sbyte ReadInt8() => (sbyte)Take(1)[0];

    /// <summary>Two bytes, big-endian, signed.</summary>
    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    /// <summary>Two bytes, big-endian.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    /// <summary>Four bytes, big-endian, signed.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    /// <summary>Four bytes, big-endian.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>Eight bytes, big-endian, signed.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>Eight bytes, big-endian, IEEE 754.</summary>
    public double ReadFloat64() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>Sixteen bytes.</summary>
    public Uuid ReadUuid() => Uuid.FromBytes(Take(16));

    /// <summary>An unsigned varint of at most five bytes, as a length or tag: at most 2^31-1.</summary>
    public int ReadUVarInt()
    {
        if (_at < _bytes.Length && _bytes[_at] < 0x80)
            return _bytes[_at++];
        var value = 0ul;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = Take(1)[0];
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return value <= int.MaxValue ? (int)value : throw new MalformedFrameException("varint above 2^31-1");
        }

        throw new MalformedFrameException("varint longer than five bytes");
    }

    /// <summary>The number of elements that follow; -1 for a null array.</summary>
    /// <param name="flexible">True for the compact form.</param>
    /// <param name="elementSize">The fewest bytes an element takes: a count that cannot fit is refused here.</param>
    /// <param name="heapSize">About how many bytes of heap an element takes, what it refers to left out.</param>
    public int ReadArrayCount(bool flexible, int elementSize, int heapSize = sizeof(long))
    {
        var count = flexible ? ReadUVarInt() - 1 : ReadInt32();
        if (count < -1)
            throw new MalformedFrameException("array of negative length");
        if ((long)count * elementSize > Remaining)
            throw new MalformedFrameException("array longer than the frame");
        if (count > 0)
            Charge(ListSize + (long)count * heapSize);
        return count;
    }

    /// <summary>A string that must not be null.</summary>
    /// <param name="flexible">True for the compact form.</param>
    /// <param name="field">What it is, for the fault.</param>
    /// <param name="likely">What it is likely to be: then no new string is made of it.</param>
    public string ReadString(bool flexible, string field, string? likely = null) =>
        ReadNullableString(flexible, likely) ?? throw MalformedFrameException.NullOf(field);

    /// <summary>A string or null. What is not UTF-8 becomes U+FFFD, as in Kafka: names with it are refused where names
    /// are checked.</summary>
    /// <param name="flexible">True for the compact form.</param>
    /// <param name="likely">What it is likely to be: then no new string is made of it.</param>
    public string? ReadNullableString(bool flexible, string? likely = null)
    {
        var length = flexible ? ReadUVarInt() - 1 : ReadInt16();
        if (length < 0)
            return length == -1 ? null : throw new MalformedFrameException("string of negative length");
        if (flexible && length > LongestString)
            throw new MalformedFrameException("string longer than 32767 bytes");
        Charge(StringSize + sizeof(char) * length);
        var bytes = Take(length);
        if (likely is not null && Ascii.Equals(bytes, likely))
            return likely;
        var text = Encoding.UTF8.GetString(bytes);
        // U+FFFD takes three bytes: a string that grew must still be one that an answer can carry.
        return length <= LongestString / 3 || Encoding.UTF8.GetByteCount(text) <= LongestString
            ? text
            : throw new MalformedFrameException("string longer than 32767 bytes");
    }

    /// <summary>Bytes that must not be null.</summary>
    public ReadOnlyMemory<byte> ReadBytes(bool flexible, string field) =>
        ReadNullableBytes(flexible) ?? throw MalformedFrameException.NullOf(field);

    /// <summary>Bytes or null.</summary>
    public ReadOnlyMemory<byte>? ReadNullableBytes(bool flexible)
    {
        var length = flexible ? ReadUVarInt() - 1 : ReadInt32();
        if (length < 0)
            return length == -1 ? null : throw new MalformedFrameException("bytes of negative length");
        return ReadSlice(length);
    }

    /// <summary>Record batches that must not be null.</summary>
    public RecordBytes ReadRecords(bool flexible, string field) => new(ReadBytes(flexible, field));

    /// <summary>Record batches or null.</summary>
    public RecordBytes? ReadNullableRecords(bool flexible) =>
        ReadNullableBytes(flexible) is { } bytes ? new RecordBytes(bytes) : null;

    /// <summary>The mark before a struct that may be null: true when it follows.</summary>
    public bool ReadPresence() => ReadInt8() switch
    {
        -1 => false,
        1 => true,
        _ => throw new MalformedFrameException("neither null nor a struct"),
    };

    /// <summary>How many tagged fields follow.</summary>
    public int ReadTagCount()
    {
        var count = ReadUVarInt();
        return (long)count * 2 <= Remaining ? count : throw new MalformedFrameException("more tags than the frame has");
    }

    /// <summary>A tag and where its value ends. Tags ascend; <paramref name="last"/> is the one before.</summary>
    public (int Tag, int End) BeginTag(ref int last)
    {
        var tag = ReadUVarInt();
        var size = ReadUVarInt();
        if (tag <= last)
            throw new MalformedFrameException("tags do not ascend");
        if (size > Remaining)
            throw new MalformedFrameException("tag longer than the frame");
        last = tag;
        return (tag, _at + size);
    }

    /// <summary>Checks that a tag's value was as long as it said.</summary>
    public readonly void EndTag(int end)
    {
        if (_at != end)
            throw new MalformedFrameException("tag of another length than it says");
    }

    /// <summary>The bytes up to <paramref name="end"/>, a position <see cref="BeginTag"/> gave.</summary>
    public ReadOnlyMemory<byte> ReadUntil(int end) => ReadSlice(end - _at);

    /// <summary>Adds a tagged field that no schema names to <paramref name="kept"/>.</summary>
    public void KeepTag(ref UnknownTags kept, int tag, int end)
    {
        Charge(TagSize);
        UnknownTags.Keep(ref kept, tag, ReadUntil(end));
    }

    /// <summary>The next <paramref name="length"/> bytes.</summary>
    public ReadOnlyMemory<byte> ReadSlice(int length)
    {
        Take(length);
        return _frame.Slice(_at - length, length);
    }

    /// <summary>Checks that nothing is left.</summary>
    public readonly void End()
    {
        if (Remaining != 0)
            throw new MalformedFrameException($"{Remaining} bytes behind the message");
    }

    private void Charge(long heap)
    {
        _heap -= heap;
        if (_heap < 0)
            throw new MalformedFrameException($"the frame unpacks to more than {HeapPerByte} times its size");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)Remaining)
            throw new MalformedFrameException("the frame ends early");
        _at += length;
        return _bytes.Slice(_at - length, length);
    }
}
