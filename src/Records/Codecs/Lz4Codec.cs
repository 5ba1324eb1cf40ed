using System.Buffers;
using System.Buffers.Binary;

namespace Barnabas.Records;

/// <summary>LZ4 frames. Written as Kafka does: independent blocks of 64 KiB, no checksums beyond the
/// header's.</summary>
/// <remarks>Read: one frame with independent or linked blocks, checksums verified where present, no
/// dictionary. Legacy and skippable frames, and bytes after the frame, are refused.</remarks>
internal static class Lz4Codec
{
    private const uint Magic = 0x184D2204;
    private const int WriteBlockSize = 64 * 1024;
    private const byte WriteFlags = 0x60;
    private const byte WriteBlockCode = 0x40;
    private const uint StoredFlag = 0x80000000;

    /// <summary>How far back a match of a linked block may reach.</summary>
    private const int Window = 64 * 1024;

    /// <summary>A length byte adds 255 at most: so much can a block expand.</summary>
    private const int MostOutOfOne = 255;

    /// <summary>The level that stands for the fast mode although its number is high (KIP-390).</summary>
    private const int FastLevel = 9;

    /// <summary>Decompresses the frame <paramref name="input"/> into <paramref name="output"/>.</summary>
    /// <param name="input">The frame.</param>
    /// <param name="output">Takes what comes out.</param>
    /// <param name="anyHeaderChecksum">True for message sets v0, whose writers computed it over the wrong
    /// bytes.</param>
    public static CodecOutcome Decode(
        ReadOnlySpan<byte> input, DecodeBuffer output, bool anyHeaderChecksum = false)
    {
        if (!Lz4FrameHeader.TryRead(ref input, anyHeaderChecksum, out var header))
            return CodecOutcome.Corrupt;
        output.History = header.BlocksAreLinked ? Window : 0;
        var content = new XxHash32();
        long total = 0;
        while (true)
        {
            if (!TryTake(ref input, 4, out var word))
                return CodecOutcome.Corrupt;
            var size = BinaryPrimitives.ReadUInt32LittleEndian(word);
            if (size == 0)
                break;
            var stored = (size & StoredFlag) != 0;
            size &= ~StoredFlag;
            if (size > header.LargestBlock || !TryTake(ref input, (int)size, out var block))
                return CodecOutcome.Corrupt;
            var left = output.Left;
            if (header.BlocksHaveChecksums && !ChecksumFollows(ref input, XxHash32.Compute(block)))
                return CodecOutcome.Corrupt;
            var outcome = stored
                ? output.Copy(block)
                : DecodeBlock(block, header, output, history: Math.Min(total, Window));
            if (outcome != CodecOutcome.Done)
                return outcome;
            var written = (int)(left - output.Left);
            total += written;
            if (header.ContentHasChecksum)
                content.Append(output.Recent[^written..]);
        }
        if (header.ContentHasChecksum && !ChecksumFollows(ref input, content.Value))
            return CodecOutcome.Corrupt;
        var complete = input.IsEmpty && (header.ContentSize is null || header.ContentSize == (ulong)total);
        return complete ? CodecOutcome.Done : CodecOutcome.Corrupt;
    }

    /// <summary>Compresses <paramref name="input"/> as one frame.</summary>
    public static void Compress(ReadOnlySpan<byte> input, int? level, IBufferWriter<byte> output)
    {
        var header = output.GetSpan(7);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        header[4] = WriteFlags;
        header[5] = WriteBlockCode;
        header[6] = (byte)(XxHash32.Compute(header[4..6]) >> 8);
        output.Advance(7);
        while (!input.IsEmpty)
        {
            var block = input[..Math.Min(input.Length, WriteBlockSize)];
            var room = output.GetSpan(4 + Lz4Block.LargestCompressed(block.Length));
            var length = level is null or FastLevel
                ? Lz4Block.Compress(block, room[4..])
                : Lz4Thorough.Compress(block, room[4..], level.Value);
            if (length < block.Length)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(room, (uint)length);
            }
            else
            {
                length = block.Length;
                BinaryPrimitives.WriteUInt32LittleEndian(room, (uint)length | StoredFlag);
                block.CopyTo(room[4..]);
            }
            output.Advance(4 + length);
            input = input[block.Length..];
        }
        output.Write<byte>([0, 0, 0, 0]);
    }

    private static CodecOutcome DecodeBlock(
        ReadOnlySpan<byte> block, Lz4FrameHeader header, DecodeBuffer output, long history)
    {
        var largest = (int)Math.Min(header.LargestBlock, ((long)block.Length + 1) * MostOutOfOne);
        if (!output.TryReserve(largest, out var room))
            return CodecOutcome.Stopped;
        var mayFill = Math.Min(room.Length, largest);
        var written = Lz4Block.Decompress(block, room[..mayFill], header.BlocksAreLinked ? (int)history : 0);
        if (written == Lz4Block.Full)
            return mayFill < largest ? CodecOutcome.TooLarge : CodecOutcome.Corrupt;
        if (written == Lz4Block.Damaged)
            return CodecOutcome.Corrupt;
        output.Advance(written);
        return CodecOutcome.Done;
    }

    private static bool ChecksumFollows(ref ReadOnlySpan<byte> input, uint expected) =>
        TryTake(ref input, 4, out var word) && BinaryPrimitives.ReadUInt32LittleEndian(word) == expected;

    private static bool TryTake(ref ReadOnlySpan<byte> input, int count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (input.Length < count)
            return false;
        taken = input[..count];
        input = input[count..];
        return true;
    }
}
