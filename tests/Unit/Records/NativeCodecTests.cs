using System.Runtime.InteropServices;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Records;

/// <summary>Our LZ4 and Snappy against the native libraries, both ways, where this machine has
/// them.</summary>
public sealed class NativeCodecTests
{
    private const string Lz4 = "liblz4.so.1";
    private const string Snappy = "libsnappy.so.1";
    private const uint FrameVersion = 100;

    [Fact]
    public void Liblz4_reads_what_we_write()
    {
        SkipWithout(Lz4);
        foreach (var bytes in Inputs())
        {
            foreach (var level in new int?[] { null, 3, 12 })
            {
                var frame = CodecsTests.Compress(CompressionCodec.Lz4, level, bytes);
                Assert.Equal(0u, LZ4F_createDecompressionContext(out var context, FrameVersion));
                var output = new byte[bytes.Length + 1];
                var (to, from) = ((nuint)output.Length, (nuint)frame.Length);
                Assert.Equal(0u, LZ4F_decompress(context, output, ref to, frame, ref from, 0));
                _ = LZ4F_freeDecompressionContext(context);
                Assert.True(output.AsSpan(0, (int)to).SequenceEqual(bytes));
            }
        }
    }

    [Fact]
    public void We_read_what_liblz4_writes_with_every_option()
    {
        SkipWithout(Lz4);
        foreach (var bytes in Inputs())
        {
            for (var options = 0; options < 64; options++)
            {
                var preferences = new Preferences
                {
                    BlockSize = options % 4 == 0 ? 0 : 4 + (options % 4),
                    BlocksAreIndependent = (options >> 2) & 1,
                    ContentChecksum = (options >> 3) & 1,
                    BlockChecksum = (options >> 4) & 1,
                    ContentSize = (options >> 5) == 0 ? 0 : (ulong)bytes.Length,
                    Level = options % 3 == 0 ? 9 : 0,
                };
                var frame = new byte[LZ4F_compressFrameBound((nuint)bytes.Length, ref preferences)];
                var length = (int)LZ4F_compressFrame(
                    frame, (nuint)frame.Length, bytes, (nuint)bytes.Length, ref preferences);
                var outcome = Codecs.Decompress(
                    CompressionCodec.Lz4, frame.AsSpan(0, length), bytes.Length, out var output);
                Assert.True(
                    outcome == CodecOutcome.Done, $"{outcome}: {bytes.Length} bytes, options {options}");
                Assert.True(
                    output!.Span.SequenceEqual(bytes), $"{bytes.Length} bytes spoilt with options {options}");
                output.Dispose();
            }
        }
    }

    [Fact]
    public void Any_flipped_bit_of_a_checked_lz4_frame_is_found_or_without_meaning()
    {
        SkipWithout(Lz4);
        var bytes = Samples.Pattern(3000);
        var preferences = new Preferences { ContentChecksum = 1, ContentSize = (ulong)bytes.Length };
        var frame = new byte[LZ4F_compressFrameBound((nuint)bytes.Length, ref preferences)];
        var length = (int)LZ4F_compressFrame(
            frame, (nuint)frame.Length, bytes, (nuint)bytes.Length, ref preferences);
        for (var bit = 0; bit < 8 * length; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            var outcome = Codecs.Decompress(
                CompressionCodec.Lz4, frame.AsSpan(0, length), 1 << 20, out var output);
            var isFound = outcome == CodecOutcome.Corrupt || output!.Span.SequenceEqual(bytes);
            Assert.True(isFound, $"bit {bit}: {outcome}");
            output?.Dispose();
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Snappy_is_the_same_to_libsnappy()
    {
        SkipWithout(Snappy);
        foreach (var bytes in Inputs())
        {
            var native = new byte[SnappyBlock.LargestCompressed(bytes.Length)];
            var length = (nuint)native.Length;
            Assert.Equal(0, snappy_compress(bytes, (nuint)bytes.Length, native, ref length));
            var outcome = Codecs.Decompress(
                CompressionCodec.Snappy, native.AsSpan(0, (int)length), bytes.Length, out var output);
            Assert.Equal(CodecOutcome.Done, outcome);
            Assert.True(output!.Span.SequenceEqual(bytes));
            output.Dispose();
            if (bytes.Length > 65536)
                continue;
            var ours = new byte[SnappyBlock.LargestCompressed(bytes.Length)];
            var size = SnappyBlock.Compress(bytes, ours);
            var back = new byte[bytes.Length];
            var backLength = (nuint)back.Length;
            Assert.Equal(0, snappy_uncompress(ours, (nuint)size, back, ref backLength));
            Assert.Equal(bytes, back);
        }
    }

    private static IEnumerable<byte[]> Inputs()
    {
        foreach (var size in new[] { 1, 12, 13, 100, 4096, 65536, 70_000, 700_000 })
            yield return Samples.Pattern(size, size);
        yield return new byte[500_000];
    }

    private static void SkipWithout(string library)
    {
        if (!NativeLibrary.TryLoad(library, out _))
            Assert.Skip($"{library} is not on this machine");
    }

    [DllImport(Lz4)]
    private static extern nuint LZ4F_createDecompressionContext(out nint context, uint version);

    [DllImport(Lz4)]
    private static extern nuint LZ4F_freeDecompressionContext(nint context);

    [DllImport(Lz4)]
    private static extern nuint LZ4F_decompress(
        nint context, byte[] to, ref nuint toSize, byte[] from, ref nuint fromSize, nint options);

    [DllImport(Lz4)]
    private static extern nuint LZ4F_compressFrameBound(nuint size, ref Preferences preferences);

    [DllImport(Lz4)]
    private static extern nuint LZ4F_compressFrame(
        byte[] to, nuint capacity, byte[] from, nuint size, ref Preferences preferences);

    [DllImport(Snappy)]
    private static extern int snappy_compress(byte[] from, nuint size, byte[] to, ref nuint capacity);

    [DllImport(Snappy)]
    private static extern int snappy_uncompress(byte[] from, nuint size, byte[] to, ref nuint capacity);

    /// <summary>The library's LZ4F_preferences_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Preferences
    {
        public int BlockSize;
        public int BlocksAreIndependent;
        public int ContentChecksum;
        public int FrameType;
        public ulong ContentSize;
        public uint Dictionary;
        public int BlockChecksum;
        public int Level;
        public uint AutoFlush;
        public uint FavorDecompression;
        public uint Reserved0;
        public uint Reserved1;
        public uint Reserved2;
    }
}
