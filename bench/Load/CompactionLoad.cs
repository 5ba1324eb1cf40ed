using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Log;
using Barnabas.Records;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Bench.Load;

/// <summary>Writes a log of keyed records and compacts it, for <c>bench/run</c>: how fast, and in how much
/// memory.</summary>
/// <param name="directory">Where the log is made; it is removed afterwards.</param>
internal sealed class CompactionLoad(string directory)
{
    private const int ValueSize = 1_000;
    private const int RecordsInBatch = 100;
    private readonly Host _host = RealHost.Create(NullLoggerFactory.Instance);

    /// <summary>Writes so many bytes, with so many keys in turn at random, and compacts them.</summary>
    public async Task RunAsync(long megabytes, int keys, CompressionCodec codec)
    {
        var settings = new LogSettings { SegmentBytes = 256 << 20 };
        var log = PartitionLog.Open(
            _host, directory, new TopicPartition("bench", 0), settings, new OpenHints(Offset.Zero, Offset.Zero, false));
        var records = megabytes * 1_000_000 / ValueSize;
        Write(log, records, keys, codec);
        log.Roll();
        var durable = await log.FlushAsync();
        GC.Collect();
        var before = Environment.WorkingSet;
        var plan = log.View.PlanCleaning(null, log.View.End, 0, default);
        var size = log.View.SizeInBytes;
        var (clock, processor) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        var peak = before;
        using (var cleaning = log.BeginCleaning(plan, durable, CleaningLimits.Default)!)
        {
            for (var isDone = false; !isDone;)
            {
                var step = cleaning.Step(8 << 20);
                if (step.IsReady)
                    log.TryReplace(cleaning);
                isDone = step.IsDone;
                peak = Math.Max(peak, Environment.WorkingSet);
            }
        }

        await log.FlushAsync();
        clock.Stop();
        var spent = Process.GetCurrentProcess().TotalProcessorTime - processor;
        var left = log.View.SizeInBytes;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"bytes\": {size}, \"left\": {left}, \"seconds\": {clock.Elapsed.TotalSeconds:F2}, "
            + $"\"processor\": {spent.TotalSeconds:F2}, \"memory\": {peak - before}}}"));
        await log.CloseAsync(clean: false);
        Directory.Delete(directory, recursive: true);
    }

    private static void Write(PartitionLog log, long records, int keys, CompressionCodec codec)
    {
        var random = new Random(1);
        var value = new byte[ValueSize];
        var key = new byte[16];
        for (var written = 0L; written < records; written += RecordsInBatch)
        {
            using var builder = new BatchBuilder(RecordsInBatch * (ValueSize + 64));
            for (var i = 0; i < RecordsInBatch; i++)
            {
                for (var at = 0; at < ValueSize; at++)
                    value[at] = (byte)"abcdefghijklmnopqrstuvwxyz0123456789 "[(int)((written + (at * 7) + i) % 37)];
                BinaryPrimitives.WriteInt32BigEndian(key, random.Next(keys));
                builder.Append(written, key.AsSpan(), value.AsSpan());
            }

            var batch = builder.Build(new BatchOptions { Compression = new(codec) }).ToArray();
            log.Append([new PendingBatch(batch, new LeaderEpoch(0))]);
        }
    }
}
