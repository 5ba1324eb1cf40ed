using System.Text;
using Barnabas.Base;
using Barnabas.Records;
using FsCheck;
using FsCheck.Fluent;
using Record = Barnabas.Records.Record;

namespace Barnabas.Tests.Unit.Records;

/// <summary>A record as a value, to build batches from and to compare what is read with.</summary>
internal sealed record Sample(long Timestamp, byte[]? Key, byte[]? Value, RecordHeader[] Headers)
{
    public static Sample Of(string? key, string? value, long timestamp = 1_700_000_000_000) => new(
        timestamp,
        key is null ? null : Encoding.UTF8.GetBytes(key),
        value is null ? null : Encoding.UTF8.GetBytes(value),
        []);

    public static Sample From(Record record) => new(
        record.Timestamp, record.Key.ToArray(), record.Value.ToArray(), record.Headers.ToArray());

    /// <summary>All fields as text, so that equal records have equal texts.</summary>
    public override string ToString()
    {
        var headers = Headers.Select(h => $"{h.Key}={(h.Value is { } v ? Convert.ToHexString(v) : "null")}");
        return $"{Timestamp} {Hex(Key)} {Hex(Value)} [{string.Join(' ', headers)}]";
    }

    private static string Hex(byte[]? bytes) => bytes is null ? "null" : $"'{Convert.ToHexString(bytes)}'";
}

/// <summary>Makes records and batches for the tests.</summary>
internal static class Samples
{
    public const long Now = 1_700_000_000_000;

    private static readonly Gen<byte[]?> Bytes = Gen.Frequency(
        (1, Gen.Constant<byte[]?>(null)),
        (1, Gen.Constant<byte[]?>([])),
        (6, Gen.Choose(0, 255).Select(n => (byte)n).ArrayOf().Select(b => (byte[]?)b)),
        (1, Gen.Choose(100, 9000).Select(n => (byte[]?)Pattern(n))));

    private static readonly Gen<RecordHeader> Header =
        from key in Gen.Elements("", "a", "trace", "grün", "long key ".PadRight(200, 'x'))
        from value in Bytes
        select new RecordHeader(key, value);

    private static readonly Gen<Sample> One =
        from delta in Gen.Frequency((6, Gen.Choose(-1000, 1000)), (1, Gen.Choose(-2_000_000_000, 3_000_000)))
        from key in Bytes
        from value in Bytes
        from headers in Gen.Frequency((3, Gen.Constant<RecordHeader[]>([])), (1, Header.ArrayOf()))
        select new Sample(Now + delta, key, value, headers);

    /// <summary>One record or more.</summary>
    public static Gen<Sample[]> Many { get; } = One.NonEmptyListOf().Select(list => list.ToArray());

    public static Config Config(int tests = 100) => FsCheck.Config.QuickThrowOnFailure.WithMaxTest(tests);

    public static byte[] Build(IEnumerable<Sample> records, BatchOptions options)
    {
        using var builder = new BatchBuilder();
        foreach (var record in records)
            builder.Append(record.Timestamp, record.Key, record.Value, record.Headers);
        return builder.Build(options).ToArray();
    }

    public static byte[] Build(params Sample[] records) => Build(records, new BatchOptions());

    /// <summary>The records of a batch, and the fault that ended the reading.</summary>
    public static (List<string> Records, RecordFault Fault) Read(
        ReadOnlySpan<byte> batch, int limit = 1 << 26)
    {
        var texts = new List<string>();
        Assert.Equal(CodecOutcome.Done, BatchRecords.Open(batch, limit, out var records));
        using (records)
        {
            var reader = records.Read();
            for (var offset = new RecordBatch(batch).BaseOffset; reader.TryRead(out var record); offset += 1)
            {
                Assert.Equal(offset, record.Offset);
                texts.Add(Sample.From(record).ToString());
            }
            return (texts, reader.Fault);
        }
    }

    /// <summary>Bytes that compress a little: runs, repeats, and noise between them.</summary>
    public static byte[] Pattern(int length, int seed = 7)
    {
        var random = new Random(seed);
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var count = Math.Min(random.Next(1, 300), length - at);
            var part = bytes.AsSpan(at, count);
            var earlier = bytes.AsSpan(random.Next(Math.Max(1, at - count + 1)), count);
            if (random.Next(3) == 0 || at < 300)
                random.NextBytes(part);
            else if (random.Next(4) == 0)
                part.Fill((byte)random.Next(256));
            else
                earlier.CopyTo(part);
            at += count;
        }
        return bytes;
    }

    public static BatchOptions With(CompressionCodec codec, int? level = null) =>
        new() { Compression = new(codec, level) };

    public static Offset At(long offset) => new(offset);
}
