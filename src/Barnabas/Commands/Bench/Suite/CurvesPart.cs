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
        await using var empty = new LocalBroker(suite.NewDirectory());
        await using var broker = new LocalBroker(suite.NewDirectory());
        var beside = await BeginAsync(suite, empty, stop);
        var targets = await BeginAsync(suite, broker, stop);
        var topic = targets[0].Topic;
        await DrawAsync("MiB in the log", [256, 1024, 4096], async mebibytes =>
        {
            var fill = new ProduceSettings { Shape = new() { BatchSize = 1 << 20 }, Bytes = mebibytes << 20 };
            _ = await suite.RunAsync(
                window => new ProduceLoad(targets, fill, window), broker.Process, stop, TimeSpan.FromHours(1));
        });
        var groups = 0;
        await DrawAsync("groups", [100, 1_000], async more =>
        {
            for (var until = groups + more; groups < until; groups++)
                await CommitAsync(broker, topic, groups, stop);
        });
        await DrawAsync("other topics", [100, 1_000], async more =>
        {
            for (var one = 0; one < more; one++)
                _ = await broker.CreateTopicAsync(PageCache, 1, stop);
        });
        await DrawAsync(
            "other partitions", [1_000, 10_000],
            async more => _ = await broker.CreateTopicAsync(PageCache, (int)more, stop));

        async Task DrawAsync(string what, long[] counts, Func<long, Task> add)
        {
            var points = new List<(string Grown, double Cost)> { ("0", 1) };
            var before = 0L;
            foreach (var count in counts)
            {
                await add(count - before);
                before = count;
                var (grown, none) = await CompareAsync(suite, (broker, targets), (empty, beside), stop);
                points.Add((count.ToString("N0", CultureInfo.InvariantCulture), grown / none));
                suite.AddRatio(
                    Name, $"produce of a record beside {points[^1].Grown} {what}", $"{Cost} of that beside none",
                    grown, none, count == counts[^1] ? Bound.AtMost(1.25) : null);
            }

            suite.Curves.Add(new Curve($"produce of a record, by {what}", $"{Cost} of that beside none", points));
        }
    }

    private static async Task<IReadOnlyList<Target>> BeginAsync(
        SuiteContext suite, LocalBroker broker, CancellationToken stop)
    {
        _ = broker.Start();
        await suite.WarmAsync(broker, bare: null, stop);
        return await broker.TargetsAsync(await broker.CreateTopicAsync(PageCache, 1, stop), stop);
    }

    // The other node holds nothing, and takes turns: what the machine does at the time is the same for both.
    private static async Task<(double Grown, double None)> CompareAsync(
        SuiteContext suite, (LocalBroker Broker, IReadOnlyList<Target> Targets) grown,
        (LocalBroker Broker, IReadOnlyList<Target> Targets) none, CancellationToken stop)
    {
        var (costs, bases) = (new List<double>(), new List<double>());
        for (var round = 0; round < suite.Rounds; round++)
        {
            bases.Add(await MeasureAsync(suite, none, stop));
            costs.Add(await MeasureAsync(suite, grown, stop));
        }

        return (Trial.Median(costs), Trial.Median(bases));
    }

    private static async Task<double> MeasureAsync(
        SuiteContext suite, (LocalBroker Broker, IReadOnlyList<Target> Targets) node, CancellationToken stop) =>
        Trial.Of(await suite.RunAsync(
            window => new ProduceLoad(node.Targets, Single, window), node.Broker.Process, stop)).Processor;

    private static async Task CommitAsync(LocalBroker broker, string topic, int group, CancellationToken stop)
    {
        var offsets = new Dictionary<TopicPartition, CommittedOffset> { [new(topic, 0)] = new(Offset.Zero) };
        _ = await broker.Client.Admin.AlterGroupOffsetsAsync($"bench-{ChildProcess.Text(group)}", offsets, stop);
    }
}
