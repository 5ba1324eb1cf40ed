using System.CommandLine;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench e2e</c></summary>
internal static class BenchEndToEnd
{
    private static readonly Option<int> RecordSize = BenchOptions.Size(
        "--record-size", "bytes of a value (1KiB)", 1024);

    private static readonly Option<int> BatchRecords = BenchOptions.Number(
        "--batch-records", null, "records in a batch", 1, 1);

    private static readonly Option<short> Acks = BenchOptions.Acks();
    private static readonly Option<double?> Rate = BenchOptions.Rate("records a second (1000)");
    private static readonly Option<TimeSpan> Duration = BenchOptions.Duration();
    private static readonly Option<TimeSpan?> WarmUp = BenchOptions.WarmUp();
    private static readonly Option<int[]> Servers = BenchOptions.Servers();
    private static readonly Option<Uri?> Metrics = BenchOptions.Metrics();
    private static readonly Option<string?> File = BenchOptions.JsonFile();
    private static readonly Option<string?> Picture = BenchOptions.Picture();

    public static Command Make() => Leaf.Make(
        "e2e", "send at a rate, and see how long each record takes to a reader that waits for it",
        [.. BenchTopic.Options, RecordSize, BatchRecords, Acks, Rate, Duration, WarmUp, Servers, Metrics, File,
            Picture],
        RunAsync).With(
        "barnabas bench e2e --rate 1000",
        "barnabas bench e2e --rate 10000 --acks all --config barnabas.durability=fsync");

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
            RecordsPerSecond = parsed.GetValue(Rate) ?? 1_000,
        };
        await using var session = await Session.OpenAsync(parsed, stop);
        await using var topic = await BenchTopic.OpenAsync(session, parsed, stop);
        var targets = await topic.TargetsAsync(stop);
        var window = new RunWindow();
        using var load = new EndToEndLoad(targets, settings, new FetchSettings(), window);
        var run = new BenchRun(parsed, "e2e", BenchSettings.Of(settings, targets.Count, null))
        {
            Servers = parsed.GetValue(Servers) ?? [],
            Metrics = parsed.GetValue(Metrics),
            File = parsed.GetValue(File),
            Picture = parsed.GetValue(Picture),
        };
        var warmUp = BenchOptions.WarmUpOf(parsed.GetValue(WarmUp), null);
        run.Write(await run.MeasureAsync(load, window, warmUp, parsed.GetValue(Duration), stop));
        return ExitCode.Ok;
    }
}
