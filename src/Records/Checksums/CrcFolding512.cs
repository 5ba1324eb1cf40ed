using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Barnabas.Records;

/// <summary>Folding by carry-less multiplication, four lanes of 512 bits.</summary>
/// <typeparam name="TPolynomial">The polynomial.</typeparam>
/// <typeparam name="TMultiply">The multiplication; the tests give one that needs no VPCLMULQDQ.</typeparam>
internal static class CrcFolding512<TPolynomial, TMultiply>
    where TPolynomial : struct, ICrcPolynomial
    where TMultiply : struct, IMultiply512
{
    private static readonly Vector512<ulong> By2048 = Spread(2048);
    private static readonly Vector512<ulong> By512 = Spread(512);

    /// <summary>True where the multiplication and all of <see cref="CrcFolding{TPolynomial}"/> can
    /// run.</summary>
    public static bool IsSupported => TMultiply.IsSupported && CrcFolding<TPolynomial>.IsSupported;

    /// <summary>The raw register carried over <paramref name="bytes"/>, 256 at least.</summary>
    public static uint Update(uint register, ReadOnlySpan<byte> bytes)
    {
        ref var at = ref MemoryMarshal.GetReference(bytes);
        var a = Load(ref at, 0) ^ Vector512.CreateScalar((ulong)register);
        var b = Load(ref at, 64);
        var c = Load(ref at, 128);
        var d = Load(ref at, 192);
        var position = 256;
        for (var by = By2048; position + 256 <= bytes.Length; position += 256)
        {
            a = TMultiply.Fold(a, by, Load(ref at, position));
            b = TMultiply.Fold(b, by, Load(ref at, position + 64));
            c = TMultiply.Fold(c, by, Load(ref at, position + 128));
            d = TMultiply.Fold(d, by, Load(ref at, position + 192));
        }
        var lane = TMultiply.Fold(TMultiply.Fold(TMultiply.Fold(a, By512, b), By512, c), By512, d);
        for (; position + 64 <= bytes.Length; position += 64)
            lane = TMultiply.Fold(lane, By512, Load(ref at, position));
        var (low, high) = (lane.GetLower(), lane.GetUpper());
        var joined = CrcFolding<TPolynomial>.Join(
            low.GetLower(), low.GetUpper(), high.GetLower(), high.GetUpper());
        return CrcFolding<TPolynomial>.Finish(joined, bytes[position..]);
    }

    private static Vector512<ulong> Spread(int bits)
    {
        var factors = CrcFolding<TPolynomial>.Factors(bits);
        var pair = Vector256.Create(factors, factors);
        return Vector512.Create(pair, pair);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte at, int position) =>
        Unsafe.ReadUnaligned<Vector512<ulong>>(ref Unsafe.Add(ref at, position));
}
