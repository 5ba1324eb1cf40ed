using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Records;

public sealed class BatchValidatorTests
{
    private static readonly BatchRules Rules = new() { NowMs = Samples.Now };

    private static readonly CompressionCodec[] Available =
        Enum.GetValues<CompressionCodec>().Where(Codecs.IsAvailable).ToArray();

    public static TheoryData<string, string, ErrorCode> SpoiltFields => new()
    {
        // What is wrong, the bytes to write as position=hex (the checksum is set right after), the code.
        { "a length above the bytes", "8=7fffffff", ErrorCode.CorruptMessage },
        { "a negative length", "8=ffffffff", ErrorCode.CorruptMessage },
        { "a length of nothing", "8=00000000", ErrorCode.CorruptMessage },
        { "a length of less than a header", "8=00000030", ErrorCode.CorruptMessage },
        { "magic -1", "16=ff", ErrorCode.CorruptMessage },
        { "magic 3", "16=03", ErrorCode.CorruptMessage },
        { "magic 1", "16=01", ErrorCode.InvalidRecord },
        { "magic 0", "16=00", ErrorCode.InvalidRecord },
        { "a base offset", "0=0000000000000001", ErrorCode.InvalidRecord },
        { "codec 5", "21=0005", ErrorCode.UnsupportedCompressionType },
        { "codec 6", "21=0006", ErrorCode.UnsupportedCompressionType },
        { "codec 7", "21=0007", ErrorCode.UnsupportedCompressionType },
        { "gzip that is none", "21=0001", ErrorCode.CorruptMessage },
        { "snappy that is none", "21=0002", ErrorCode.CorruptMessage },
        { "lz4 that is none", "21=0003", ErrorCode.CorruptMessage },
        { "log append time", "21=0008", ErrorCode.InvalidTimestamp },
        { "a transaction without a producer", "21=0010", ErrorCode.InvalidRecord },
        { "a control batch", "21=0020", ErrorCode.InvalidRecord },
        { "a delete horizon", "21=0040", ErrorCode.InvalidRecord },
        { "an unknown bit", "21=0080", ErrorCode.InvalidRecord },
        { "another unknown bit", "21=8000", ErrorCode.InvalidRecord },
        { "a negative last offset delta", "23=ffffffff", ErrorCode.InvalidRecord },
        { "a last offset delta too small", "23=00000001", ErrorCode.InvalidRecord },
        { "a last offset delta too large", "23=00000003", ErrorCode.InvalidRecord },
        { "no records", "57=00000000", ErrorCode.InvalidRecord },
        { "fewer records than there are", "23=00000001 57=00000002", ErrorCode.InvalidRecord },
        { "more records than there are", "23=00000003 57=00000004", ErrorCode.InvalidRecord },
        { "2^31-1 records", "23=7ffffffe 57=7fffffff", ErrorCode.InvalidRecord },
        { "a negative number of records", "57=ffffffff", ErrorCode.InvalidRecord },
        { "a producer without an epoch", "43=0000000000000005 53=00000000", ErrorCode.InvalidRecord },
        { "a producer without a sequence", "43=0000000000000005 51=0000", ErrorCode.InvalidRecord },
        { "a producer id of -2", "43=fffffffffffffffe", ErrorCode.InvalidRecord },
        { "timestamps far ahead", "27=0000019000000000", ErrorCode.InvalidTimestamp },
        { "a record longer than the batch", "61=7e", ErrorCode.InvalidRecord },
        { "a record of a negative length", "61=03", ErrorCode.InvalidRecord },
        { "a first record with offset delta 1", "64=02", ErrorCode.InvalidRecord },
        { "a key of length -2", "65=03", ErrorCode.InvalidRecord },
    };

