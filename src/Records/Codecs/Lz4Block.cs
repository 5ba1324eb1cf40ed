using System.Runtime.CompilerServices;

namespace Barnabas.Records;

/// <summary>The LZ4 block format: sequences of literals and a match. Blocks of 64 KiB at most are
/// written.</summary>
internal static unsafe class Lz4Block
{
    /// <summary>The result of decompressing what is no block.</summary>
    public const int Damaged = -1;

    /// <summary>The result of decompressing what does not fit.</summary>
    public const int Full = -2;

    /// <summary>The shortest match.</summary>
    public const int ShortestMatch = 4;

    /// <summary>The last five bytes of a block are literals.</summary>
    public const int LastLiterals = 5;

    /// <summary>The last match starts no later than this before the end.</summary>
    public const int LastMatchStart = 12;

    private const int HashBits = 13;
    private const int LargestInput = 64 * 1024;
    private const int LongLength = 15;

    [ThreadStatic]
    private static ushort[]? _positions;

    /// <summary>The most bytes that <paramref name="length"/> bytes become.</summary>
    public static int LargestCompressed(int length) => length + (length / 255) + 16;

    /// <summary>Decompresses <paramref name="block"/> to the front of <paramref name="output"/>.</summary>
    /// <param name="block">The block.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="history">How many bytes that stand right before <paramref name="output"/> matches may
    /// refer to.</param>
    /// <returns>How many bytes came out, or <see cref="Damaged"/>, or <see cref="Full"/>.</returns>
    public static int Decompress(ReadOnlySpan<byte> block, Span<byte> output, int history)
    {
        fixed (byte* input = block, start = output)
        {
            byte* from = input, fromEnd = input + block.Length, to = start, toEnd = start + output.Length;
            while (from < fromEnd)
            {
                int token = *from++;
                long literals = token >> 4;
                if (literals == LongLength && !TryReadLength(ref from, fromEnd, ref literals))
                    return Damaged;
                if (literals > fromEnd - from)
                    return Damaged;
                if (literals > toEnd - to)
                    return Full;
                Matches.CopyLiterals(to, from, (int)literals, fromEnd, toEnd);
                to += literals;
                from += literals;
                if (from == fromEnd)
                    return (int)(to - start);
                if (fromEnd - from < 2)
                    return Damaged;
                int distance = *(ushort*)from;
                from += 2;
                long length = token & 15;
                if (length == LongLength && !TryReadLength(ref from, fromEnd, ref length))
                    return Damaged;
                length += ShortestMatch;
                if (distance == 0 || distance > to - start + history)
                    return Damaged;
                if (length > toEnd - to)
                    return Full;
                Matches.Repeat(to, distance, (int)length, toEnd);
                to += length;
            }
            return Damaged;
        }
    }

    /// <summary>Compresses <paramref name="block"/>, 64 KiB at most, quickly.</summary>
    /// <returns>How many bytes were written to <paramref name="output"/>, which has room for the largest
    /// result.</returns>
    [SkipLocalsInit]
    public static int Compress(ReadOnlySpan<byte> block, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(block.Length, LargestInput);
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, LargestCompressed(block.Length));
        var positions = _positions ??= new ushort[1 << HashBits];
        positions.AsSpan().Clear();
        fixed (byte* start = block, target = output)
        fixed (ushort* table = positions)
        {
            var literals = start;
            var to = target;
            if (block.Length > LastMatchStart)
                to = WriteMatches(start, start + block.Length, ref literals, to, table);
            return (int)(WriteLast(to, literals, (int)(start + block.Length - literals)) - target);
        }
    }

    /// <summary>Writes literals and the match that follows them.</summary>
    public static byte* WriteSequence(byte* to, byte* literals, int literalCount, int distance, int length)
    {
        var token = to++;
        to = WriteLength(to, literalCount);
        Unsafe.CopyBlockUnaligned(to, literals, (uint)literalCount);
        to += literalCount;
        *(ushort*)to = (ushort)distance;
        to += 2;
        length -= ShortestMatch;
        *token = (byte)((Math.Min(literalCount, LongLength) << 4) | Math.Min(length, LongLength));
        return WriteLength(to, length);
    }

    /// <summary>Writes the literals that close a block.</summary>
    public static byte* WriteLast(byte* to, byte* literals, int count)
    {
        *to++ = (byte)(Math.Min(count, LongLength) << 4);
        to = WriteLength(to, count);
        Unsafe.CopyBlockUnaligned(to, literals, (uint)count);
        return to + count;
    }

    private static byte* WriteMatches(byte* start, byte* end, ref byte* literals, byte* to, ushort* table)
    {
        byte* last = end - LastMatchStart, matchEnd = end - LastLiterals;
        for (var at = start + 1; ;)
        {
            // The step grows with what did not match, so that incompressible bytes are passed over quickly; what it
            // steps over is found again by looking back from where the next match is.
            var skip = 64;
            byte* match;
            while (true)
            {
                var hash = Hash(at);
                match = start + table[hash];
                table[hash] = (ushort)(at - start);
                if (*(uint*)match == *(uint*)at && match < at)
                    break;
                var step = Math.Min(skip >> 6, Matches.LongestStep);
                at += step;
                skip += step;
                if (at > last)
                    return to;
            }
            while (at > literals && match > start && at[-1] == match[-1])
            {
                at--;
                match--;
            }
            var length = ShortestMatch
                + Matches.CountEqual(at + ShortestMatch, match + ShortestMatch, matchEnd);
            to = WriteSequence(to, literals, (int)(at - literals), (int)(at - match), length);
            at += length;
            literals = at;
            if (at > last)
                return to;
            table[Hash(at - 2)] = (ushort)(at - 2 - start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(byte* at) => (*(uint*)at * 2654435761) >> (32 - HashBits);

    /// <summary>Writes what of a length does not fit into its half of the token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* WriteLength(byte* to, int length)
    {
        if (length < LongLength)
            return to;
        for (length -= LongLength; length >= 255; length -= 255)
            *to++ = 255;
        *to++ = (byte)length;
        return to;
    }

    private static bool TryReadLength(ref byte* from, byte* fromEnd, ref long length)
    {
        int more;
        do
        {
            if (from >= fromEnd)
                return false;
            more = *from++;
            length += more;
        }
        while (more == 255);
        return true;
    }
}
