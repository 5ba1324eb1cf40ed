using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>Produce that is answered once it is on disk: against the page cache, and against fdatasync
/// itself.</summary>
internal sealed class SyncPart : ISuitePart
{
    /// <inheritdoc/>
    public string Name => "fsync";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        var large = new ProduceSettings { Shape = new() { BatchSize = 1 << 20 }, Acks = -1 };
        var single = new ProduceSettings { Shape = new() { Records = 1 }, Acks = -1, InFlight = 1 };
        await suite.WarmAsync(broker, bare: null, stop);
        _ = await suite.ProduceAsync(broker, "fsync", single, stop);
        var (synced, cached, acks, syncs) =
            (new List<Trial>(), new List<Trial>(), new List<Trial>(), new List<double>());
        var disk = new List<double>();
        // Single records first: the disk is busy for long with what was written to the page cache.
        for (var round = 0; round < suite.Rounds; round++)
        {
            syncs.Add(SyncLimit.Measure(suite.NewDirectory(), suite.Each).Percentile(50).TotalMilliseconds);
            acks.Add(await suite.ProduceAsync(broker, "fsync", single, stop));
        }

        for (var round = 0; round < suite.Rounds; round++)
        {
            cached.Add(await suite.ProduceAsync(broker, "page-cache", large, stop));
            synced.Add(await suite.ProduceAsync(broker, "fsync", large, stop));
            disk.Add(SyncLimit.MeasureThroughput(suite.NewDirectory()));
        }

        suite.AddRatio(
            Name, "produce on disk, 1 MiB, 5 in flight", "MB/s of the page cache", Trial.Median(synced).Throughput,
            Trial.Median(cached).Throughput, Bound.AtLeast(0.6));
        suite.AddRatio(
            Name, "produce on disk, 1 MiB, 5 in flight", "MB/s of the disk's own", Trial.Median(synced).Throughput,
            Trial.Median(disk), target: null);
        suite.AddRatio(
            Name, "produce on disk, a record, 1 in flight", "ack p50 of fdatasync p50", Trial.Median(acks).P50,
            Trial.Median(syncs), Bound.AtMost(2));
    }
}
