using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Barnabas.Records;

/// <summary>Three streams through the CRC instruction at once, which hides its latency, joined by a
/// multiplication.</summary>
internal static class Crc32CInterleaved
{
    private const int LongBlock = 4096;
    private const int ShortBlock = 336;

    private static readonly Vector128<ulong> LongShifts = Shifts(LongBlock);
    private static readonly Vector128<ulong> ShortShifts = Shifts(ShortBlock);

    /// <summary>True where the processor has the CRC instruction and carry-less multiplication.</summary>
    public static bool IsSupported => Sse42.X64.IsSupported && Pclmulqdq.IsSupported;

    /// <summary>The raw register carried over <paramref name="bytes"/>.</summary>
    public static uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        ref var at = ref MemoryMarshal.GetReference(bytes);
        ulong crc = register;
        var left = bytes.Length;
        for (; left >= 3 * LongBlock; left -= 3 * LongBlock)
        {
            crc = Three(ref at, LongBlock, crc, LongShifts);
            at = ref Unsafe.Add(ref at, 3 * LongBlock);
        }
        for (; left >= 3 * ShortBlock; left -= 3 * ShortBlock)
        {
            crc = Three(ref at, ShortBlock, crc, ShortShifts);
            at = ref Unsafe.Add(ref at, 3 * ShortBlock);
        }
        return Crc32C.Instruction((uint)crc, bytes[^left..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Three(ref byte at, int block, ulong first, Vector128<ulong> shifts)
    {
        ulong second = 0, third = 0;
        for (var i = 0; i < block; i += 8)
        {
            first = Sse42.X64.Crc32(first, Load(ref at, i));
            second = Sse42.X64.Crc32(second, Load(ref at, block + i));
            third = Sse42.X64.Crc32(third, Load(ref at, (2 * block) + i));
        }
        var joined = Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(first), shifts, 0x00)
            ^ Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(second), shifts, 0x10);
        return Sse42.X64.Crc32(0, joined.ToScalar()) ^ third;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ref byte at, int position) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, position));

    /// <summary>The factors that move the first stream over two blocks and the second over one. The CRC
    /// instruction that reduces their products itself multiplies by x^32, and the product stands one bit off:
    /// hence 33.</summary>
    private static Vector128<ulong> Shifts(int block) => Vector128.Create(
        (ulong)CrcPolynomial<Castagnoli>.PowerOfX((8 * 2 * block) - 33),
        CrcPolynomial<Castagnoli>.PowerOfX((8 * block) - 33));
}