    [Theory]
    [MemberData(nameof(SpoiltFields))]
    public void A_spoilt_field_has_its_code(string what, string writes, ErrorCode expected)
    {
        var batch = Samples.Build(Sample.Of("k", "one"), Sample.Of("k", "two"), Sample.Of("k", "three"));
        foreach (var write in writes.Split(' '))
        {
            var parts = write.Split('=');
            Convert.FromHexString(parts[1]).CopyTo(batch, int.Parse(parts[0], null));
        }
        Seal(batch);
        var verdict = BatchValidator.Validate(batch, Rules);
        Assert.True(expected == verdict.Error, $"{what}: {verdict.Error} ({verdict.Reason})");
        Assert.NotNull(verdict.Reason);
    }

    [Fact]
    public void Every_built_batch_is_accepted_as_it_is()
    {
        Prop.ForAll(Arb.From(Samples.Many), Arb.From(Gen.Elements(Available)), (records, codec) =>
        {
            var batch = Samples.Build(records, new BatchOptions
            {
                Compression = new(codec),
                ProducerId = new(9),
                ProducerEpoch = 0,
                BaseSequence = int.MaxValue,
            });
            var verdict = BatchValidator.Validate(batch, Rules);
            Assert.Null(verdict.Reason);
            return verdict.Error == ErrorCode.None && verdict.Changes == BatchChanges.None
                && verdict.MaxTimestamp == new RecordBatch(batch).MaxTimestamp;
        }).Check(Samples.Config(300));
    }

    [Fact]
    public void Records_larger_than_what_is_held_of_them_are_accepted() => Assert.All(
        from codec in Available
        from value in (int[])[20_000, 33_000, 70_000, 140_000, 300_000]
        from last in (int[])[-1, 0, 1, 5, 5_000, 40_000, 140_000]
        select (codec, value, last),
        static each =>
        {
            var last = each.last < 0 ? null : new byte[each.last];
            RecordHeader[] headers = [new("first", new byte[3]), new("last", last)];
            Sample[] records =
            [
                .. from i in Enumerable.Range(0, 5)
                   let value = new byte[each.value + (i * 7_001)]
                   select new Sample(Samples.Now + i, [1], value, i % 2 == 0 ? headers : []),
            ];
            var verdict = BatchValidator.Validate(
                Samples.Build(records, new BatchOptions { Compression = new(each.codec) }),
                Rules with { MaxMessageBytes = 2 << 20 });
            Assert.Null(verdict.Reason);
            Assert.Equal(records[^1].Timestamp, verdict.MaxTimestamp);
        });

