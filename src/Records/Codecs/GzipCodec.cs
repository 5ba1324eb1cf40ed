using System.Buffers;
using System.IO.Compression;

namespace Barnabas.Records;

/// <summary>gzip (RFC 1952), by the runtime's zlib. Several members in a row are one stream, as the RFC has it.</summary>
internal static class GzipCodec
{
    private const int DefaultLevel = 6;
    private const int Piece = 32 * 1024;

    /// <summary>Decompresses <paramref name="input"/> into <paramref name="output"/>.</summary>
    public static unsafe CodecOutcome Decode(ReadOnlySpan<byte> input, DecodeBuffer output)
    {
        if (input.IsEmpty)
            return CodecOutcome.Corrupt;
        fixed (byte* bytes = input)
        {
            using var compressed = new UnmanagedMemoryStream(bytes, input.Length);
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress);
            try
            {
                return Decode(gzip, output);
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
        var options = new ZLibCompressionOptions { CompressionLevel = level is >= 0 and <= 9 ? level.Value : DefaultLevel };
        using var gzip = new GZipStream(new BufferWriterStream(output), options);
        gzip.Write(input);
    }

    private static CodecOutcome Decode(GZipStream gzip, DecodeBuffer output)
    {
        Span<byte> probe = stackalloc byte[1];
        while (true)
        {
            if (!output.TryReserve(Piece, out var room))
                return CodecOutcome.Stopped;
            var read = gzip.Read(room.IsEmpty ? probe : room);
            if (read == 0)
                return CodecOutcome.Done;
            if (room.IsEmpty)
                return CodecOutcome.TooLarge;
            output.Advance(read);
        }
    }
}
