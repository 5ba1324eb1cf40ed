using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Barnabas.Records;

/// <summary>gzip (RFC 1952), one member. Deflate is the runtime's; head and trailer are read and written
/// here, as the runtime's own reader takes a stream that is cut off for a shorter one.</summary>
internal static class GzipCodec
{
    private const int DefaultLevel = 6;
    private const int Piece = 32 * 1024;
    private const int TrailerSize = 8;

    /// <summary>An empty last block: deflate of nothing, for which the runtime writes no byte.</summary>
    private static ReadOnlySpan<byte> EmptyBlock => [3, 0];

    private static ReadOnlySpan<byte> Header => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

    /// <summary>Decompresses <paramref name="input"/> into <paramref name="output"/>.</summary>
    public static unsafe CodecOutcome Decode(ReadOnlySpan<byte> input, DecodeBuffer output)
    {
        if (!GzipHeader.TrySkip(ref input) || input.Length < EmptyBlock.Length + TrailerSize)
            return CodecOutcome.Corrupt;
        var trailer = input[^TrailerSize..];
        input = input[..^TrailerSize];
        fixed (byte* bytes = input)
        {
            using var compressed = new LastByteApartStream(bytes, input.Length);
            using var deflate = new DeflateStream(compressed, CompressionMode.Decompress);
            try
            {
                var outcome = Decode(deflate, output, trailer);
                var isAlone = outcome != CodecOutcome.Done || compressed.IsExhausted;
                return isAlone ? outcome : CodecOutcome.Corrupt;
            }
            catch (InvalidDataException)
            {
                return CodecOutcome.Corrupt;
            }
        }
    }

    /// <summary>Compresses <paramref name="input"/> as one member.</summary>
    public static void Compress(ReadOnlySpan<byte> input, int? level, IBufferWriter<byte> output)
    {
        output.Write(Header);
        var strength = level is >= 0 and <= 9 ? level.Value : DefaultLevel;
        var options = new ZLibCompressionOptions { CompressionLevel = strength };
        using (var deflate = new DeflateStream(new BufferWriterStream(output), options))
            deflate.Write(input);
        if (input.IsEmpty)
            output.Write(EmptyBlock);
        var trailer = output.GetSpan(TrailerSize);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc32.Compute(input));
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], (uint)input.Length);
        output.Advance(TrailerSize);
    }

    private static CodecOutcome Decode(DeflateStream deflate, DecodeBuffer output, ReadOnlySpan<byte> trailer)
    {
        Span<byte> probe = stackalloc byte[1];
        uint crc = 0, total = 0;
        while (true)
        {
            if (!output.TryReserve(Piece, out var room))
                return CodecOutcome.Stopped;
            var read = deflate.Read(room.IsEmpty ? probe : room);
            if (read == 0)
                break;
            if (room.IsEmpty)
                return CodecOutcome.TooLarge;
            crc = Crc32.Append(crc, room[..read]);
            total += (uint)read;
            output.Advance(read);
        }
        var isWhole = BinaryPrimitives.ReadUInt32LittleEndian(trailer) == crc
            && BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == total;
        return isWhole ? CodecOutcome.Done : CodecOutcome.Corrupt;
    }
}
