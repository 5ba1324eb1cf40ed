using System.Numerics;
using System.Runtime.CompilerServices;

namespace Barnabas.Records;

/// <summary>The variable-length integers of records: zig-zag, then groups of seven bits, the lowest
/// first.</summary>
/// <remarks>One that is longer than its type can need is refused: five bytes for 32 bits, ten for 64, and no
/// bits beyond them. Zeros that merely pad are accepted, as Apache Kafka does.</remarks>
public static class Varint
{
    /// <summary>The most bytes a 32-bit value takes.</summary>
    public const int MaxSize = 5;

    /// <summary>The most bytes a 64-bit value takes.</summary>
    public const int MaxLongSize = 10;

    /// <summary>The bytes <paramref name="value"/> takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf(int value) => (38 - BitOperations.LeadingZeroCount(ZigZag(value) | 1)) / 7;

    /// <summary>The bytes <paramref name="value"/> takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf(long value) => (70 - BitOperations.LeadingZeroCount(ZigZag(value) | 1)) / 7;

    /// <summary>Reads a 32-bit value at <paramref name="position"/> and moves past it.</summary>
    /// <returns>False where the bytes end within it or it is too long; the position is then without
    /// meaning.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> bytes, ref int position, out int value)
    {
        if ((uint)position < (uint)bytes.Length)
        {
            uint first = bytes[position];
            if (first < 0x80)
            {
                position++;
                value = UnZigZag(first);
                return true;
            }
            if ((uint)(position + 1) < (uint)bytes.Length)
            {
                uint second = bytes[position + 1];
                if (second < 0x80)
                {
                    position += 2;
                    value = UnZigZag((first & 0x7F) | (second << 7));
                    return true;
                }
            }
        }
        return TryReadLonger(bytes, ref position, out value);
    }

    /// <summary>Reads a 64-bit value at <paramref name="position"/> and moves past it.</summary>
    /// <returns>False where the bytes end within it or it is too long; the position is then without
    /// meaning.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadLong(ReadOnlySpan<byte> bytes, ref int position, out long value)
    {
        if ((uint)position < (uint)bytes.Length)
        {
            uint first = bytes[position];
            if (first < 0x80)
            {
                position++;
                value = UnZigZag((ulong)first);
                return true;
            }
        }
        return TryReadLongerLong(bytes, ref position, out value);
    }

    /// <summary>Writes <paramref name="value"/> at the front of <paramref name="bytes"/>, which has room for
    /// it.</summary>
    /// <returns>How many bytes it took.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> bytes, int value) => WriteUnsigned(bytes, ZigZag(value));

    /// <summary>Writes <paramref name="value"/> at the front of <paramref name="bytes"/>, which has room for
    /// it.</summary>
    /// <returns>How many bytes it took.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> bytes, long value) => WriteUnsigned(bytes, ZigZag(value));

    /// <summary>Reads a value of one or two bytes, both of which are there, and moves past it.</summary>
    /// <param name="start">What <paramref name="position"/> counts from.</param>
    /// <param name="position">Where the value stands.</param>
    /// <param name="isLonger">Becomes non-zero where it takes more bytes; the result is then void.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ReadShort(ref byte start, ref int position, ref uint isLonger)
    {
        uint first = Unsafe.Add(ref start, position);
        if (first < 0x80)
        {
            position++;
            return UnZigZag(first);
        }
        uint second = Unsafe.Add(ref start, position + 1);
        isLonger |= second & 0x80;
        position += 2;
        return UnZigZag((first & 0x7F) | (second << 7));
    }

    /// <summary>Writes <paramref name="value"/> where there is room for it, and moves past it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write(ref byte start, ref int position, int value)
    {
        var rest = ZigZag(value);
        for (; rest >= 0x80; rest >>= 7)
            Unsafe.Add(ref start, position++) = (byte)(rest | 0x80);
        Unsafe.Add(ref start, position++) = (byte)rest;
    }

    /// <summary>Writes <paramref name="value"/> where there is room for it, and moves past it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write(ref byte start, ref int position, long value)
    {
        var rest = ZigZag(value);
        for (; rest >= 0x80; rest >>= 7)
            Unsafe.Add(ref start, position++) = (byte)(rest | 0x80);
        Unsafe.Add(ref start, position++) = (byte)rest;
    }

    private static int WriteUnsigned(Span<byte> bytes, ulong rest)
    {
        var length = 0;
        for (; rest >= 0x80; rest >>= 7)
            bytes[length++] = (byte)(rest | 0x80);
        bytes[length++] = (byte)rest;
        return length;
    }

    private static bool TryReadLonger(ReadOnlySpan<byte> bytes, ref int position, out int value)
    {
        uint result = 0;
        for (var shift = 0; shift < 7 * MaxSize && position < bytes.Length; shift += 7)
        {
            uint b = bytes[position++];
            result |= (b & 0x7F) << shift;
            if (b >= 0x80)
                continue;
            value = UnZigZag(result);
            return shift < 28 || b <= 0x0F;
        }
        value = 0;
        return false;
    }

    private static bool TryReadLongerLong(ReadOnlySpan<byte> bytes, ref int position, out long value)
    {
        ulong result = 0;
        for (var shift = 0; shift < 7 * MaxLongSize && position < bytes.Length; shift += 7)
        {
            ulong b = bytes[position++];
            result |= (b & 0x7F) << shift;
            if (b >= 0x80)
                continue;
            value = UnZigZag(result);
            return shift < 63 || b <= 0x01;
        }
        value = 0;
        return false;
    }

    private static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int UnZigZag(uint value) => (int)(value >> 1) ^ -(int)(value & 1);

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
