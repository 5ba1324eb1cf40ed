using System.CommandLine;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench consume</c></summary>
internal static class BenchConsume
{
    private static readonly Option<int> PartitionBytes = BenchOptions.Size(
        "--partition-bytes", "the most bytes of a partition in an answer (1MiB)", 1 << 20);

    private static readonly Option<int> MaxBytes = BenchOptions.Size(
        "--max-bytes", "the most bytes of an answer (50MiB)", 50 << 20);

    private static readonly Option<int> MinBytes = BenchOptions.Size(
        "--min-bytes", "the fewest bytes worth an answer (1B)", 1);

    private static readonly Option<bool> NoSession = new("--no-session")
    {
        Description = "name all partitions in every request, in place of a fetch session",
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "hold batches against their checksums and read their records, in place of counting bytes",
    };

    private static readonly Option<bool> Once = new("--once")
    {
        Description = "end where the log ends; otherwise it is read over and over",
    };

    private static readonly Option<int> FillRecordSize = BenchOptions.Size(
        "--record-size", "bytes of a value in a new topic (1KiB)", 1024);

    private static readonly Option<int> FillBatchSize = BenchOptions.Size(
        "--batch-size", "bytes of a batch in a new topic (16KiB)", 16 * 1024);

    private static readonly Option<long> Fill = BenchOptions.Amount(
        "--fill", "how much is written to a new topic first (1GiB)", 1 << 30);

    private static readonly Option<int> Connections = BenchOptions.Connections(1);
    private static readonly Option<TimeSpan> Duration = BenchOptions.Duration();
    private static readonly Option<TimeSpan?> WarmUp = BenchOptions.WarmUp();
    private static readonly Option<long?> Bytes = BenchOptions.Bytes();

    public static Command Make() => Leaf.Make(
        "consume", "fetch a topic from its beginning, over and over",
        [.. BenchTopic.Options, Fill, FillRecordSize, FillBatchSize, PartitionBytes, MaxBytes, MinBytes, NoSession,
            Check, Once, Connections, Duration, WarmUp, Bytes, .. BenchRun.Options],
        RunAsync).With(
        "barnabas bench consume --partition-bytes 64KiB",
        "barnabas bench consume -t orders --once --check --duration 1h",
        "barnabas bench consume -p 4 -c 4 --json fetch.json");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var settings = new FetchSettings
        {
            Connections = parsed.GetValue(Connections),
            MaxBytes = parsed.GetValue(MaxBytes),
            PartitionBytes = parsed.GetValue(PartitionBytes),
            MinBytes = parsed.GetValue(MinBytes),
            HasSession = !parsed.GetValue(NoSession),
            Checks = parsed.GetValue(Check),
            Repeats = !parsed.GetValue(Once),
            Bytes = parsed.GetValue(Bytes),
        };
        await using var session = await Session.OpenAsync(parsed, stop);
        await using var topic = await BenchTopic.OpenAsync(session, parsed, stop);
        if (topic.IsNew)
            await FillAsync(parsed, await topic.TargetsAsync(stop), stop);
        var targets = await topic.TargetsAsync(stop);
        if (targets.All(static one => one.Begin == one.End))
            throw new CliException(ExitCode.Failed, $"'{topic.Topic}' holds nothing to be read");
        var window = new RunWindow();
        using var load = new ConsumeLoad(targets, settings, window);
        var run = new BenchRun(parsed, "consume", BenchSettings.Of(settings, targets.Count));
        var warmUp = settings.Repeats
            ? BenchOptions.WarmUpOf(parsed.GetValue(WarmUp), settings.Bytes)
            : parsed.GetValue(WarmUp) ?? TimeSpan.Zero;
        run.Write(await run.MeasureAsync(load, window, warmUp, parsed.GetValue(Duration), stop));
        return ExitCode.Ok;
    }

    private static async Task FillAsync(ParseResult parsed, IReadOnlyList<Target> targets, CancellationToken stop)
    {
        var settings = new ProduceSettings
        {
            Shape = new BatchShape
            {
                RecordSize = parsed.GetValue(FillRecordSize),
                BatchSize = parsed.GetValue(FillBatchSize),
            },
            Connections = targets.Count,
            Bytes = parsed.GetValue(Fill),
        };
        var window = new RunWindow();
        using var load = new ProduceLoad(targets, settings, window);
        var run = new BenchRun(parsed, "fill", []);
        _ = await run.MeasureAsync(load, window, TimeSpan.Zero, TimeSpan.FromHours(1), stop);
    }
}
