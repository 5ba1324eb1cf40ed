using System.Diagnostics;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>10,000 partitions on one node.</summary>
internal sealed class PartitionsPart : ISuitePart
{
    private const int Topics = 10;
    private const int Each = 1_000;
    private const string What = "10,000 partitions";
    // By then a node has written its first checkpoint, and given back what the start alone needed.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => "partitions";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        await Task.Delay(Settling, stop);
        var empty = await broker.MetricAsync("dotnet_gc_heap_bytes", stop) ?? 0;
        var begun = Stopwatch.GetTimestamp();
        for (var topic = 0; topic < Topics; topic++)
            _ = await broker.CreateTopicAsync("page-cache", Each, stop);
        suite.Add(new(Name, What, "s to create", Stopwatch.GetElapsedTime(begun).TotalSeconds));
        await broker.StopAsync();
        var start = broker.Start();
        suite.Add(new(Name, What, "s to the first answer after a clean stop", start.TotalSeconds, Bound.AtMost(1)));
        await Task.Delay(Settling, stop);
        var before = ProcessUsage.Read(broker.Process);
        await Task.Delay(Quiet, stop);
        var after = ProcessUsage.Read(broker.Process);
        if (before is { } from && after is { } to)
        {
            var idle = (to.Processor - from.Processor) / Quiet;
            suite.Add(new(Name, What, "processors when idle", idle, Bound.AtMost(0)));
            suite.Add(new(Name, What, "resident MiB", to.Resident / (double)(1 << 20)));
        }

        if (await broker.MetricAsync("dotnet_gc_heap_bytes", stop) is { } heap)
        {
            var kibibytes = (heap - empty) / 1024 / Topics / Each;
            suite.Add(new(Name, What, "managed KiB each", kibibytes, Bound.AtMost(4)));
        }
    }
}
