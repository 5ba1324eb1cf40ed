using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Barnabas.Records;

/// <summary>Carry-less multiplication on 512 bits, as one step of folding.</summary>
internal interface IMultiply512
{
    /// <summary>True where it can run.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Each 128 bits of <paramref name="lane"/> folded by <paramref name="by"/>, plus
    /// <paramref name="next"/>.</summary>
    static abstract Vector512<ulong> Fold(Vector512<ulong> lane, Vector512<ulong> by, Vector512<ulong> next);
}

/// <summary>VPCLMULQDQ on 512-bit registers, the three-way sum in one instruction.</summary>
internal readonly struct HardwareMultiply512 : IMultiply512
{
    private const byte ExclusiveOrOfThree = 0x96;

    /// <inheritdoc/>
    public static bool IsSupported => Pclmulqdq.V512.IsSupported && Avx512F.IsSupported;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Fold(Vector512<ulong> lane, Vector512<ulong> by, Vector512<ulong> next) =>
        Avx512F.TernaryLogic(
            Pclmulqdq.V512.CarrylessMultiply(lane, by, 0x00),
            Pclmulqdq.V512.CarrylessMultiply(lane, by, 0x11),
            next,
            ExclusiveOrOfThree);
}
