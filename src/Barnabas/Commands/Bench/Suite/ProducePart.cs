using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>Produce against the bare append loop, by size of request; single records against it and against
/// bare echo.</summary>
internal sealed class ProducePart : ISuitePart
{
    private const string PageCache = "page-cache";
    private const int RoundsEach = 4;

    private static readonly (string What, int Batch, int Record)[] Sizes =
    [
        ("produce, 1 MiB of 1 KiB records", 1 << 20, 1024), ("produce, 128 KiB of 1 KiB records", 128 << 10, 1024),
        ("produce, 16 KiB of 1 KiB records", 16 << 10, 1024), ("produce, 16 KiB of 100 B records", 16 << 10, 100),
    ];

    /// <inheritdoc/>
    public string Name => "produce";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        using var bare = await BareServer.StartAsync(suite.NewDirectory(), stop);
        await suite.WarmAsync(broker, bare, stop);
        var received = await ReceiveAsync(suite, bare, stop);
        foreach (var (what, batch, record) in Sizes)
        {
            var settings = new ProduceSettings { Shape = new() { BatchSize = batch, RecordSize = record } };
            var (ours, limit) = await CompareAsync(suite, broker, bare, what, settings, stop);
            suite.AddRatio(
                Name, what, "MB/s of the bare append", ours.Throughput, limit.Throughput, Bound.AtLeast(0.75));
            suite.AddRatio(
                Name, what, "processor s/GB of the bare append", ours.Processor, limit.Processor, Bound.AtMost(1.3));
        }

        var after = await ReceiveAsync(suite, bare, stop);
        suite.Add(new(Name, "bare receive of 1 MiB, before", "MB/s", received.Throughput));
        suite.Add(new(Name, "bare receive of 1 MiB, after", "MB/s", after.Throughput));
        await SingleAsync(suite, broker, bare, stop);
    }

    private async Task<(Trial Ours, Trial Limit)> CompareAsync(
        SuiteContext suite, LocalBroker broker, BareServer bare, string what, ProduceSettings settings,
        CancellationToken stop)
    {
        var (ours, limits) = (new List<Trial>(), new List<Trial>());
        // They are short: a round in which the hypervisor takes pages back is one of many.
        for (var round = 0; round < RoundsEach * suite.Rounds; round++)
        {
            limits.Add(await suite.BareAsync(bare, isAppended: true, settings, stop));
            ours.Add(await suite.ProduceAsync(broker, PageCache, settings, stop));
            suite.SayRound(Name, what, ours[round], "the bare append", limits[round]);
        }

        return (Trial.Median(ours), Trial.Median(limits));
    }

    private static Task<Trial> ReceiveAsync(SuiteContext suite, BareServer bare, CancellationToken stop) =>
        suite.BareAsync(bare, isAppended: false, new() { Shape = new() { BatchSize = 1 << 20 } }, stop);

    private async Task SingleAsync(SuiteContext suite, LocalBroker broker, BareServer bare, CancellationToken stop)
    {
        const string what = "produce, single records, 8 connections";
        var settings = new ProduceSettings { Shape = new() { Records = 1 }, Connections = 8 };
        var (ours, limits, echoes) = (new List<Trial>(), new List<Trial>(), new List<Trial>());
        for (var round = 0; round < suite.Rounds; round++)
        {
            limits.Add(await suite.BareAsync(bare, isAppended: true, settings, stop));
            ours.Add(await suite.ProduceAsync(broker, PageCache, settings, stop));
            echoes.Add(await suite.BareAsync(bare, isAppended: false, settings, stop));
        }

        var (reached, limit, echo) = (Trial.Median(ours), Trial.Median(limits), Trial.Median(echoes));
        suite.AddRatio(
            Name, what, "requests/s of the bare append", reached.Requests, limit.Requests, Bound.AtLeast(0.6));
        suite.AddRatio(Name, what, "requests/s of bare echo", reached.Requests, echo.Requests, Bound.AtLeast(0.5));
        suite.AddRatio(
            Name, what, "processor of the bare append", reached.Processor, limit.Processor, target: null);
    }
}
