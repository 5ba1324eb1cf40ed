using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Barnabas.Records;

/// <summary>Folding by carry-less multiplication, four lanes of 128 bits.</summary>
/// <typeparam name="TPolynomial">The polynomial, and what takes the ends that cannot be folded.</typeparam>
internal static class CrcFolding<TPolynomial> where TPolynomial : struct, ICrcPolynomial
{
    /// <summary>The fewest bytes that can be folded.</summary>
    public const int Smallest = 64;

    /// <summary>Factors that fold 128 bits forward by 128, 256, 384 and 512.</summary>
    private static readonly Vector128<ulong> By128 = Factors(128);
    private static readonly Vector128<ulong> By256 = Factors(256);
    private static readonly Vector128<ulong> By384 = Factors(384);
    private static readonly Vector128<ulong> By512 = Factors(512);

    /// <summary>True where the processor has carry-less multiplication.</summary>
    public static bool IsSupported => Pclmulqdq.IsSupported;

    /// <summary>The factors that fold 128 bits forward by <paramref name="bits"/>: the low half lies 64 bits
    /// further.</summary>
    public static Vector128<ulong> Factors(int bits) => Vector128.Create(
        CrcPolynomial<TPolynomial>.FoldingFactor(bits + 32),
        CrcPolynomial<TPolynomial>.FoldingFactor(bits - 32));

    /// <summary>The raw register carried over <paramref name="bytes"/>, of which there are
    /// <see cref="Smallest"/> at least.</summary>
    public static uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        ref var at = ref MemoryMarshal.GetReference(bytes);
        var a = Load(ref at, 0) ^ Vector128.CreateScalar((ulong)register);
        var b = Load(ref at, 16);
        var c = Load(ref at, 32);
        var d = Load(ref at, 48);
        var position = 64;
        for (var by = By512; position + 64 <= bytes.Length; position += 64)
        {
            a = Fold(a, by) ^ Load(ref at, position);
            b = Fold(b, by) ^ Load(ref at, position + 16);
            c = Fold(c, by) ^ Load(ref at, position + 32);
            d = Fold(d, by) ^ Load(ref at, position + 48);
        }
        return Finish(Join(a, b, c, d), bytes[position..]);
    }

    /// <summary>Four neighbouring lanes folded into the last.</summary>
    public static Vector128<ulong> Join(
        Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, Vector128<ulong> d) =>
        Fold(a, By384) ^ Fold(b, By256) ^ Fold(c, By128) ^ d;

    /// <summary>The raw register for one lane and the <paramref name="rest"/> of the bytes: what the lane
    /// holds has the same remainder as all before it.</summary>
    public static uint Finish(Vector128<ulong> lane, ReadOnlySpan<byte> rest)
    {
        ref var at = ref MemoryMarshal.GetReference(rest);
        var position = 0;
        for (; position + 16 <= rest.Length; position += 16)
            lane = Fold(lane, By128) ^ Load(ref at, position);
        var last = MemoryMarshal.AsBytes(new ReadOnlySpan<Vector128<ulong>>(in lane));
        var register = TPolynomial.Update(0, last);
        return TPolynomial.Update(register, rest[position..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Fold(Vector128<ulong> lane, Vector128<ulong> by) =>
        Pclmulqdq.CarrylessMultiply(lane, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, by, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte at, int position) =>
        Unsafe.ReadUnaligned<Vector128<ulong>>(ref Unsafe.Add(ref at, position));
}
