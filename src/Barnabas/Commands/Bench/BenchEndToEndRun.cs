using System.CommandLine;
using System.Globalization;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>Sends at a rate to a reader that waits: what <c>bench e2e</c> and <c>bench soak</c> have in
/// common.</summary>
/// <param name="bench">What the benchmark is called.</param>
/// <param name="batchRecords">Records in a batch, unless told otherwise.</param>
/// <param name="perSecond">Records a second, unless told otherwise.</param>
internal sealed class BenchEndToEndRun(string bench, int batchRecords, double perSecond)
{
    private readonly Option<int> _recordSize = BenchOptions.Size("--record-size", "bytes of a value (1KiB)", 1024);

    private readonly Option<int> _batchRecords = BenchOptions.Number(
        "--batch-records", null, "records in a batch", batchRecords, 1);

    private readonly Option<short> _acks = BenchOptions.Acks();

    private readonly Option<double?> _rate = BenchOptions.Rate(
        string.Create(CultureInfo.InvariantCulture, $"records a second ({perSecond})"));

    /// <summary>Its options: those of the topic too, but not those of every <see cref="BenchRun"/>.</summary>
    public Option[] Options => [.. BenchTopic.Options, _recordSize, _batchRecords, _acks, _rate];

    /// <summary>Runs it, and writes its report.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="warmUp">How long to run before it counts.</param>
    /// <param name="duration">How long to measure.</param>
    /// <param name="more">Figures besides those that every run has.</param>
    /// <param name="stop">Ends the run.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(
        ParseResult parsed, TimeSpan warmUp, TimeSpan duration, Func<Measurement, IEnumerable<Figure>> more,
        CancellationToken stop)
    {
        var acks = parsed.GetValue(_acks);
        if (acks == 0)
            throw CliException.Usage("--acks 0: without answers nobody knows what there is to be read");
        var settings = new ProduceSettings
        {
            Shape = new BatchShape
            {
                RecordSize = parsed.GetValue(_recordSize),
                Records = parsed.GetValue(_batchRecords),
            },
            Acks = acks,
            RecordsPerSecond = parsed.GetValue(_rate) ?? perSecond,
        };
        await using var session = await Session.OpenAsync(parsed, stop);
        await using var topic = await BenchTopic.OpenAsync(session, parsed, stop);
        var targets = await topic.TargetsAsync(stop);
        var window = new RunWindow();
        using var load = new EndToEndLoad(targets, settings, new FetchSettings(), window);
        var run = new BenchRun(parsed, bench, BenchSettings.Of(settings, targets.Count, null));
        var measured = await run.MeasureAsync(load, window, warmUp, duration, stop);
        run.Write(measured, [.. more(measured)]);
        return ExitCode.Ok;
    }
}
