using Barnabas.Base;
using Barnabas.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Records;

public sealed class BatchBuilderTests
{
    public static TheoryData<CompressionCodec> AllCodecs => [.. Enum.GetValues<CompressionCodec>()];

    [Theory]
    [MemberData(nameof(AllCodecs))]
    public void What_is_built_is_read(CompressionCodec codec)
    {
        if (!Codecs.IsAvailable(codec))
            Assert.Skip($"{codec} is not available on this machine");
        Prop.ForAll(Arb.From(Samples.Many), records =>
        {
            var batch = Samples.Build(records, Samples.With(codec));
            var (read, fault) = Samples.Read(batch);
            return fault == RecordFault.None && read.SequenceEqual(records.Select(r => r.ToString()));
        }).Check(Samples.Config());
    }

    [Fact]
    public void The_header_says_what_the_options_say()
    {
        Sample[] records = [Sample.Of("k", "v", 50), Sample.Of("k", "v", 20), Sample.Of("k", "v", 90)];
        var batch = Samples.Build(records, new BatchOptions
        {
            BaseOffset = new(7),
            LeaderEpoch = new(3),
            ProducerId = new(4000),
            ProducerEpoch = 1,
            BaseSequence = int.MaxValue - 1,
            IsTransactional = true,
        });
        var header = new RecordBatch(batch);
        Assert.Equal(new Offset(7), header.BaseOffset);
        Assert.Equal(batch.Length, header.Size);
        Assert.Equal(new LeaderEpoch(3), header.LeaderEpoch);
        Assert.Equal(2, header.Magic);
        Assert.Equal(Crc32C.Compute(batch.AsSpan(21)), header.Crc);
        Assert.Equal(0x10, header.Attributes.Bits);
        Assert.Equal(2, header.LastOffsetDelta);
        Assert.Equal(50, header.BaseTimestamp);
        Assert.Equal(90, header.MaxTimestamp);
        Assert.Equal(new ProducerId(4000), header.ProducerId);
        Assert.Equal(1, header.ProducerEpoch);
        Assert.Equal(int.MaxValue - 1, header.BaseSequence);
        Assert.Equal(0, header.LastSequence);
        Assert.Equal(3, header.RecordCount);
    }

    [Fact]
    public void Log_append_time_stands_for_every_record()
    {
        var batch = Samples.Build(
            [Sample.Of("a", "b", 5), Sample.Of("c", "d", 6)], new BatchOptions { LogAppendTime = 99 });
        Assert.Equal(
            [Sample.Of("a", "b", 99).ToString(), Sample.Of("c", "d", 99).ToString()],
            Samples.Read(batch).Records);
    }

    [Fact]
    public void A_record_that_would_exceed_the_size_is_not_taken()
    {
        Prop.ForAll(Arb.From(Samples.Many), records =>
        {
            using var builder = new BatchBuilder();
            var all = Samples.Build(records).Length;
            foreach (var record in records[..^1])
                builder.Append(record.Timestamp, record.Key, record.Value, record.Headers);
            var (last, before) = (records[^1], builder.Size);
            var refused = builder.TryAppend(all - 1, last.Timestamp, last.Key, last.Value, last.Headers);
            var unchanged = builder.Size == before && builder.Count == records.Length - 1;
            var taken = builder.TryAppend(all, last.Timestamp, last.Key, last.Value, last.Headers);
            var bound = BatchBuilder.LargestSizeOf(last.Key, last.Value, last.Headers);
            return !refused && unchanged && taken && builder.Size == all
                && all - before <= bound - RecordBatch.HeaderSize;
        }).Check(Samples.Config());
    }

    [Fact]
    public void A_batch_can_be_built_again_with_another_epoch_and_more_records()
    {
        using var builder = new BatchBuilder(capacity: 0);
        builder.Append(1, "a"u8, "b"u8);
        var options = new BatchOptions { ProducerId = new(1), ProducerEpoch = 0, BaseSequence = 5 };
        Assert.Equal(0, new RecordBatch(builder.Build(options).Span).ProducerEpoch);
        var again = new RecordBatch(builder.Build(options with { ProducerEpoch = 1, BaseSequence = 0 }).Span);
        Assert.Equal((1, 0), (again.ProducerEpoch, again.BaseSequence));
        builder.Append(2, "c"u8, NullableBytes.Null);
        Assert.Equal(2, Samples.Read(builder.Build(Samples.With(CompressionCodec.Lz4)).Span).Records.Count);
        builder.Clear();
        builder.Append(3, "d"u8, NullableBytes.Null);
        Assert.Equal([Sample.Of("d", null, 3).ToString()], Samples.Read(builder.Build(new()).Span).Records);
    }

    [Fact]
    public void A_transaction_marker_has_the_bytes_of_one()
    {
        using var builder = new BatchBuilder();
        var key = ControlRecords.Key(ControlRecordType.Commit);
        builder.Append(1_700_000_000_010, key, ControlRecords.EndTransaction(3));
        var batch = builder.Build(new BatchOptions
        {
            BaseOffset = new(102),
            LeaderEpoch = new(7),
            ProducerId = new(1000),
            ProducerEpoch = 2,
            IsTransactional = true,
            IsControl = true,
        });
        Assert.Equal(
            "0000000000000066000000420000000702fe19c7e40030000000000000018bcfe5680a0000018bcfe5680a"
            + "00000000000003e80002ffffffff000000012000000008000000010c00000000000300",
            Convert.ToHexStringLower(batch.Span));
        Assert.True(ControlRecords.TryReadKey(ControlRecords.Key(ControlRecordType.Abort), out var type));
        Assert.Equal(ControlRecordType.Abort, type);
        Assert.True(ControlRecords.TryReadEndTransaction(ControlRecords.EndTransaction(3), out var epoch));
        Assert.Equal(3, epoch);
    }
}
