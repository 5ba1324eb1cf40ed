using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Barnabas.Records;

/// <summary>CRC-32C (Castagnoli), the checksum of v2 batches and producer snapshots.</summary>
/// <remarks>The fastest way the processor offers is taken: 512-bit folding, three interleaved streams or
/// 128-bit folding, the CRC instruction, tables. All agree; the choice is a constant once the code is
/// compiled.</remarks>
public static class Crc32C
{
    /// <summary>From here on three interleaved streams are fastest, from cold memory even more so.</summary>
    private const int InterleaveFrom = 1024;

    /// <summary>Up to here the joining of lanes costs more than the latency of the instruction.</summary>
    private const int FoldFrom = 192;

    private const int FoldWideFrom = 256;

    private static readonly SlicingTable Table = new(Castagnoli.Reflected);

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of the bytes <paramref name="crc"/> stands for, followed by
    /// <paramref name="bytes"/>.</summary>
    /// <param name="crc">The checksum so far; 0 for nothing.</param>
    /// <param name="bytes">What follows.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (CrcFolding512<Castagnoli, HardwareMultiply512>.IsSupported && bytes.Length >= FoldWideFrom)
            return ~CrcFolding512<Castagnoli, HardwareMultiply512>.Update(~crc, bytes);
        if (Crc32CInterleaved.IsSupported && bytes.Length >= InterleaveFrom)
            return ~Crc32CInterleaved.Update(~crc, bytes);
        if (CrcFolding<Castagnoli>.IsSupported && bytes.Length >= FoldFrom)
            return ~CrcFolding<Castagnoli>.Update(~crc, bytes);
        if (Sse42.X64.IsSupported || System.Runtime.Intrinsics.Arm.Crc32.Arm64.IsSupported)
            return ~Instruction(~crc, bytes);
        return ~Table.Update(~crc, bytes);
    }

    /// <summary>The checksum after some bytes near the front have changed, without reading what follows
    /// them.</summary>
    /// <param name="crc">The checksum before the change.</param>
    /// <param name="before">The bytes as they were.</param>
    /// <param name="after">The bytes as they are now; as many.</param>
    /// <param name="following">How many unchanged bytes follow them up to the end.</param>
    /// <remarks>A CRC is linear: the change of the sum is the sum of the change, moved on by what
    /// follows.</remarks>
    public static uint Replace(uint crc, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, long following)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(after.Length, before.Length);
        uint difference = 0;
        for (var i = 0; i < before.Length; i++)
            difference = BitOperations.Crc32C(difference, (byte)(before[i] ^ after[i]));
        return crc ^ CrcPolynomial<Castagnoli>.Shift(difference, following);
    }

    /// <summary>The raw register carried on by the processor's CRC instruction, eight bytes a step.</summary>
    internal static uint Instruction(uint register, ReadOnlySpan<byte> bytes)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            register = BitOperations.Crc32C(register, word);
        foreach (var b in bytes[(bytes.Length & ~7)..])
            register = BitOperations.Crc32C(register, b);
        return register;
    }

    /// <summary>The raw register carried on by tables.</summary>
    internal static uint Software(uint register, ReadOnlySpan<byte> bytes) => Table.Update(register, bytes);
}