    [Fact]
    public void Every_flipped_bit_under_the_checksum_is_found()
    {
        var batch = Samples.Build(Sample.Of("key", "value"), Sample.Of(null, "value 2"));
        for (var bit = 17 * 8; bit < batch.Length * 8; bit++)
        {
            batch[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(ErrorCode.None, Judge(batch, Rules));
            var codecBits = bit / 8 == 22 && bit % 8 < 3;
            if (!codecBits)
                Assert.Equal(ErrorCode.CorruptMessage, Judge(batch, Rules));
            batch[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.Equal(ErrorCode.None, Judge(batch, Rules));
    }

    [Fact]
    public void A_batch_cut_off_anywhere_is_refused()
    {
        var batch = Samples.Build(Sample.Of("key", "value"));
        Assert.Equal(ErrorCode.InvalidRecord, Judge([], Rules));
        for (var length = 1; length < batch.Length; length++)
            Assert.Equal(ErrorCode.CorruptMessage, Judge(batch.AsSpan(0, length), Rules));
    }

    [Fact]
    public void Exactly_one_batch_is_taken()
    {
        var batch = Samples.Build(Sample.Of("key", "value"));
        byte[] two = [.. batch, .. batch], tail = [.. batch, 0, 0, 0];
        Assert.Equal(ErrorCode.InvalidRecord, Judge(two, Rules));
        Assert.Equal(ErrorCode.CorruptMessage, Judge(tail, Rules));
    }

    [Fact]
    public void The_size_is_limited_before_the_checksum_is_computed()
    {
        var batch = Samples.Build(Sample.Of("key", "value"));
        Assert.Equal(ErrorCode.None, Judge(batch, Rules with { MaxMessageBytes = batch.Length }));
        batch[17] ^= 1;
        var tighter = Rules with { MaxMessageBytes = batch.Length - 1 };
        Assert.Equal(ErrorCode.MessageTooLarge, Judge(batch, tighter));
    }

    [Fact]
    public void Zstd_needs_version_7()
    {
        if (!Codecs.IsAvailable(CompressionCodec.Zstd))
            Assert.Skip("zstd is not available on this machine");
        var batch = Samples.Build([Sample.Of("key", "value")], Samples.With(CompressionCodec.Zstd));
        Assert.Equal(ErrorCode.UnsupportedCompressionType, Judge(batch, Rules with { ProduceVersion = 6 }));
        Assert.Equal(ErrorCode.None, Judge(batch, Rules with { ProduceVersion = 7 }));
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Lz4)]
    public void Records_without_a_key_are_named_on_a_compacted_topic(CompressionCodec codec)
    {
        var batch = Samples.Build(
            [Sample.Of("a", "1"), Sample.Of(null, "2"), Sample.Of("", "3"), Sample.Of(null, "4")],
            Samples.With(codec));
        Assert.Equal(ErrorCode.None, Judge(batch, Rules));
        var verdict = BatchValidator.Validate(batch, Rules with { KeysAreRequired = true });
        Assert.Equal(ErrorCode.InvalidRecord, verdict.Error);
        Assert.Equal([1, 3], verdict.RecordErrors!.Select(e => e.BatchIndex));
    }

    [Fact]
    public void Only_so_many_records_are_named()
    {
        var batch = Samples.Build(Enumerable.Repeat(Sample.Of(null, "v"), 5000), new BatchOptions());
        var verdict = BatchValidator.Validate(batch, Rules with { KeysAreRequired = true });
        Assert.Equal(100, verdict.RecordErrors!.Count);
    }

    [Theory]
    [InlineData(0, ErrorCode.None)]
    [InlineData(1000, ErrorCode.None)]
    [InlineData(1001, ErrorCode.InvalidTimestamp)]
    [InlineData(-500, ErrorCode.None)]
    [InlineData(-501, ErrorCode.InvalidTimestamp)]
    public void Timestamps_are_bounded_both_ways(long ahead, ErrorCode expected)
    {
        var rules = Rules with { TimestampBeforeMaxMs = 500, TimestampAfterMaxMs = 1000 };
        var batch = Samples.Build(
            Sample.Of("a", "1"), Sample.Of("a", "2", Samples.Now + ahead), Sample.Of("a", "3"));
        var verdict = BatchValidator.Validate(batch, rules);
        Assert.Equal(expected, verdict.Error);
        Assert.Equal(
            expected == ErrorCode.None ? null : [1], verdict.RecordErrors?.Select(e => e.BatchIndex));
        Assert.Equal(ErrorCode.None, Judge(batch, rules with { UsesLogAppendTime = true }));
    }

    [Fact]
    public void A_record_may_have_no_timestamp()
    {
        var rules = Rules with { TimestampBeforeMaxMs = 500 };
        Assert.Equal(ErrorCode.None, Judge(Samples.Build(Sample.Of("a", "1", -1)), rules));
    }

    [Fact]
    public void Bounds_at_their_limits_do_not_overflow()
    {
        var rules = Rules with { TimestampBeforeMaxMs = long.MaxValue, TimestampAfterMaxMs = long.MaxValue };
        var batch = Samples.Build(Sample.Of("a", "1", long.MaxValue), Sample.Of("a", "1", long.MinValue));
        Assert.Equal(ErrorCode.None, Judge(batch, rules));
        rules = rules with { TimestampBeforeMaxMs = long.MaxValue - 1 };
        Assert.Equal(ErrorCode.InvalidTimestamp, Judge(batch, rules));
    }

    [Fact]
    public void A_bomb_is_refused_within_bounded_memory()
    {
        foreach (var codec in Available.Where(c => c != CompressionCodec.None))
        {
            var bomb = Samples.Build(
                [new Sample(Samples.Now, null, new byte[40 << 20], [])], Samples.With(codec));
            var rules = Rules with { MaxMessageBytes = 2 << 20 };
            var before = GC.GetAllocatedBytesForCurrentThread();
            var verdict = BatchValidator.Validate(bomb, rules);
            Assert.True(ErrorCode.InvalidRecord == verdict.Error, $"{codec}: {verdict.Error}");
            Assert.True(
                GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20, $"{codec} took too much memory");
        }
    }

    [Fact]
    public void A_compressed_record_larger_than_the_window_is_checked_piece_by_piece()
    {
        var large = Samples.Pattern(900_000);
        var longKey = new string('x', 200_000);
        RecordHeader[] headers = [new("a", large[..300_000]), new("b", null), new(longKey, null)];
        Sample[] records =
        [
            Sample.Of("small", "record"),
            new(Samples.Now + 5, large, large, headers),
            new(Samples.Now + 9, null, large, []),
            Sample.Of(null, "record"),
        ];
        foreach (var codec in Available)
        {
            var batch = Samples.Build(records, Samples.With(codec));
            var rules = Rules with { MaxMessageBytes = 8 << 20 };
            var verdict = BatchValidator.Validate(batch, rules);
            Assert.Null(verdict.Reason);
            Assert.Equal(Samples.Now + 9, verdict.MaxTimestamp);
            verdict = BatchValidator.Validate(batch, rules with { KeysAreRequired = true });
            Assert.Equal([2, 3], verdict.RecordErrors!.Select(e => e.BatchIndex));
        }
    }

    [Fact]
    public void Whole_and_piecewise_scans_agree_on_any_bytes()
    {
        Prop.ForAll(Arb.From(Samples.Many), Arb.From(Gen.Choose(0, int.MaxValue)), (records, seed) =>
        {
            var random = new Random(seed);
            var (key, value) = (Samples.Pattern(random.Next(70_000)), new byte[random.Next(70_000)]);
            Sample[] enlarged = [.. records, new(1, key, value, [])];
            var batch = Samples.Build(enlarged);
            var header = new RecordBatch(batch);
            var area = batch[RecordBatch.HeaderSize..];
            for (var n = random.Next(3); n > 0; n--)
                area[random.Next(area.Length)] = (byte)random.Next(256);
            using var whole = RecordScan.Of(header, Rules);
            whole.ReadAll(area);
            using var pieces = RecordScan.Of(header, Rules);
            using var window = new DecodeBuffer(int.MaxValue, pieces);
            _ = Codecs.Decode(CompressionCodec.None, area, window);
            pieces.End();
            return (whole.Fault == RecordFault.None) == (pieces.Fault == RecordFault.None)
                && (whole.Fault != RecordFault.None
                    || (whole.Count, whole.MaxTimestamp, whole.Error)
                        == (pieces.Count, pieces.MaxTimestamp, pieces.Error));
        }).Check(Samples.Config(300));
    }

    [Fact]
    public void No_bytes_make_the_validator_throw()
    {
        Prop.ForAll(
            Arb.From(Samples.Many),
            Arb.From(Gen.Elements(Available)),
            Arb.From(Gen.Choose(0, int.MaxValue)),
            (records, codec, seed) =>
            {
                var batch = Samples.Build(records, Samples.With(codec));
                var random = new Random(seed);
                for (var i = 0; i < 10; i++)
                {
                    var spoilt = batch.ToArray();
                    for (var n = random.Next(1, 4); n > 0; n--)
                        spoilt[random.Next(spoilt.Length)] = (byte)random.Next(256);
                    Seal(spoilt);
                    _ = BatchValidator.Validate(spoilt, Rules);
                }
            }).Check(Samples.Config(200));
    }

    private static ErrorCode Judge(ReadOnlySpan<byte> records, BatchRules rules) =>
        BatchValidator.Validate(records, rules).Error;

    internal static void Seal(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[17..], Crc32C.Compute(batch[21..]));
}
