using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>The start after kill -9, with much that was written and never synced.</summary>
internal sealed class RecoveryPart : ISuitePart
{
    private const long Written = 4L << 30;

    /// <inheritdoc/>
    public string Name => "recovery";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        // The checkpoint of what is on disk would leave nothing to be recovered.
        await using var broker = new LocalBroker(
            suite.NewDirectory(), "log.flush.offset.checkpoint.interval.ms=3600000");
        var empty = broker.Start();
        var topic = await broker.CreateTopicAsync("page-cache", 2, stop);
        var targets = await broker.TargetsAsync(topic, stop);
        var settings = new ProduceSettings
        {
            Shape = new() { BatchSize = 128 << 10 },
            Bytes = Written,
            Connections = 2,
        };
        _ = await suite.RunAsync(
            window => new ProduceLoad(targets, settings, window), broker.Process, stop, TimeSpan.FromHours(1));
        await broker.KillAsync();
        var start = broker.Start();
        var seconds = Math.Max((start - empty).TotalSeconds, 0.001);
        suite.Add(new(
            Name, "start after kill -9, 4 GiB", "GB/s beyond an empty start", Written / 1e9 / seconds,
            Bound.AtLeast(4)));
        suite.Add(new(Name, "start after kill -9, 4 GiB", "ms to the first answer", start.TotalMilliseconds));
    }
}
