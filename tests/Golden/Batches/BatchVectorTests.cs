using Barnabas.Records;

namespace Barnabas.Tests.Golden;

/// <summary>Record batches that other encoders made: our own vectors, and the reference data where this
/// machine has them.</summary>
public sealed class BatchVectorTests
{
    private const int ReferenceBatches = 21;
    private const int Limit = 1 << 24;

    public static TheoryData<string> Sources => ["vectors", "reference"];

    [Fact]
    public void The_reference_has_all_its_batches() =>
        Assert.Equal(ReferenceBatches, Load("reference").Count);

    [Theory]
    [MemberData(nameof(Sources))]
    public void Every_batch_is_read_to_its_records(string source) => ForEach(Load(source), vector =>
        Assert.Equal(
            vector.Records, vector.Magic == 2 ? ReadBatch(vector.Bytes) : ReadMessageSet(vector.Bytes)));

    [Theory]
    [MemberData(nameof(Sources))]
    public void Every_header_has_its_values(string source) =>
        ForEach(Load(source).Where(v => v.Magic == 2), HeaderHasItsValues);

    [Theory]
    [MemberData(nameof(Sources))]
    public void Every_batch_is_built_to_its_bytes(string source) =>
        ForEach(Load(source).Where(v => v.Magic == 2 && v.Records.Count > 0), vector =>
        {
            // What a codec makes of records differs between its versions: plain batches are compared.
            var expected = vector.Codec == CompressionCodec.None
                ? vector.Bytes
                : Recompress(vector.Bytes, CompressionCodec.None);
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(Rebuild(expected, vector)));
            Assert.Equal(vector.Records, ReadBatch(Recompress(expected, vector.Codec)));
        });

    private static void HeaderHasItsValues(BatchVector vector)
    {
        var header = new RecordBatch(vector.Bytes);
        Assert.Equal(vector.Bytes.Length, header.Size);
        Assert.Equal(Crc32C.Compute(vector.Bytes.AsSpan(21)), header.Crc);
        Assert.Equal(vector.Codec, header.Attributes.Codec);
        Assert.Equal((vector.BaseOffset, vector.LastOffset), (header.BaseOffset, header.LastOffset));
        Assert.Equal(vector.LeaderEpoch, header.LeaderEpoch);
        Assert.Equal(vector.IsLogAppendTime, header.Attributes.IsLogAppendTime);
        Assert.Equal(vector.MaxTimestamp, header.MaxTimestamp);
        Assert.Equal((vector.ProducerId, vector.ProducerEpoch), (header.ProducerId, header.ProducerEpoch));
        Assert.Equal(vector.BaseSequence, header.BaseSequence);
        Assert.Equal(
            (vector.IsTransactional, vector.IsControl),
            (header.Attributes.IsTransactional, header.Attributes.IsControl));
        Assert.Equal(vector.Records.Count, header.RecordCount);
    }

    private static byte[] Recompress(byte[] batch, CompressionCodec codec)
    {
        Assert.Equal(
            CodecOutcome.Done, BatchRewriter.Recompress(batch, new(codec), Limit, out var rewritten));
        using (rewritten)
            return rewritten!.Span.ToArray();
    }

    private static byte[] Rebuild(ReadOnlySpan<byte> batch, BatchVector vector)
    {
        using var builder = new BatchBuilder();
        var header = new RecordBatch(batch);
        Assert.Equal(CodecOutcome.Done, BatchRecords.Open(batch, Limit, out var records));
        using (records)
        {
            // Read as if every record kept its own time: that is what is written, whatever stands for it.
            var plain = batch.ToArray();
            BatchRewriter.SetTimestamps(plain, isLogAppendTime: false, 0);
            var reader = new RecordReader(plain.AsSpan(RecordBatch.HeaderSize), new RecordBatch(plain));
            while (reader.TryRead(out var record))
                builder.Append(record.Timestamp, record.Key, record.Value, record.Headers.ToArray());
            Assert.Equal(RecordFault.None, reader.Fault);
        }
        return builder.Build(new BatchOptions
        {
            BaseOffset = header.BaseOffset,
            LeaderEpoch = header.LeaderEpoch,
            ProducerId = header.ProducerId,
            ProducerEpoch = header.ProducerEpoch,
            BaseSequence = header.BaseSequence,
            IsTransactional = header.Attributes.IsTransactional,
            IsControl = header.Attributes.IsControl,
            LogAppendTime = vector.IsLogAppendTime ? header.MaxTimestamp : null,
        }).ToArray();
    }

    private static List<string> ReadBatch(ReadOnlySpan<byte> batch)
    {
        Assert.Equal(CodecOutcome.Done, BatchRecords.Open(batch, Limit, out var records));
        using (records)
        {
            var texts = new List<string>();
            var reader = records.Read();
            while (reader.TryRead(out var record))
                texts.Add(BatchVector.Text(record));
            Assert.Equal(RecordFault.None, reader.Fault);
            return texts;
        }
    }

    private static List<string> ReadMessageSet(byte[] set)
    {
        var texts = new List<string>();
        using var reader = new MessageSetReader(set, Limit);
        while (reader.TryRead(out var record))
            texts.Add(BatchVector.Text(record));
        Assert.Equal(RecordFault.None, reader.Fault);
        return texts;
    }

    private static List<BatchVector> Load(string source)
    {
        var path = source == "vectors"
            ? Path.Combine(Repository.Vectors, "batches.tsv")
            : Repository.Reference("golden", "batches.tsv");
        if (path is null)
            Assert.Skip("no reference data: neither BARNABAS_PROTOCOL nor any beside the repository");
        return BatchVector.ReadFile(path);
    }

    private static void ForEach(IEnumerable<BatchVector> vectors, Action<BatchVector> check)
    {
        var failures = new List<string>();
        foreach (var vector in vectors)
        {
            if (!Codecs.IsAvailable(vector.Codec))
                continue;
            if (Xunit.Record.Exception(() => check(vector)) is { } failure)
                failures.Add($"{vector.Name}: {failure.Message}");
        }
        Assert.Empty(failures);
    }
}
