namespace Barnabas.Records;

/// <summary>CRC-32 of IEEE 802.3, which message sets of formats v0 and v1 carry, and gzip.</summary>
public static class Crc32
{
    private static readonly SlicingTable Table = new(Ieee.Reflected);

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The checksum of the bytes <paramref name="crc"/> stands for, followed by
    /// <paramref name="bytes"/>.</summary>
    /// <param name="crc">The checksum so far; 0 for nothing.</param>
    /// <param name="bytes">What follows.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        if (CrcFolding<Ieee>.IsSupported && bytes.Length >= CrcFolding<Ieee>.Smallest)
            return ~CrcFolding<Ieee>.Update(~crc, bytes);
        return ~Table.Update(~crc, bytes);
    }

    /// <summary>The raw register carried on by tables.</summary>
    internal static uint Software(uint register, ReadOnlySpan<byte> bytes) => Table.Update(register, bytes);
}
