using System.Numerics;
using System.Runtime.CompilerServices;

namespace Barnabas.Records;

/// <summary>What the LZ77 codecs share: copying literals and matches, and measuring matches.</summary>
/// <remarks>The callers check every bound before; copies may run past the end of what is copied, up to a
/// stated limit, so that they move 16 bytes at a time.</remarks>
internal static unsafe class Matches
{
    /// <summary>How many bytes are passed over between two looks for a match, at most: so soon is found again what
    /// repeats behind a long stretch that does not.</summary>
    public const int LongestStep = 32;

    /// <summary>Copies <paramref name="length"/> literal bytes. Up to <paramref name="fromEnd"/> may be read
    /// and up to
    /// <paramref name="toEnd"/> overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyLiterals(byte* to, byte* from, int length, byte* fromEnd, byte* toEnd)
    {
        if (length <= 16 && fromEnd - from >= 16 && toEnd - to >= 16)
            Unsafe.CopyBlockUnaligned(to, from, 16);
        else if (length <= 64 && fromEnd - from >= 64 && toEnd - to >= 64)
            Unsafe.CopyBlockUnaligned(to, from, 64);
        else
            Unsafe.CopyBlockUnaligned(to, from, (uint)length);
    }

    /// <summary>Repeats <paramref name="length"/> bytes that stand <paramref name="distance"/> back, one
    /// after the other: where the two overlap, what was just written is read again. Up to
    /// <paramref name="toEnd"/> may be overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Repeat(byte* to, int distance, int length, byte* toEnd)
    {
        var from = to - distance;
        var end = to + length;
        if (distance >= 16 && toEnd - end >= 16)
        {
            do
            {
                Unsafe.CopyBlockUnaligned(to, from, 16);
                to += 16;
                from += 16;
            }
            while (to < end);
        }
        else if (distance >= 8 && toEnd - end >= 8)
        {
            do
            {
                *(ulong*)to = *(ulong*)from;
                to += 8;
                from += 8;
            }
            while (to < end);
        }
        else
        {
            while (to < end)
                *to++ = *from++;
        }
    }

    /// <summary>How many bytes are the same at both places, reading <paramref name="ahead"/> up to
    /// <paramref name="end"/>; <paramref name="behind"/> lies before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountEqual(byte* ahead, byte* behind, byte* end)
    {
        var start = ahead;
        while (end - ahead >= 8)
        {
            var difference = *(ulong*)ahead ^ *(ulong*)behind;
            if (difference != 0)
                return (int)(ahead - start) + (BitOperations.TrailingZeroCount(difference) >> 3);
            ahead += 8;
            behind += 8;
        }
        while (ahead < end && *ahead == *behind)
        {
            ahead++;
            behind++;
        }
        return (int)(ahead - start);
    }
}
