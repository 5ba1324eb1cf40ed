using System.CommandLine;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench soak</c></summary>
internal static class BenchSoak
{
    private static readonly Option<int> RecordSize = BenchOptions.Size(
        "--record-size", "bytes of a value (1KiB)", 1024);

    private static readonly Option<int> BatchRecords = BenchOptions.Number(
        "--batch-records", null, "records in a batch", 10, 1);

    private static readonly Option<short> Acks = BenchOptions.Acks();
    private static readonly Option<double?> Rate = BenchOptions.Rate("records a second (10000)");

    private static readonly Option<TimeSpan> Duration = BenchOptions.Time(
        "--duration", "how long to measure (1h)", TimeSpan.FromHours(1));

    private static readonly Option<int[]> Servers = BenchOptions.Servers();
    private static readonly Option<Uri?> Metrics = BenchOptions.Metrics();
    private static readonly Option<string?> File = BenchOptions.JsonFile();
    private static readonly Option<string?> Picture = BenchOptions.Picture();

    public static Command Make() => Leaf.Make(
        "soak", "send and read at a steady rate for long, and see what changes",
        [.. BenchTopic.Options, RecordSize, BatchRecords, Acks, Rate, Duration, Servers, Metrics, File, Picture],
        RunAsync).With(
        "barnabas bench soak --rate 50000 --config retention.bytes=1GiB --config segment.bytes=256MiB --svg soak.svg");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var acks = parsed.GetValue(Acks);
        if (acks == 0)
            throw CliException.Usage("--acks 0: without answers nobody knows what there is to be read");
        var settings = new ProduceSettings
        {
            Shape = new BatchShape
            {
                RecordSize = parsed.GetValue(RecordSize),
                Records = parsed.GetValue(BatchRecords),
            },
            Acks = acks,
            RecordsPerSecond = parsed.GetValue(Rate) ?? 10_000,
        };
        var servers = parsed.GetValue(Servers) ?? [];
        await using var session = await Session.OpenAsync(parsed, stop);
        await using var topic = await BenchTopic.OpenAsync(session, parsed, stop);
        var targets = await topic.TargetsAsync(stop);
        var window = new RunWindow();
        using var load = new EndToEndLoad(targets, settings, new FetchSettings(), window);
        var run = new BenchRun(parsed, "soak", BenchSettings.Of(settings, targets.Count, null))
        {
            Servers = servers,
            Metrics = parsed.GetValue(Metrics),
            File = parsed.GetValue(File),
            Picture = parsed.GetValue(Picture),
        };
        var measured = await run.MeasureAsync(
            load, window, TimeSpan.FromSeconds(5), parsed.GetValue(Duration), stop);
        run.Write(measured, [.. Drift(measured)]);
        return ExitCode.Ok;
    }

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
