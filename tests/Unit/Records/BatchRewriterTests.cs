using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Records;

public sealed class BatchRewriterTests
{
    private static readonly Sample[] Records =
    [
        Sample.Of("a", "1"),
        Sample.Of(null, null, Samples.Now - 7),
        new(Samples.Now + 3, [], [1], [new("h", null)]),
    ];

    private static readonly IEnumerable<string> RecordsNow =
        Records.Select(r => (r with { Timestamp = Samples.Now }).ToString());

    private static readonly BatchRules Rules = new() { NowMs = Samples.Now };

    [Fact]
    public void Log_append_time_is_set_in_place()
    {
        var batch = Samples.Build(Records);
        var rules = Rules with { UsesLogAppendTime = true };
        var verdict = BatchValidator.Validate(batch, rules);
        Assert.Equal(BatchChanges.Timestamps, verdict.Changes);
        Assert.Equal(ErrorCode.None, BatchRewriter.Rewrite(batch, verdict, rules, out var replacement).Error);
        Assert.Null(replacement);
        var header = new RecordBatch(batch);
        Assert.True(header.Attributes.IsLogAppendTime);
        Assert.Equal(Crc32C.Compute(batch.AsSpan(21)), header.Crc);
        Assert.Equal(RecordsNow, Samples.Read(batch).Records);
        BatchRewriter.SetTimestamps(batch, isLogAppendTime: false, Samples.Now + 3);
        Assert.Equal(Samples.Build(Records), batch);
    }

    [Fact]
    public void A_wrong_max_timestamp_is_set_right()
    {
        var batch = Samples.Build(Records);
        var right = batch.ToArray();
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(35), 5);
        BatchValidatorTests.Seal(batch);
        var verdict = BatchValidator.Validate(batch, Rules);
        Assert.Equal((ErrorCode.None, BatchChanges.Timestamps), (verdict.Error, verdict.Changes));
        BatchRewriter.Rewrite(batch, verdict, Rules, out _);
        Assert.Equal(right, batch);
    }

    [Fact]
    public void Each_codec_becomes_each_other()
    {
        foreach (var from in Enum.GetValues<CompressionCodec>().Where(Codecs.IsAvailable))
        {
            foreach (var to in Enum.GetValues<CompressionCodec>().Where(Codecs.IsAvailable))
            {
                var batch = Samples.Build(Records, Samples.With(from));
                var rules = Rules with { Compression = new(to), UsesLogAppendTime = true };
                var verdict = BatchValidator.Validate(batch, rules);
                Assert.Equal(from != to, verdict.Changes.HasFlag(BatchChanges.Codec));
                Assert.Equal(
                    ErrorCode.None, BatchRewriter.Rewrite(batch, verdict, rules, out var replacement).Error);
                var stored = replacement?.Span.ToArray() ?? batch;
                replacement?.Dispose();
                Assert.Equal(to, new RecordBatch(stored).Attributes.Codec);
                Assert.Equal(Crc32C.Compute(stored.AsSpan(21)), new RecordBatch(stored).Crc);
                Assert.Equal(stored.Length, new RecordBatch(stored).Size);
                Assert.Equal(RecordsNow, Samples.Read(stored).Records);
            }
        }
    }

    [Fact]
    public void A_batch_that_grows_too_large_is_refused()
    {
        var batch = Samples.Build(
            [Sample.Of("k", new string('x', 10_000))], Samples.With(CompressionCodec.Gzip));
        var rules = Rules with { Compression = new(CompressionCodec.None), MaxMessageBytes = 5000 };
        var verdict = BatchValidator.Validate(batch, rules);
        Assert.Equal(ErrorCode.None, verdict.Error);
        verdict = BatchRewriter.Rewrite(batch, verdict, rules, out var replacement);
        Assert.Equal(ErrorCode.MessageTooLarge, verdict.Error);
        Assert.Null(replacement);
    }
}
