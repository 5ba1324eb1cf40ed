using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Bench.Micro;

/// <summary>Building, reading and validating batches of small and middling records.</summary>
internal static class RecordBench
{
    private const double Million = 1e6;
    private static readonly BatchRules Rules = new() { NowMs = 1_700_000_000_000, MaxMessageBytes = 2 << 20 };

    /// <summary>Takes what is computed, so that it has to be.</summary>
    internal static long Sink { get; private set; }

    public static void Run()
    {
        Compare(count: 9000, keySize: 0, valueSize: 100);
        Compare(count: 9000, keySize: 8, valueSize: 100);
        Compare(count: 1000, keySize: 0, valueSize: 1024);
    }

    private static void Compare(int count, int keySize, int valueSize)
    {
        var (key, value) = (keySize == 0 ? null : new byte[keySize], new byte[valueSize]);
        var builder = new BatchBuilder(2 << 20);
        Fill(builder, count, key, value);
        var batch = builder.Build(new BatchOptions()).ToArray();
        var lz4 = builder.Build(new BatchOptions { Compression = new(CompressionCodec.Lz4) }).ToArray();
        var amount = count / Million;
        var title = $"{count} records, key {keySize}, value {valueSize}, {batch.Length} bytes";
        new Comparison(title, "M records/s")
            .Add("read every field", amount, () => Read(batch))
            .Add("scan as the validator does", amount, () => Scan(batch))
            .Add("validate, CRC included", amount, () => Validate(batch))
            .Add("validate lz4, CRC included", amount, () => Validate(lz4))
            .Add("append to a builder", amount, () => Fill(builder, count, key, value))
            .Add("append and build, CRC included", amount, () => Build(builder, count, key, value))
            .Print();
        builder.Dispose();
    }

    private static void Read(byte[] batch)
    {
        var reader = new RecordReader(batch.AsSpan(RecordBatch.HeaderSize), new RecordBatch(batch));
        while (reader.TryRead(out var record))
            Sink += record.Offset.Value + record.Timestamp + record.Value.Span[0] + record.Headers.Count;
        Invariant.Holds(reader.Fault == RecordFault.None, "the batch is whole");
    }

    private static void Scan(byte[] batch)
    {
        using var scan = RecordScan.Of(new RecordBatch(batch), Rules);
        scan.ReadAll(batch.AsSpan(RecordBatch.HeaderSize));
        Sink += scan.Count;
    }

    private static void Validate(byte[] batch)
    {
        var verdict = BatchValidator.Validate(batch, Rules);
        Invariant.Holds(verdict.Error == ErrorCode.None, "the batch is valid");
    }

    private static void Fill(BatchBuilder builder, int count, byte[]? key, byte[] value)
    {
        builder.Clear();
        for (var i = 0; i < count; i++)
            builder.Append(1_700_000_000_000 + (i / 3), key, value);
    }

    private static void Build(BatchBuilder builder, int count, byte[]? key, byte[] value)
    {
        Fill(builder, count, key, value);
        Sink += builder.Build(new BatchOptions()).Length;
    }
}
