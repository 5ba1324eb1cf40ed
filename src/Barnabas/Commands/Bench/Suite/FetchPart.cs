using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>Fetch from the page cache against bare sendfile.</summary>
internal sealed class FetchPart : ISuitePart
{
    private const long Filled = 512 << 20;

    /// <summary>Rounds are short and many: the machine is not the same from one second to the next.</summary>
    private const int RoundsEach = 3;

    /// <inheritdoc/>
    public string Name => "fetch";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        using var bare = await BareServer.StartAsync(suite.NewDirectory(), stop);
        var fill = new ProduceSettings { Shape = new() { BatchSize = 16 << 10 }, Bytes = Filled };
        var hour = TimeSpan.FromHours(1);
        _ = await suite.RunAsync(
            window => ProduceLoad.ToBareServer(bare.Port, isAppended: true, fill, window), bare.Process, stop, hour);
        var topic = await broker.CreateTopicAsync("page-cache", 1, stop);
        var empty = await broker.TargetsAsync(topic, stop);
        _ = await suite.RunAsync(window => new ProduceLoad(empty, fill, window), broker.Process, stop, hour);
        var targets = await broker.TargetsAsync(topic, stop);
        await suite.WarmAsync(broker, bare: null, stop);
        foreach (var (what, size) in ((string, int)[])[("fetch, 1 MiB", 1 << 20), ("fetch, 64 KiB", 64 << 10)])
        {
            var (ours, limits) = (new List<Trial>(), new List<Trial>());
            for (var round = 0; round <= RoundsEach * suite.Rounds; round++)
            {
                var limit = Trial.Of(await suite.RunAsync(
                    window => new BareFetchLoad(bare.Port, size, window), bare.Process, stop));
                var reached = Trial.Of(await suite.RunAsync(
                    window => new ConsumeLoad(targets, new() { PartitionBytes = size }, window), broker.Process, stop));
                // The first round is to get warm.
                if (round == 0)
                    continue;
                suite.SayRound(Name, what, reached, "bare sendfile", limit);
                limits.Add(limit);
                ours.Add(reached);
            }

            var (mine, bound) = (Trial.Median(ours), Trial.Median(limits));
            suite.AddRatio(
                Name, what, "MB/s of bare sendfile", mine.Throughput, bound.Throughput, Bound.AtLeast(0.85));
            suite.Add(new(Name, what, "processor s/GB", mine.Processor, Bound.AtMost(0.2), null, bound.Processor));
        }
    }
}
