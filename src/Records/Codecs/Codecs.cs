using System.Buffers;

namespace Barnabas.Records;

/// <summary>Compresses and decompresses the records of a batch. Any thread; nothing is kept between calls but
/// caches.</summary>
public static class Codecs
{
    /// <summary>Records seldom shrink to less than a quarter.</summary>
    private const int UsualRatio = 4;

    /// <summary>True where <paramref name="codec"/> is one that this machine can work with.</summary>
    /// <remarks>All are built in except zstd, which needs the system's libzstd.</remarks>
    public static bool IsAvailable(CompressionCodec codec) => codec switch
    {
        CompressionCodec.Zstd => ZstdLibrary.IsPresent,
        _ => codec is >= CompressionCodec.None and <= CompressionCodec.Zstd,
    };

    /// <summary>Decompresses <paramref name="input"/> into a pooled array.</summary>
    /// <param name="codec">The codec of the bytes.</param>
    /// <param name="input">One compressed stream, and nothing after it.</param>
    /// <param name="limit">The most bytes that may come out. Memory grows with what comes out, never with a
    /// length that the input merely claims.</param>
    /// <param name="output">The bytes, for the caller to dispose; null unless done.</param>
    public static CodecOutcome Decompress(
        CompressionCodec codec, ReadOnlySpan<byte> input, int limit, out PooledBytes? output) =>
        Decompress(codec, input, limit, out output, isMessageSetV0: false);

    /// <summary>Appends the compressed form of <paramref name="input"/> to
    /// <paramref name="output"/>.</summary>
    /// <returns>Done, or Unavailable with nothing written.</returns>
    public static CodecOutcome Compress(
        Compression compression, ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (!IsAvailable(compression.Codec))
            return CodecOutcome.Unavailable;
        switch (compression.Codec)
        {
            case CompressionCodec.Gzip:
                GzipCodec.Compress(input, compression.Level, output);
                break;
            case CompressionCodec.Snappy:
                SnappyCodec.Compress(input, output);
                break;
            case CompressionCodec.Lz4:
                Lz4Codec.Compress(input, compression.Level, output);
                break;
            case CompressionCodec.Zstd:
                ZstdCodec.Compress(input, compression.Level, output);
                break;
            case CompressionCodec.None:
            default:
                output.Write(input);
                break;
        }
        return CodecOutcome.Done;
    }

    /// <summary>The same for a wrapper of format v0, whose lz4 frames bear a checksum over the wrong
    /// bytes.</summary>
    internal static CodecOutcome Decompress(
        CompressionCodec codec,
        ReadOnlySpan<byte> input,
        int limit,
        out PooledBytes? output,
        bool isMessageSetV0)
    {
        // Where it is not enough all is copied once more, or twice.
        var expected = (int)Math.Min(UsualRatio * (long)input.Length, limit);
        using var decoded = new DecodeBuffer(limit, consumer: null) { Expected = expected };
        var outcome = Decode(codec, input, decoded, isMessageSetV0);
        output = outcome == CodecOutcome.Done ? decoded.Detach() : null;
        return outcome;
    }

    /// <summary>Decompresses into <paramref name="output"/>, piece by piece where that has a
    /// consumer.</summary>
    internal static CodecOutcome Decode(
        CompressionCodec codec, ReadOnlySpan<byte> input, DecodeBuffer output, bool isMessageSetV0 = false)
    {
        if (!IsAvailable(codec))
            return CodecOutcome.Unavailable;
        var outcome = codec switch
        {
            CompressionCodec.Gzip => GzipCodec.Decode(input, output),
            CompressionCodec.Snappy => SnappyCodec.Decode(input, output),
            CompressionCodec.Lz4 => Lz4Codec.Decode(input, output, isMessageSetV0),
            CompressionCodec.Zstd => ZstdCodec.Decode(input, output),
            _ => output.Copy(input),
        };
        return outcome == CodecOutcome.Done ? output.Finish() : outcome;
    }
}
