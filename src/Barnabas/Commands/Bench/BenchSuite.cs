using System.CommandLine;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench suite</c></summary>
internal static class BenchSuite
{
    private static readonly ISuitePart[] Parts =
    [
        new StartPart(), new ProducePart(), new SyncPart(), new FetchPart(), new LatencyPart(), new ConnectionsPart(),
        new PartitionsPart(), new CurvesPart(), new RecoveryPart(), new ClientPart(), new PeersPart(),
    ];

    private static readonly Option<string[]> Only = new("--only")
    {
        Description = $"some parts alone: {string.Join(", ", Parts.Select(static part => part.Name))}",
        HelpName = "PART",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Rounds = BenchOptions.Number(
        "--rounds", null, "how often both sides of a comparison take turns; medians count", 3, 1);

    private static readonly Option<TimeSpan> Each = BenchOptions.Time(
        "--each", "how long each of the runs counts (1.5s)", TimeSpan.FromSeconds(1.5));

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "where the brokers that are measured keep their data (a new directory in the system's for such)",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Picture = new("--svg")
    {
        Description = "draw the curves there: what a request costs while the node holds more",
        HelpName = "FILE",
    };

    public static Command Make() => Leaf.Make(
        "suite", "measure all there is against what this machine can do; needs a checkout",
        [Only, Rounds, Each, Data, BenchRun.File, Picture], RunAsync).With(
        "barnabas bench suite --json suite.json", "barnabas bench suite --only produce fetch --rounds 5");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var wanted = parsed.GetValue(Only) ?? [];
        if (Array.Find(wanted, name => !Array.Exists(Parts, part => part.Name == name)) is { } unknown)
            throw CliException.Usage($"--only: there is no '{unknown}'; --help names all");
        var directory = parsed.GetValue(Data) is { } given
            ? Directory.CreateDirectory(Path.Combine(given, "bench")).FullName
            : Directory.CreateTempSubdirectory("barnabas-bench-").FullName;
        var run = new BenchRun(parsed, "suite", [("rounds", parsed.GetValue(Rounds))]);
        var suite = new SuiteContext(
            directory, parsed.GetValue(Rounds), parsed.GetValue(Each),
            parsed.GetValue(GlobalOptions.Quiet) ? static _ => { }
        : Console.Error.WriteLine);
        try
        {
            foreach (var part in Parts.Where(part => wanted.Length == 0 || wanted.Contains(part.Name)))
                await part.RunAsync(suite, stop);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        run.Keep(SuiteRow.Figures(suite.Rows), []);
        if (parsed.GetValue(Picture) is { } picture)
            await File.WriteAllTextAsync(picture, CurvePlot.Draw(suite.Curves), stop);
        Document.Write(parsed, SuiteRow.Table(suite.Rows));
        return ExitCode.Ok;
    }
}
