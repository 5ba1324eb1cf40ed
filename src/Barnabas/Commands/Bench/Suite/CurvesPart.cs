using System.Globalization;
using Barnabas.Base;
using Barnabas.Bench;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>What a small produce request costs while the node holds more: it should cost the same.</summary>
internal sealed class CurvesPart : ISuitePart
{
    private const string PageCache = "page-cache";
    private const string Cost = "processor s/GB";

    private static readonly ProduceSettings Single = new() { Shape = new() { Records = 1 }, Connections = 8 };

    /// <inheritdoc/>
    public string Name => "curves";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        await suite.WarmAsync(broker, bare: null, stop);
        var topic = await broker.CreateTopicAsync(PageCache, 1, stop);
        var targets = await broker.TargetsAsync(topic, stop);
        await DrawAsync("MiB in the log", [0, 256, 1024, 4096], async mebibytes =>
        {
            var fill = new ProduceSettings { Shape = new() { BatchSize = 1 << 20 }, Bytes = mebibytes << 20 };
            _ = await suite.RunAsync(
                window => new ProduceLoad(targets, fill, window), broker.Process, stop, TimeSpan.FromHours(1));
        });
        var groups = 0;
        await DrawAsync("groups", [0, 10, 100, 1_000], async more =>
        {
            for (var until = groups + more; groups < until; groups++)
                await CommitAsync(broker, topic, groups, stop);
        });
        await DrawAsync("other topics", [0, 10, 100, 1_000], async more =>
        {
            for (var one = 0; one < more; one++)
                _ = await broker.CreateTopicAsync(PageCache, 1, stop);
        });
        await DrawAsync(
            "other partitions", [0, 100, 1_000, 10_000],
            async more => _ = await broker.CreateTopicAsync(PageCache, (int)more, stop));

        async Task DrawAsync(string what, long[] counts, Func<long, Task> add)
        {
            var points = new List<(string Grown, double Cost)>();
            for (var at = 0; at < counts.Length; at++)
            {
                if (counts[at] > 0)
                    await add(counts[at] - counts[at - 1]);
                var cost = await MeasureAsync(suite, broker, targets, stop);
                points.Add((counts[at].ToString("N0", CultureInfo.InvariantCulture), cost));
                if (at > 0)
                {
                    suite.AddRatio(
                        Name, $"produce of a record beside {points[at].Grown} {what}",
                        $"{Cost} of that beside none", cost, points[0].Cost,
                        at == counts.Length - 1 ? Bound.AtMost(1.25) : null);
                }
            }

            suite.Curves.Add(new Curve($"produce of a record, by {what}", Cost, points));
        }
    }

    private static async Task<double> MeasureAsync(
        SuiteContext suite, LocalBroker broker, IReadOnlyList<Target> targets, CancellationToken stop)
    {
        var trials = new List<Trial>();
        for (var round = 0; round < suite.Rounds; round++)
        {
            trials.Add(Trial.Of(await suite.RunAsync(
                window => new ProduceLoad(targets, Single, window), broker.Process, stop)));
        }

        return Trial.Median(trials).Processor;
    }

    private static async Task CommitAsync(LocalBroker broker, string topic, int group, CancellationToken stop)
    {
        var offsets = new Dictionary<TopicPartition, CommittedOffset> { [new(topic, 0)] = new(Offset.Zero) };
        _ = await broker.Client.Admin.AlterGroupOffsetsAsync($"bench-{ChildProcess.Text(group)}", offsets, stop);
    }
}
