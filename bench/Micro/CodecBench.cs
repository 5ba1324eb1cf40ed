using System.Buffers;
using System.Globalization;
using System.Text;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Bench.Micro;

/// <summary>Codecs on lines of JSON, as events look, and on records of letters by chance, which hardly
/// repeat.</summary>
internal static class CodecBench
{
    private const double Mega = 1e6;

    public static void Run()
    {
        foreach (var size in new[] { 16 * 1024, 1 << 20 })
        {
            Run("JSON lines", Lines(size));
            Run("records of letters", Letters(size));
        }
    }

    private static void Run(string what, byte[] bytes)
    {
        var compress = new Comparison($"compress {bytes.Length} bytes of {what}", "MB/s");
        var decompress = new Comparison($"decompress to {bytes.Length} bytes of {what}", "MB/s");
        foreach (var compression in Ways().Where(w => Codecs.IsAvailable(w.Codec)))
            Add(compression, bytes, compress, decompress);
        compress.Print();
        decompress.Print();
    }

    private static void Add(Compression compression, byte[] lines, Comparison compress, Comparison decompress)
    {
        var output = new ArrayBufferWriter<byte>(2 * lines.Length);
        Codecs.Compress(compression, lines, output);
        var packed = output.WrittenSpan.ToArray();
        var ratio = (double)lines.Length / packed.Length;
        var level = compression.Level?.ToString(CultureInfo.InvariantCulture) ?? "default";
        var shrunk = ratio.ToString("0.00", CultureInfo.InvariantCulture);
        var name = $"{compression.Codec} {level}, ratio {shrunk}";
        compress.Add(name, lines.Length / Mega, () =>
        {
            output.ResetWrittenCount();
            Codecs.Compress(compression, lines, output);
        });
        decompress.Add(name, lines.Length / Mega, () =>
        {
            var outcome = Codecs.Decompress(compression.Codec, packed, lines.Length, out var bytes);
            Invariant.Holds(outcome == CodecOutcome.Done, "what was compressed decompresses");
            bytes?.Dispose();
        });
    }

    private static Compression[] Ways() =>
    [
        new(CompressionCodec.Lz4), new(CompressionCodec.Lz4, 3), new(CompressionCodec.Lz4, 12),
        new(CompressionCodec.Snappy), new(CompressionCodec.Zstd, 1), new(CompressionCodec.Zstd),
        new(CompressionCodec.Gzip, 1), new(CompressionCodec.Gzip),
    ];

    private static byte[] Letters(int size)
    {
        const int valueSize = 1000;
        var random = new Random(5);
        var values = Enumerable.Range(0, size / valueSize).Select(_ => Letters(random, valueSize)).ToList();
        using var builder = new BatchBuilder();
        foreach (var value in values)
            builder.Append(0, null, value);
        return builder.Build(new BatchOptions())[RecordBatch.HeaderSize..].ToArray();
    }

    private static byte[] Letters(Random random, int size)
    {
        var letters = new byte[size];
        foreach (ref var letter in letters.AsSpan())
            letter = (byte)"abcdefghijklmnopqrstuvwxyz0123456789 "[random.Next(37)];
        return letters;
    }

    private static byte[] Lines(int size)
    {
        var random = new Random(5);
        string[] events = ["page_view", "click", "purchase", "login", "logout", "search"];
        string[] agents = ["Mozilla/5.0 (X11; Linux x64)", "Mozilla/5.0 (iPhone; CPU iPhone OS 17)", "curl"];
        var text = new StringBuilder();
        while (text.Length < size)
        {
            Add("{\"ts\":", $"{1_700_000_000_000 + random.Next()},");
            Add("\"user\":", $"\"{random.NextInt64():x16}\",");
            Add("\"event\":", $"\"{events[random.Next(events.Length)]}\",");
            Add("\"url\":", $"\"/item/{random.Next(100_000)}?ref={random.Next(1000)}\",");
            Add("\"agent\":", $"\"{agents[random.Next(agents.Length)]}\",");
            Add("\"latency_ms\":", $"{random.NextDouble() * 100:0.000},");
            Add("\"ok\":", $"{(random.Next(10) > 0 ? "true" : "false")}}}\n");
        }
        return Encoding.ASCII.GetBytes(text.ToString())[..size];

        void Add(string name, FormattableString value) =>
            text.Append(name).Append(value.ToString(CultureInfo.InvariantCulture));
    }
}
