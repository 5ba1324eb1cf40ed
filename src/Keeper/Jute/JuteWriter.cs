using System.Buffers.Binary;
using System.Text;

namespace Barnabas.Keeper;

/// <summary>Writes one frame in ZooKeeper's encoding, jute, its length before it.</summary>
public sealed class JuteWriter
{
    private const int LengthSize = 4;
    private byte[] _bytes = new byte[128];
    private int _at = LengthSize;

    /// <summary>Bytes of the frame so far, its length left out.</summary>
    public int Size => _at - LengthSize;

    /// <summary>A byte, 1 or 0.</summary>
    public void WriteBool(bool value) => Take(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Four bytes.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    /// <summary>Eight bytes.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    /// <summary>Bytes, their length before them.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteInt32(value.Length);
        value.CopyTo(Take(value.Length));
    }

    /// <summary>A string of UTF-8, its length before it.</summary>
    public void WriteString(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        WriteInt32(length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>A vector of strings.</summary>
    public void WriteStrings(IReadOnlyList<string> values)
    {
        WriteInt32(values.Count);
        foreach (var value in values)
            WriteString(value);
    }

    /// <summary>The frame with its length. The writer is of no more use.</summary>
    public ReadOnlyMemory<byte> ToFrame()
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes, Size);
        return _bytes.AsMemory(0, _at);
    }

    private Span<byte> Take(int length)
    {
        if (_bytes.Length - _at < length)
            Array.Resize(ref _bytes, Math.Max(checked(_at + length), 2 * _bytes.Length));
        _at += length;
        return _bytes.AsSpan(_at - length, length);
    }
}
