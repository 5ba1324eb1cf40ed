using System.Diagnostics;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Records;

namespace Barnabas.Bench.Load;

/// <summary>The managed client as fast as it goes, against partition 0 of a topic; prints a line of JSON.</summary>
/// <param name="server">A broker.</param>
/// <param name="topic">The topic.</param>
/// <param name="records">How many records are measured.</param>
/// <param name="warmUp">How many go before them, again and again for a second (but written twice at most):
/// what runs is compiled by then, and memory at hand. 0 for none.</param>
internal sealed class ClientLoad(string server, string topic, long records, long warmUp)
{
    // No more is written than the page cache has pages for: the faster side would be first to wait for the hypervisor.
    private const int MostWritten = 2;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Sends records of one size and waits until all are acknowledged.</summary>
    public async Task ProduceAsync(int size, CompressionCodec codec)
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
        await WarmAsync(() => SendAsync(producer, values, warmUp), MostWritten);
        var begun = Moment.Now;
        await SendAsync(producer, values, records);
        Print(records, records * size, begun);
    }

    /// <summary>Reads from the beginning, every record.</summary>
    public async Task ConsumeAsync()
    {
        await using var client = new KafkaClient(server);
        await WarmAsync(() => ReadAsync(client, warmUp), int.MaxValue);
        var begun = Moment.Now;
        var (seen, bytes) = await ReadAsync(client, records);
        Print(seen, bytes, begun);
    }

    private async Task WarmAsync(Func<Task> run, int most)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var times = 0; warmUp > 0 && times < most && Stopwatch.GetElapsedTime(begun) < WarmUp; times++)
            await run();
    }

    private async Task SendAsync(RawProducer producer, byte[][] values, long count)
    {
        for (var sent = 0L; sent < count; sent++)
        {
            var value = values[sent % values.Length];
            while (!producer.TryEnqueue(topic, 0, null, default, value))
                await producer.ReadyAsync(topic, value.Length);
        }

        await producer.FlushAsync();
    }

    private async Task<(long Records, long Bytes)> ReadAsync(KafkaClient client, long count)
    {
        await using var reader = client.CreateRawReader(
            [(new TopicPartition(topic, 0), OffsetSpec.Earliest)], new ReaderOptions { PartitionMaxBytes = 8_000_000 });
        var (seen, bytes) = (0L, 0L);
        await foreach (var fetched in reader.ReadAllAsync(OffsetSpec.At(count)))
        {
            foreach (var record in fetched)
            {
                seen++;
                bytes += record.Value.Span.Length;
            }
        }

        return (seen, bytes);
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

    private static void Print(long records, long bytes, Moment begun)
    {
        var ended = Moment.Now;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"records": {{records}}, "bytes": {{bytes}},
             "seconds": {{Stopwatch.GetElapsedTime(begun.Time, ended.Time).TotalSeconds:F4}},
             "processor": {{(ended.Processor - begun.Processor).TotalSeconds:F4}},
             "allocated": {{ended.Allocated - begun.Allocated}}}
            """).ReplaceLineEndings(""));
    }

    private readonly record struct Moment(long Time, TimeSpan Processor, long Allocated)
    {
        public static Moment Now => new(
            Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
    }
}
