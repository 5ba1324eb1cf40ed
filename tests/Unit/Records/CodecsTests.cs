using System.Buffers;
using Barnabas.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Records;

public sealed class CodecsTests
{
    private const int NoLimit = 1 << 28;

    public static TheoryData<CompressionCodec, int?> Levels => new()
    {
        { CompressionCodec.None, null },
        { CompressionCodec.Gzip, null },
        { CompressionCodec.Gzip, 1 },
        { CompressionCodec.Gzip, 9 },
        { CompressionCodec.Snappy, null },
        { CompressionCodec.Lz4, null },
        { CompressionCodec.Lz4, 9 },
        { CompressionCodec.Lz4, 1 },
        { CompressionCodec.Lz4, 12 },
        { CompressionCodec.Lz4, 17 },
        { CompressionCodec.Zstd, null },
        { CompressionCodec.Zstd, -5 },
        { CompressionCodec.Zstd, 19 },
    };

    public static TheoryData<CompressionCodec> RealCodecs =>
        [CompressionCodec.Gzip, CompressionCodec.Snappy, CompressionCodec.Lz4, CompressionCodec.Zstd];

    [Theory]
    [MemberData(nameof(Levels))]
    public void What_is_compressed_comes_back(CompressionCodec codec, int? level)
    {
        SkipWithout(codec);
        int[] sizes = [0, 1, 3, 4, 5, 11, 12, 13, 15, 16, 17, 100, 32768, 65535, 65536, 65537, 300_000];
        foreach (var size in sizes)
        {
            RoundTrip(codec, level, Samples.Pattern(size, seed: size));
            RoundTrip(codec, level, new byte[size]);
            var noise = new byte[size];
            new Random(size).NextBytes(noise);
            RoundTrip(codec, level, noise);
        }
        Prop.ForAll<byte[], int>((bytes, repeat) =>
        {
            var some = bytes ?? [];
            RoundTrip(codec, level, Enumerable.Repeat(some, 1 + (repeat & 63)).SelectMany(b => b).ToArray());
        }).Check(Samples.Config());
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void The_thorough_levels_compress_no_worse(CompressionCodec codec)
    {
        SkipWithout(codec);
        var bytes = Samples.Pattern(200_000);
        var (fast, thorough) = codec switch
        {
            CompressionCodec.Lz4 => (9, 12),
            CompressionCodec.Gzip => (1, 9),
            _ => (1, 19),
        };
        Assert.True(Compress(codec, thorough, bytes).Length <= Compress(codec, fast, bytes).Length);
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void What_repeats_is_found_behind_a_long_stretch_that_does_not(CompressionCodec codec)
    {
        SkipWithout(codec);
        var bytes = new byte[32 * 1024];
        new Random(1).NextBytes(bytes);
        for (var at = 24 * 1024; at < bytes.Length; at += 256)
            bytes.AsSpan(0, 256).CopyTo(bytes.AsSpan(at));
        Assert.InRange(Compress(codec, null, bytes).Length, 24 * 1024, (24 * 1024) + 1024);
        RoundTrip(codec, null, bytes);
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void Damaged_streams_end_in_an_outcome_and_within_the_limit(CompressionCodec codec)
    {
        SkipWithout(codec);
        var random = new Random(5);
        var whole = Compress(codec, null, Samples.Pattern(90_000));
        var small = Compress(codec, null, Samples.Pattern(500));
        for (var i = 0; i < 4000; i++)
        {
            var source = i % 4 == 0 ? whole : small;
            var length = random.Next(5) == 0 ? random.Next(source.Length) : source.Length;
            var spoilt = source[..length];
            for (var n = random.Next(1, 5); n > 0 && spoilt.Length > 0; n--)
            {
                var at = random.Next(random.Next(2) == 0 ? Math.Min(40, spoilt.Length) : spoilt.Length);
                spoilt[at] = (byte)(
                    random.Next(2) == 0 ? random.Next(256) : spoilt[at] ^ (1 << random.Next(8)));
            }
            var limit = random.Next(200_000);
            var outcome = Codecs.Decompress(codec, spoilt, limit, out var output);
            using (output)
            {
                Assert.Equal(outcome == CodecOutcome.Done, output is not null);
                Assert.True(output is null || output.Span.Length <= limit);
            }
        }
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void Streams_cut_off_anywhere_are_corrupt(CompressionCodec codec)
    {
        SkipWithout(codec);
        var bytes = Compress(codec, null, Samples.Pattern(5000));
        for (var length = 0; length < bytes.Length; length++)
        {
            // A snappy stream is a row of blocks without an end: cut between them it is a shorter stream.
            var outcome = Codecs.Decompress(codec, bytes.AsSpan(0, length), NoLimit, out var output);
            var isWhole = codec == CompressionCodec.Snappy && length == 16;
            Assert.True(isWhole || outcome == CodecOutcome.Corrupt, $"{length} of {bytes.Length}: {outcome}");
            output?.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void The_limit_holds_to_the_byte(CompressionCodec codec)
    {
        SkipWithout(codec);
        foreach (var size in new[] { 1, 100, 65536, 200_000 })
        {
            var bytes = Compress(codec, null, Samples.Pattern(size));
            Assert.Equal(CodecOutcome.Done, Codecs.Decompress(codec, bytes, size, out var exact));
            exact!.Dispose();
            Assert.Equal(CodecOutcome.TooLarge, Codecs.Decompress(codec, bytes, size - 1, out _));
        }
    }

    [Theory]
    [MemberData(nameof(RealCodecs))]
    public void A_bomb_is_stopped_at_the_limit(CompressionCodec codec)
    {
        SkipWithout(codec);
        var bomb = Compress(codec, null, new byte[64 << 20]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(CodecOutcome.TooLarge, Codecs.Decompress(codec, bomb, 1 << 20, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 6 << 20);
    }

    [Theory]
    [InlineData("ffffffff0f00", CodecOutcome.TooLarge)]
    [InlineData("8080801000", CodecOutcome.Corrupt)]
    [InlineData("ffffffff7f00", CodecOutcome.Corrupt)]
    public void A_length_that_snappy_claims_takes_no_memory(string hex, CodecOutcome expected)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(
            expected, Codecs.Decompress(CompressionCodec.Snappy, Convert.FromHexString(hex), NoLimit, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void A_zstd_window_above_8_MiB_is_too_large()
    {
        SkipWithout(CompressionCodec.Zstd);

        // A frame without a content size whose descriptor asks for a window of 2 GiB, and one raw block.
        var frame = Convert.FromHexString("28b52ffd" + "00" + "a8" + "090000" + "61");
        Assert.Equal(CodecOutcome.TooLarge, Codecs.Decompress(CompressionCodec.Zstd, frame, NoLimit, out _));
        frame[5] = 0x68;
        Assert.Equal(
            CodecOutcome.Done, Codecs.Decompress(CompressionCodec.Zstd, frame, NoLimit, out var output));
        Assert.Equal("a"u8, output!.Span);
        output.Dispose();
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Frames_in_a_row_are_corrupt(CompressionCodec codec)
    {
        SkipWithout(codec);
        var frame = Compress(codec, null, "abc"u8);
        byte[] two = [.. frame, .. frame], behind = [.. frame, 0];
        Assert.Equal(CodecOutcome.Corrupt, Codecs.Decompress(codec, two, NoLimit, out _));
        Assert.Equal(CodecOutcome.Corrupt, Codecs.Decompress(codec, behind, NoLimit, out _));
    }

    [Theory]
    [InlineData("1f8b0800000000000003" + "4b4c4a0600" + "c2412435" + "03000000")]
    [InlineData("1f8b0808000000000003" + "6e616d6500" + "4b4c4a0600" + "c2412435" + "03000000")]
    [InlineData("1f8b081c000000000003" + "020041426e00" + "6300" + "4b4c4a0600" + "c2412435" + "03000000")]
    public void A_gzip_head_may_have_every_part(string hex)
    {
        var outcome = Codecs.Decompress(
            CompressionCodec.Gzip, Convert.FromHexString(hex), NoLimit, out var output);
        Assert.Equal(CodecOutcome.Done, outcome);
        Assert.Equal("abc"u8, output!.Span);
        output.Dispose();
    }

    [Fact]
    public void Any_flipped_bit_of_a_gzip_stream_is_found_or_without_meaning()
    {
        var bytes = Samples.Pattern(2000);
        var stream = Compress(CompressionCodec.Gzip, null, bytes);
        for (var bit = 0; bit < 8 * stream.Length; bit++)
        {
            stream[bit / 8] ^= (byte)(1 << (bit % 8));
            var outcome = Codecs.Decompress(CompressionCodec.Gzip, stream, 1 << 20, out var output);
            var isFound = outcome == CodecOutcome.Corrupt || output!.Span.SequenceEqual(bytes);
            Assert.True(isFound, $"bit {bit}: {outcome}");
            output?.Dispose();
            stream[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_bare_snappy_block_is_read()
    {
        var bytes = Samples.Pattern(60_000);
        var block = new byte[SnappyBlock.LargestCompressed(bytes.Length)];
        var length = SnappyBlock.Compress(bytes, block);
        var compressed = block.AsSpan(0, length);
        var outcome = Codecs.Decompress(CompressionCodec.Snappy, compressed, NoLimit, out var output);
        Assert.Equal(CodecOutcome.Done, outcome);
        Assert.Equal(bytes, output!.Span);
        output.Dispose();
    }

    [Fact]
    public void A_number_that_names_no_codec_is_unavailable()
    {
        Assert.False(Codecs.IsAvailable((CompressionCodec)5));
        Assert.Equal(
            CodecOutcome.Unavailable, Codecs.Decompress((CompressionCodec)7, [1, 2], NoLimit, out _));
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(CodecOutcome.Unavailable, Codecs.Compress(new((CompressionCodec)6), [1], output));
    }

    [Fact]
    public void A_library_that_is_absent_is_no_fault() =>
        Assert.Equal(0, ZstdLibrary.Load(["libzstd-which-is-absent.so"]));

    [Fact]
    public void Disposed_bytes_go_back_once_and_are_void()
    {
        Assert.Equal(
            CodecOutcome.Done, Codecs.Decompress(CompressionCodec.None, "abc"u8, 10, out var output));
        output!.Dispose();
        output.Dispose();
        Assert.Throws<ObjectDisposedException>(() => output.Span.Length);
    }

    internal static byte[] Compress(CompressionCodec codec, int? level, ReadOnlySpan<byte> bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(CodecOutcome.Done, Codecs.Compress(new(codec, level), bytes, output));
        return output.WrittenSpan.ToArray();
    }

    private static void RoundTrip(CompressionCodec codec, int? level, byte[] bytes)
    {
        var outcome = Codecs.Decompress(codec, Compress(codec, level, bytes), bytes.Length, out var output);
        Assert.Equal(CodecOutcome.Done, outcome);
        Assert.True(output!.Span.SequenceEqual(bytes), $"{codec} level {level} spoils {bytes.Length} bytes");
        output.Dispose();
    }

    private static void SkipWithout(CompressionCodec codec)
    {
        if (!Codecs.IsAvailable(codec))
            Assert.Skip($"{codec} is not available on this machine");
    }
}
