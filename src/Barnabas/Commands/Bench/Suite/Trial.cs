using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>What a short run came to.</summary>
/// <param name="Throughput">MB/s.</param>
/// <param name="Requests">A second.</param>
/// <param name="Processor">Seconds of the server's processors for a GB.</param>
/// <param name="P50">Of the first latency, in ms.</param>
/// <param name="P99">Of the first latency, in ms.</param>
internal readonly record struct Trial(double Throughput, double Requests, double Processor, double P50, double P99)
{
    /// <summary>A run's figures.</summary>
    public static Trial Of(Measurement run)
    {
        var figures = Figures.Of(run).ToDictionary(static one => one.Name, static one => one.Value);
        var name = run.Latencies[0].Name;
        return new(
            figures["throughput"], figures["requests"], figures.GetValueOrDefault("server processor"),
            figures.GetValueOrDefault($"{name} p50"), figures.GetValueOrDefault($"{name} p99"));
    }

    /// <summary>The medians of several, each figure by itself.</summary>
    public static Trial Median(IReadOnlyCollection<Trial> trials) => new(
        Median(trials.Select(static one => one.Throughput)), Median(trials.Select(static one => one.Requests)),
        Median(trials.Select(static one => one.Processor)), Median(trials.Select(static one => one.P50)),
        Median(trials.Select(static one => one.P99)));

    /// <summary>The middle one of an odd count, the lower of both in the middle of an even one.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[(sorted.Count - 1) / 2];
    }
}
