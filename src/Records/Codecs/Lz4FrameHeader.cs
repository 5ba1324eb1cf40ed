using System.Buffers.Binary;

namespace Barnabas.Records;

/// <summary>What the head of an LZ4 frame says of its blocks.</summary>
/// <param name="LargestBlock">The most bytes of a block, before and after: 64 KiB, 256 KiB, 1 MiB or 4
/// MiB.</param>
/// <param name="BlocksAreLinked">True when a block may refer to the ones before.</param>
/// <param name="BlocksHaveChecksums">True when a checksum follows each block.</param>
/// <param name="ContentHasChecksum">True when a checksum of all that comes out closes the frame.</param>
/// <param name="ContentSize">How much comes out; null where the frame does not say.</param>
internal readonly record struct Lz4FrameHeader(
    int LargestBlock,
    bool BlocksAreLinked,
    bool BlocksHaveChecksums,
    bool ContentHasChecksum,
    ulong? ContentSize)
{
    private const uint Magic = 0x184D2204;

    /// <summary>Reads the header and moves past it; false where it is none, or asks for a
    /// dictionary.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> input, bool anyChecksum, out Lz4FrameHeader header)
    {
        header = default;
        if (input.Length < 7 || BinaryPrimitives.ReadUInt32LittleEndian(input) != Magic)
            return false;
        int flags = input[4], blockCode = input[5] >> 4;
        var hasSize = (flags & 0x08) != 0;
        var length = hasSize ? 15 : 7;
        var isKnown = (flags & 0xC3) == 0x40 && (input[5] & 0x8F) == 0 && blockCode is >= 4 and <= 7;
        if (!isKnown || input.Length < length)
            return false;
        var checksum = (byte)(XxHash32.Compute(input[4..(length - 1)]) >> 8);
        if (checksum != input[length - 1] && !anyChecksum)
            return false;
        header = new(
            1 << (8 + (2 * blockCode)),
            (flags & 0x20) == 0,
            (flags & 0x10) != 0,
            (flags & 0x04) != 0,
            hasSize ? BinaryPrimitives.ReadUInt64LittleEndian(input[6..]) : null);
        input = input[length..];
        return true;
    }
}
