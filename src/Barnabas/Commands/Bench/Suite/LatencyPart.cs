using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>From a producer to a consumer that waits, against the bare round trip.</summary>
internal sealed class LatencyPart : ISuitePart
{
    /// <inheritdoc/>
    public string Name => "e2e";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        using var bare = await BareServer.StartAsync(suite.NewDirectory(), stop);
        var trip = new ProduceSettings { Shape = new() { Records = 1, RecordSize = 30 }, InFlight = 1 };
        _ = await suite.BareAsync(bare, isAppended: false, trip, stop);
        await suite.WarmAsync(broker, bare, stop);
        _ = await PassAsync(suite, broker, 10_000, stop);
        foreach (var rate in (int[])[1_000, 10_000])
        {
            var (ours, trips) = (new List<Trial>(), new List<double>());
            for (var round = 0; round < suite.Rounds; round++)
            {
                trips.Add((await suite.BareAsync(bare, isAppended: false, trip, stop)).P50);
                ours.Add(await PassAsync(suite, broker, rate, stop));
            }

            var what = $"produce to consume, {rate:N0} records/s";
            var (mine, bound) = (Trial.Median(ours), Trial.Median(trips));
            suite.Add(new(Name, what, "p50 ms", mine.P50, Bound.AtMost(0.15)));
            suite.Add(new(Name, what, "p99 ms", mine.P99, Bound.AtMost(1)));
            suite.AddRatio(Name, what, "p50 in bare round trips", mine.P50, bound, target: null);
        }
    }

    private static async Task<Trial> PassAsync(
        SuiteContext suite, LocalBroker broker, int rate, CancellationToken stop)
    {
        var topic = await broker.CreateTopicAsync("page-cache", 1, stop);
        var targets = await broker.TargetsAsync(topic, stop);
        var settings = new ProduceSettings { Shape = new() { Records = 1 }, RecordsPerSecond = rate };
        var trial = Trial.Of(await suite.RunAsync(
            window => new EndToEndLoad(targets, settings, new(), window), broker.Process, stop));
        await broker.DeleteTopicAsync(topic, stop);
        return trial;
    }
}
