using System.Buffers.Binary;

namespace Barnabas.Records;

/// <summary>The head of a gzip member, of which only the length matters.</summary>
internal static class GzipHeader
{
    private const int FixedSize = 10;
    private const int HasChecksum = 0x02;
    private const int HasExtra = 0x04;
    private const int HasName = 0x08;
    private const int HasComment = 0x10;
    private const int Reserved = 0xE0;

    /// <summary>Moves past the head; false where there is none.</summary>
    public static bool TrySkip(ref ReadOnlySpan<byte> input)
    {
        if (input.Length < FixedSize || input[0] != 0x1F || input[1] != 0x8B || input[2] != 8)
            return false;
        int flags = input[3];
        var rest = input[FixedSize..];
        if ((flags & Reserved) != 0 || !TrySkipExtra(flags, ref rest))
            return false;
        if ((flags & HasName) != 0 && !TrySkipText(ref rest))
            return false;
        if ((flags & HasComment) != 0 && !TrySkipText(ref rest))
            return false;
        if ((flags & HasChecksum) != 0)
        {
            var head = input[..^rest.Length];
            var crc = (ushort)Crc32.Compute(head);
            if (rest.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(rest) != crc)
                return false;
            rest = rest[2..];
        }
        input = rest;
        return true;
    }

    private static bool TrySkipExtra(int flags, ref ReadOnlySpan<byte> rest)
    {
        if ((flags & HasExtra) == 0)
            return true;
        if (rest.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(rest) > rest.Length - 2)
            return false;
        rest = rest[(2 + BinaryPrimitives.ReadUInt16LittleEndian(rest))..];
        return true;
    }

    private static bool TrySkipText(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)0);
        rest = rest[(end + 1)..];
        return end >= 0;
    }
}
