using System.Runtime.CompilerServices;

namespace Barnabas.Records;

/// <summary>The raw Snappy format: a length, then literals and copies. Blocks of 64 KiB at most are
/// written.</summary>
internal static unsafe class SnappyBlock
{
    private const int LiteralTag = 0;
    private const int NearCopyTag = 1;
    private const int CopyTag = 2;
    private const int HashBits = 14;
    private const int LargestInput = 64 * 1024;

    /// <summary>Matching stops this far before the end, so that a hash never reads beyond it.</summary>
    private const int Margin = 15;

    [ThreadStatic]
    private static ushort[]? _positions;

    /// <summary>The most bytes that <paramref name="length"/> bytes become.</summary>
    public static int LargestCompressed(int length) => 32 + length + (length / 6);

    /// <summary>Reads the length of what comes out and moves past it; false where that is none of 32
    /// bits.</summary>
    public static bool TryReadLength(ref ReadOnlySpan<byte> block, out long length)
    {
        length = 0;
        for (var i = 0; i < 5 && i < block.Length; i++)
        {
            length |= (long)(block[i] & 0x7F) << (7 * i);
            if (block[i] >= 0x80)
                continue;
            block = block[(i + 1)..];
            return length <= uint.MaxValue;
        }
        return false;
    }

    /// <summary>Decompresses what follows the length into all of <paramref name="output"/>.</summary>
    /// <returns>False where the block is damaged, or holds more or less than that.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> block, Span<byte> output)
    {
        fixed (byte* input = block, start = output)
        {
            byte* from = input, fromEnd = input + block.Length, to = start, toEnd = start + output.Length;
            while (from < fromEnd)
            {
                int tag = *from++;
                if ((tag & 3) == LiteralTag)
                {
                    if (!TryReadLiteralLength(tag, ref from, fromEnd, out var literals))
                        return false;
                    if (literals > fromEnd - from || literals > toEnd - to)
                        return false;
                    Matches.CopyLiterals(to, from, (int)literals, fromEnd, toEnd);
                    from += literals;
                    to += literals;
                    continue;
                }
                if (!TryReadCopy(tag, ref from, fromEnd, out var length, out var distance))
                    return false;
                if (distance == 0 || distance > to - start || length > toEnd - to)
                    return false;
                Matches.Repeat(to, (int)distance, length, toEnd);
                to += length;
            }
            return to == toEnd;
        }
    }

    /// <summary>Compresses <paramref name="block"/>, 64 KiB at most, its length before it.</summary>
    /// <returns>How many bytes were written to <paramref name="output"/>, which has room for the largest
    /// result.</returns>
    public static int Compress(ReadOnlySpan<byte> block, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Length, LargestInput);
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, LargestCompressed(block.Length));
        var positions = _positions ??= new ushort[1 << HashBits];
        positions.AsSpan().Clear();
        fixed (byte* start = block, target = output)
        fixed (ushort* table = positions)
        {
            var to = target;
            for (var rest = (uint)block.Length; ; rest >>= 7)
            {
                *to++ = (byte)(rest >= 0x80 ? rest | 0x80 : rest);
                if (rest < 0x80)
                    break;
            }
            var literals = start;
            if (block.Length > Margin)
                to = WriteMatches(start, start + block.Length, ref literals, to, table);
            return (int)(WriteLiterals(to, literals, (int)(start + block.Length - literals)) - target);
        }
    }

    private static byte* WriteMatches(byte* start, byte* end, ref byte* literals, byte* to, ushort* table)
    {
        var last = end - Margin;
        for (var at = start + 1; ;)
        {
            // The step grows with what did not match, so that incompressible bytes are passed over quickly.
            var skip = 32;
            byte* match;
            while (true)
            {
                var hash = Hash(at);
                match = start + table[hash];
                table[hash] = (ushort)(at - start);
                if (*(uint*)match == *(uint*)at && match < at)
                    break;
                var step = Math.Min(skip >> 5, Matches.LongestStep);
                at += step;
                skip += step;
                if (at > last)
                    return to;
            }
            to = WriteLiterals(to, literals, (int)(at - literals));
            var length = 4 + Matches.CountEqual(at + 4, match + 4, end);
            to = WriteCopy(to, (int)(at - match), length);
            at += length;
            literals = at;
            if (at > last)
                return to;
            table[Hash(at - 1)] = (ushort)(at - 1 - start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(byte* at) => (*(uint*)at * 0x1E35A7BD) >> (32 - HashBits);

    private static byte* WriteLiterals(byte* to, byte* from, int count)
    {
        if (count == 0)
            return to;
        var stored = count - 1;
        if (stored < 60)
        {
            *to++ = (byte)(stored << 2);
        }
        else if (stored < 256)
        {
            *to++ = 60 << 2;
            *to++ = (byte)stored;
        }
        else
        {
            *to++ = 61 << 2;
            *(ushort*)to = (ushort)stored;
            to += 2;
        }
        Unsafe.CopyBlockUnaligned(to, from, (uint)count);
        return to + count;
    }

    /// <summary>Writes a match of any length as copies of 64 bytes at most, the last no shorter than
    /// 4.</summary>
    private static byte* WriteCopy(byte* to, int distance, int length)
    {
        while (length > 64)
        {
            var piece = length >= 68 ? 64 : 60;
            *to++ = (byte)(((piece - 1) << 2) | CopyTag);
            *(ushort*)to = (ushort)distance;
            to += 2;
            length -= piece;
        }
        if (length < 12 && distance < 2048)
        {
            *to++ = (byte)(((distance >> 8) << 5) | ((length - 4) << 2) | NearCopyTag);
            *to++ = (byte)distance;
            return to;
        }
        *to++ = (byte)(((length - 1) << 2) | CopyTag);
        *(ushort*)to = (ushort)distance;
        return to + 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadLiteralLength(int tag, ref byte* from, byte* fromEnd, out long length)
    {
        length = (tag >> 2) + 1;
        if (length <= 60)
            return true;
        var bytes = (int)length - 60;
        if (fromEnd - from < bytes)
            return false;
        length = 1;
        for (var i = 0; i < bytes; i++)
            length += (long)*from++ << (8 * i);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadCopy(int tag, ref byte* from, byte* fromEnd, out int length, out uint distance)
    {
        length = (tag >> 2) + 1;
        distance = 0;
        switch (tag & 3)
        {
            case NearCopyTag:
                if (from >= fromEnd)
                    return false;
                length = ((tag >> 2) & 7) + 4;
                distance = (uint)((tag >> 5) << 8) | *from++;
                return true;
            case CopyTag:
                if (fromEnd - from < 2)
                    return false;
                distance = *(ushort*)from;
                from += 2;
                return true;
            default:
                if (fromEnd - from < 4)
                    return false;
                distance = *(uint*)from;
                from += 4;
                return true;
        }
    }
}
