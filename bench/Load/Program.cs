using System.Diagnostics;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Records;

namespace Barnabas.Bench.Load;

/// <summary>Puts the managed client and its transactions under load, for <c>bench/run</c>, and prints what it
/// took as one line of JSON; copies a topic for the tests that kill it.</summary>
internal static class Program
{
    private const string Usage =
        "usage: Load produce HOST:PORT TOPIC RECORDS SIZE CODEC | Load consume HOST:PORT TOPIC RECORDS\n"
        + "     | Load transactions HOST:PORT TOPIC PRODUCERS TRANSACTIONS RECORDS\n"
        + "     | Load copy HOST:PORT SOURCE TARGET NAME\n"
        + "     | Load compact DIRECTORY MEGABYTES KEYS CODEC";

    private static async Task<int> Main(string[] args)
    {
        if (args is ["produce", var server, var topic, var records, var size, var codec])
        {
            Print(await ProduceAsync(
                server, topic, Number(records), (int)Number(size),
                Enum.Parse<CompressionCodec>(codec, ignoreCase: true)));
            return 0;
        }

        if (args is ["consume", var from, var source, var total])
        {
            Print(await ConsumeAsync(from, source, Number(total)));
            return 0;
        }

        if (args is ["transactions", var at, var to, var producers, var transactions, var each])
        {
            await TransactionLoad.RunAsync(
                at, to, (int)Number(producers), (int)Number(transactions), (int)Number(each));
            return 0;
        }

        if (args is ["copy", var cluster, var original, var copy, var name])
        {
            await TransactionLoad.CopyAsync(cluster, original, copy, name);
            return 0;
        }

        if (args is ["compact", var directory, var megabytes, var keys, var compression])
        {
            await new CompactionLoad(directory).RunAsync(
                Number(megabytes), (int)Number(keys), Enum.Parse<CompressionCodec>(compression, ignoreCase: true));
            return 0;
        }

        await Console.Error.WriteLineAsync(Usage);
        return 2;
    }

    /// <summary>Sends records of one size to partition 0 and waits until all are acknowledged.</summary>
    private static async Task<Measured> ProduceAsync(
        string server, string topic, long records, int size, CompressionCodec codec)
    {
        await using var client = new KafkaClient(server);
        await using var producer = client.CreateRawProducer(new ProducerOptions
        {
            Compression = codec,
            Linger = TimeSpan.FromMilliseconds(5),
            BatchSize = 1_000_000,
        });
        await producer.ReadyAsync(topic, size);
        var values = Values(size);
        var clock = Stopwatch.StartNew();
        for (var sent = 0L; sent < records; sent++)
        {
            while (!producer.TryEnqueue(topic, 0, null, default, values[sent % values.Length]))
                await producer.ReadyAsync(topic, size);
        }

        await producer.FlushAsync();
        return new(records, records * size, clock.Elapsed);
    }

    /// <summary>Reads partition 0 from its beginning, every record of it.</summary>
    private static async Task<Measured> ConsumeAsync(string server, string topic, long records)
    {
        await using var client = new KafkaClient(server);
        var clock = Stopwatch.StartNew();
        await using var reader = client.CreateRawReader(
            [(new TopicPartition(topic, 0), OffsetSpec.Earliest)], new ReaderOptions { PartitionMaxBytes = 8_000_000 });
        var (seen, bytes) = (0L, 0L);
        await foreach (var fetched in reader.ReadAllAsync(OffsetSpec.At(records)))
        {
            foreach (var record in fetched)
            {
                seen++;
                bytes += record.Value.Span.Length;
            }
        }

        return new(seen, bytes, clock.Elapsed);
    }

    /// <summary>A few values of letters and digits: they compress a little, as real text does.</summary>
    private static byte[][] Values(int size)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 1024).Select(_ => Value(random, size))];
    }

    private static byte[] Value(Random random, int size)
    {
        var value = new byte[size];
        for (var at = 0; at < size; at++)
            value[at] = (byte)"abcdefghijklmnopqrstuvwxyz0123456789 "[random.Next(37)];
        return value;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static void Print(Measured measured) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"records": {{measured.Records}}, "bytes": {{measured.Bytes}}, "seconds": {{measured.Time.TotalSeconds:F4}},
         "processor": {{Environment.CpuUsage.TotalTime.TotalSeconds:F4}}}
        """).ReplaceLineEndings(""));

    private readonly record struct Measured(long Records, long Bytes, TimeSpan Time);
}
