namespace Barnabas.Records;

/// <summary>CRC-32 of IEEE 802.3, which the message sets of formats v0 and v1 carry, and gzip.</summary>
public static class Crc32
{
    private static readonly SlicingTable Table = new(0xEDB88320);

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Table.Update(uint.MaxValue, bytes);
}
