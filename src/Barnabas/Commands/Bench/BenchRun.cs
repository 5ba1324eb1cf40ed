using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>Runs a load, tells on stderr how it goes, and writes what came out.</summary>
/// <param name="parsed">The command line.</param>
/// <param name="bench">What the benchmark is called.</param>
/// <param name="settings">How it is run.</param>
internal sealed class BenchRun(
    ParseResult parsed, string bench, IReadOnlyList<(string Name, JsonNode? Value)> settings)
{
    private readonly DateTimeOffset _at = DateTimeOffset.UtcNow;
    private readonly List<ServerMetrics> _metrics = [];
    private readonly TextWriter? _to = parsed.GetValue(GlobalOptions.Quiet) ? null : Console.Error;

    /// <summary>Its options: whoever measures has all of them.</summary>
    public static Option[] Options => [Servers, Metrics, File, Picture];

    /// <summary>The processes of brokers on this machine.</summary>
    public static Option<int[]> Servers { get; } = new("--server-pid")
    {
        Description = "the process of a broker on this machine: what it uses is measured too",
        HelpName = "PID",
    };

    /// <summary>Where the whole report goes besides.</summary>
    public static Option<string?> File { get; } = new("--json")
    {
        Description = "write the whole report there, for 'barnabas bench compare'",
        HelpName = "FILE",
    };

    private static Option<Uri?> Metrics { get; } = new("--metrics")
    {
        Description = "the metrics of a node of ours, for allocations and pauses: http://127.0.0.1:9404/metrics",
        HelpName = "URL",
        CustomParser = static result =>
        {
            var text = result.Tokens[^1].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var page) && page.Scheme == "http")
                return page;
            result.AddError($"'{text}' is no http://HOST:PORT/metrics");
            return null;
        },
    };

    private static Option<string?> Picture { get; } = new("--svg")
    {
        Description = "draw throughput and latency there, by seconds",
        HelpName = "FILE",
    };

    /// <summary>The processes that are named; none where none is.</summary>
    public static IReadOnlyList<int> ServersOf(ParseResult parsed) => parsed.GetValue(Servers) ?? [];

    /// <summary>Runs a load, whose connections are open, to its end.</summary>
    /// <exception cref="CliException">A process is none.</exception>
    /// <exception cref="LoadException">The broker refuses what it is sent.</exception>
    public async Task<Measurement> MeasureAsync(
        ILoad load, RunWindow window, TimeSpan warmUp, TimeSpan duration, CancellationToken stop)
    {
        var servers = ServersOf(parsed);
        foreach (var process in servers)
        {
            if (ProcessUsage.Read(process) is null)
                throw CliException.Usage($"--server-pid {process}: no process, or one that cannot be looked at");
        }

        var run = new LoadRun(load, window, servers)
        {
            Look = parsed.GetValue(Metrics) is { } page
                ? async () => _metrics.Add(await ServerMetrics.ReadAsync(page, CancellationToken.None))
                : null,
        };
        return await run.RunAsync(warmUp, duration, Tell, stop);
    }

    /// <summary>Writes the report of a run.</summary>
    /// <param name="run">What the run came to.</param>
    /// <param name="more">Figures besides those that every run has.</param>
    public void Write(Measurement run, params Figure[] more)
    {
        var runtime = _metrics is [var before, .., var after] ? ServerMetrics.Between(before, after, run) : [];
        Write([.. more, .. Figures.Of(run), .. runtime], run.Series);
    }

    /// <summary>Writes a report.</summary>
    public void Write(IReadOnlyList<Figure> figures, IReadOnlyList<Sample> series)
    {
        var report = Keep(figures, series);
        Document.Write(parsed, report.ToJson, (to, _) => Table(figures).WriteText(to));
    }

    /// <summary>Makes a report, and writes it to its file where it is to have one.</summary>
    public Report Keep(IReadOnlyList<Figure> figures, IReadOnlyList<Sample> series)
    {
        var report = new Report(bench, _at, settings, figures, series);
        if (parsed.GetValue(File) is { } file)
            System.IO.File.WriteAllText(file, Text(report.ToJson()));
        if (parsed.GetValue(Picture) is { } picture)
            System.IO.File.WriteAllText(picture, SvgPlot.Draw($"barnabas bench {bench}", series));
        return report;
    }

    /// <summary>Figures for people.</summary>
    internal static Table Table(IReadOnlyList<Figure> figures)
    {
        var table = new Table("Figure", "Value", "Unit");
        foreach (var figure in figures)
            table.Add(figure.Name, Amount(figure.Value), figure.Unit);
        return table;
    }

    /// <summary>A number with as many digits as mean something.</summary>
    internal static string Amount(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        _ when value == Math.Floor(value) => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };

    private static string Text(JsonNode document)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = Json.Writer(buffer))
            document.WriteTo(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private void Tell(Sample sample)
    {
        if (_to is null || sample.Length < TimeSpan.FromMilliseconds(100))
            return;
        var latency = sample.Latency.Count == 0
            ? "warming up"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"p50 {Amount(sample.Latency.Percentile(50).TotalMilliseconds)} ms  "
                + $"p99 {Amount(sample.Latency.Percentile(99).TotalMilliseconds)} ms");
        _to.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sample.At.TotalSeconds,6:0.0} s  {Amount(sample.BytesPerSecond / 1e6),8} MB/s  "
            + $"{Amount(sample.RecordsPerSecond),12} records/s  {latency}"));
    }
}
