using System.Buffers.Binary;
using System.Text;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>Reads ZooKeeper's encoding, jute, from one frame: big-endian numbers, and a four-byte length before what
/// has one.</summary>
/// <remarks>Every length is held against the bytes that remain before anything is allocated. Slices alias the
/// frame.</remarks>
/// <param name="frame">The bytes to read.</param>
public ref struct JuteReader(ReadOnlyMemory<byte> frame)
{
    private readonly ReadOnlyMemory<byte> _frame = frame;
    private readonly ReadOnlySpan<byte> _bytes = frame.Span;
    private int _at;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _bytes.Length - _at;

    /// <summary>A byte, true unless zero.</summary>
    public bool ReadBool() => Take(1)[0] != 0;

    /// <summary>Four bytes.</summary>
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    /// <summary>Eight bytes.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    /// <summary>Bytes; none where they are null.</summary>
    public ReadOnlyMemory<byte> ReadBytes()
    {
        var length = ReadInt32();
        if (length < -1)
            throw new MalformedFrameException("bytes of negative length");
        Take(Math.Max(length, 0));
        return _frame.Slice(_at - Math.Max(length, 0), Math.Max(length, 0));
    }

    /// <summary>A string of UTF-8; empty where it is null.</summary>
    public string ReadString() => Encoding.UTF8.GetString(ReadBytes().Span);

    /// <summary>How many elements follow; 0 for a vector that is null.</summary>
    /// <param name="elementSize">The fewest bytes an element takes: a count that cannot fit is refused here.</param>
    public int ReadCount(int elementSize)
    {
        var count = ReadInt32();
        if (count < -1 || (long)count * elementSize > Remaining)
            throw new MalformedFrameException("a vector longer than the frame");
        return Math.Max(count, 0);
    }

    /// <summary>A vector of strings.</summary>
    public IReadOnlyList<string> ReadStrings()
    {
        var strings = new string[ReadCount(4)];
        for (var i = 0; i < strings.Length; i++)
            strings[i] = ReadString();
        return strings;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)Remaining)
            throw new MalformedFrameException("the frame ends early");
        _at += length;
        return _bytes.Slice(_at - length, length);
    }
}
