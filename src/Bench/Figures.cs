namespace Barnabas.Bench;

/// <summary>The figures of a run, out of what it came to.</summary>
public static class Figures
{
    private const int OfProcessor = 5;

    private static readonly (string Name, double Percent)[] Percentiles =
        [("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9)];

    /// <summary>Throughput, latency, and what servers and client used.</summary>
    public static IReadOnlyList<Figure> Of(Measurement run)
    {
        var seconds = Math.Max(run.Time.TotalSeconds, 1e-9);
        var figures = new List<Figure>
        {
            new("throughput", run.Done.Bytes / 1e6 / seconds, "MB/s", Better.More),
            new("records", run.Done.Records / seconds, "/s", Better.More),
            new("requests", run.Done.Requests / seconds, "/s", Better.More),
        };
        foreach (var (name, latency) in run.Latencies)
        {
            if (latency.Count > 0)
                figures.AddRange(Of(name, latency));
        }

        if (run.Server is var (before, after))
            figures.AddRange(Of("server", before, after, run));
        // Of the client's threads some are gone by now, and with them what is known of their switches.
        if (run.Client.After.Threads > 0)
            figures.AddRange(Of("client", run.Client.Before, run.Client.After, run).Take(OfProcessor));
        figures.Add(new("client allocated", Each(run.Allocated, run.Done.Requests), "B/request", Better.Less));
        figures.Add(new("measured", seconds, "s", Better.Neither));
        return figures;
    }

    private static IEnumerable<Figure> Of(string name, Histogram latency) =>
    [
        .. Percentiles.Select(p => new Figure(
            $"{name} {p.Name}", latency.Percentile(p.Percent).TotalMilliseconds, "ms", Better.Less)),
        new($"{name} max", latency.Longest.TotalMilliseconds, "ms", Better.Less),
        new($"{name} mean", latency.Mean.TotalMilliseconds, "ms", Better.Less),
    ];

    private static IEnumerable<Figure> Of(string who, ProcessUsage before, ProcessUsage after, Measurement run)
    {
        var seconds = Math.Max(run.Time.TotalSeconds, 1e-9);
        var processor = (after.Processor - before.Processor).TotalSeconds;
        var switches = Math.Max(0, after.Switches - before.Switches);
        return
        [
            new($"{who} processor", Each(processor * 1e9, run.Done.Bytes), "s/GB", Better.Less),
            new($"{who} processor a request", Each(processor * 1e6, run.Done.Requests), "us", Better.Less),
            new($"{who} processors", processor / seconds, "", Better.Less),
            new($"{who} memory", after.Resident / (double)(1 << 20), "MiB", Better.Less),
            new($"{who} memory at most", after.Peak / (double)(1 << 20), "MiB", Better.Less),
            new($"{who} threads", after.Threads, "", Better.Less),
            new($"{who} context switches", switches / seconds, "/s", Better.Less),
        ];
    }

    private static double Each(double amount, long count) => count == 0 ? 0 : amount / count;
}
