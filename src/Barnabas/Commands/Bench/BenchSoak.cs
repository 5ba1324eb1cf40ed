using System.CommandLine;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench soak</c></summary>
internal static class BenchSoak
{
    private static readonly BenchEndToEndRun Run = new("soak", batchRecords: 10, perSecond: 10_000);

    private static readonly Option<TimeSpan> Duration = BenchOptions.Time(
        "--duration", "how long to measure (1h)", TimeSpan.FromHours(1));

    public static Command Make() => Leaf.Make(
        "soak", "send and read at a steady rate for long, and see what changes",
        [.. Run.Options, Duration, .. BenchRun.Options], RunAsync).With(
        "barnabas bench soak --rate 50000 --config retention.bytes=1GiB --config segment.bytes=256MiB --svg soak.svg");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop) =>
        Run.RunAsync(parsed, TimeSpan.FromSeconds(5), parsed.GetValue(Duration), Drift, stop);

    /// <summary>What the last quarter of a run is like against the second: the first is not even yet.</summary>
    internal static IEnumerable<Figure> Drift(Measurement run)
    {
        var timed = run.Series.Where(static one => one.Latency.Count > 0).ToList();
        if (timed.Count >= 8)
        {
            var quarter = timed.Count / 4;
            var early = Of(timed.Skip(quarter).Take(quarter));
            var late = Of(timed.TakeLast(quarter));
            var ratio = early > TimeSpan.Zero ? late / early : 0;
            yield return new("p99, last quarter to second", ratio, "", Better.Less);
        }

        if (run.Server is var (before, after))
        {
            yield return new(
                "server memory grown", (after.Resident - before.Resident) / (double)(1 << 20), "MiB", Better.Less);
        }

        static TimeSpan Of(IEnumerable<Sample> samples)
        {
            var sum = new Histogram();
            foreach (var sample in samples)
                sum.Add(sample.Latency);
            return sum.Percentile(99);
        }
    }
}
