using System.Buffers;
using System.Buffers.Binary;

namespace Barnabas.Records;

/// <summary>Snappy. Written in the framing of xerial's Java library, as Kafka has it; one bare block is read
/// too.</summary>
internal static class SnappyCodec
{
    private const int HeaderSize = 16;
    private const int BlockSize = 32 * 1024;

    /// <summary>The most a block can expand: three bytes repeat 64.</summary>
    private const int MostOutOfThree = 64;

    private static ReadOnlySpan<byte> Magic =>
        [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    /// <summary>Decompresses <paramref name="input"/> into <paramref name="output"/>.</summary>
    public static CodecOutcome Decode(ReadOnlySpan<byte> input, DecodeBuffer output)
    {
        if (!input.StartsWith(Magic))
            return DecodeBlock(input, output);
        if (input.Length < HeaderSize)
            return CodecOutcome.Corrupt;
        input = input[HeaderSize..];
        while (!input.IsEmpty)
        {
            if (input.Length < 4)
                return CodecOutcome.Corrupt;
            var length = BinaryPrimitives.ReadInt32BigEndian(input);
            if (length < 0 || length > input.Length - 4)
                return CodecOutcome.Corrupt;
            var outcome = DecodeBlock(input.Slice(4, length), output);
            if (outcome != CodecOutcome.Done)
                return outcome;
            input = input[(4 + length)..];
        }
        return CodecOutcome.Done;
    }

    /// <summary>Compresses <paramref name="input"/> in blocks of 32 KiB.</summary>
    public static void Compress(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var header = output.GetSpan(HeaderSize);
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], 1);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], 1);
        output.Advance(HeaderSize);
        while (!input.IsEmpty)
        {
            var block = input[..Math.Min(input.Length, BlockSize)];
            var room = output.GetSpan(4 + SnappyBlock.LargestCompressed(block.Length));
            var length = SnappyBlock.Compress(block, room[4..]);
            BinaryPrimitives.WriteInt32BigEndian(room, length);
            output.Advance(4 + length);
            input = input[block.Length..];
        }
    }

    private static CodecOutcome DecodeBlock(ReadOnlySpan<byte> block, DecodeBuffer output)
    {
        if (!SnappyBlock.TryReadLength(ref block, out var length))
            return CodecOutcome.Corrupt;
        if (length > output.Left)
            return CodecOutcome.TooLarge;
        if (length > ((long)block.Length + 2) / 3 * MostOutOfThree)
            return CodecOutcome.Corrupt;
        if (length == 0)
            return block.IsEmpty ? CodecOutcome.Done : CodecOutcome.Corrupt;
        if (!output.TryReserve((int)length, out var room))
            return CodecOutcome.Stopped;
        if (!SnappyBlock.TryDecompress(block, room[..(int)length]))
            return CodecOutcome.Corrupt;
        output.Advance((int)length);
        return CodecOutcome.Done;
    }
}
