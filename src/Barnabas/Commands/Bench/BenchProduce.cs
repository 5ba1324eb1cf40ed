using System.CommandLine;
using Barnabas.Bench;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench produce</c></summary>
internal static class BenchProduce
{
    private static readonly Option<int> RecordSize = BenchOptions.Size(
        "--record-size", "bytes of a value (1KiB)", 1024);

    private static readonly Option<int> BatchSize = BenchOptions.Size(
        "--batch-size", "the most bytes of a batch before it is compressed (16KiB)", 16 * 1024);

    private static readonly Option<int?> BatchRecords = new("--batch-records")
    {
        Description = "records in a batch, whatever their bytes",
        HelpName = "N",
        Validators =
        {
            static result =>
            {
                if (result.GetValueOrDefault<int?>() < 1)
                    result.AddError("--batch-records: at least 1");
            },
        },
    };

    private static readonly Option<int> KeySize = BenchOptions.Size("--key-size", "bytes of a key (none)", 0);
    private static readonly Option<Compression> Codec = BenchOptions.Codec();
    private static readonly Option<short> Acks = BenchOptions.Acks();
    private static readonly Option<int> Connections = BenchOptions.Connections(1);

    private static readonly Option<int> InFlight = BenchOptions.Number(
        "--in-flight", null, "requests of a connection that may await an answer", 5, 1);

    private static readonly Option<double?> Rate = BenchOptions.Rate(
        "records a second, sent when they are due; without it as fast as answers allow");

    private static readonly Option<TimeSpan> Duration = BenchOptions.Duration();
    private static readonly Option<TimeSpan?> WarmUp = BenchOptions.WarmUp();
    private static readonly Option<long?> Bytes = BenchOptions.Bytes();

    public static Command Make() => Leaf.Make(
        "produce", "send batches that were made once, as fast as they are answered or at a rate",
        [.. BenchTopic.Options, RecordSize, BatchSize, BatchRecords, KeySize, Codec, Acks, Connections, InFlight, Rate,
            Duration, WarmUp, Bytes, .. BenchRun.Options],
        RunAsync).With(
        "barnabas bench produce --server-pid $(pgrep -f 'barnabas start')",
        "barnabas bench produce --batch-size 1MiB --config barnabas.durability=page-cache",
        "barnabas bench produce --batch-records 1 -c 8 --duration 30s --json single.json",
        "barnabas bench produce --rate 10000 --acks all -t orders");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var settings = new ProduceSettings
        {
            Shape = new BatchShape
            {
                RecordSize = parsed.GetValue(RecordSize),
                BatchSize = parsed.GetValue(BatchSize),
                Records = parsed.GetValue(BatchRecords),
                KeySize = parsed.GetValue(KeySize),
                Compression = parsed.GetValue(Codec),
            },
            Connections = parsed.GetValue(Connections),
            InFlight = parsed.GetValue(InFlight),
            Acks = parsed.GetValue(Acks),
            RecordsPerSecond = parsed.GetValue(Rate),
            Bytes = parsed.GetValue(Bytes),
        };
        await using var session = await Session.OpenAsync(parsed, stop);
        await using var topic = await BenchTopic.OpenAsync(session, parsed, stop);
        var targets = await topic.TargetsAsync(stop);
        var window = new RunWindow();
        using var load = new ProduceLoad(targets, settings, window);
        var run = new BenchRun(parsed, "produce", BenchSettings.Of(settings, targets.Count, load));
        var warmUp = BenchOptions.WarmUpOf(parsed.GetValue(WarmUp), settings.Bytes);
        run.Write(await run.MeasureAsync(load, window, warmUp, parsed.GetValue(Duration), stop));
        return ExitCode.Ok;
    }
}
