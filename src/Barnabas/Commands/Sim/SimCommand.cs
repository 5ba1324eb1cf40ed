using System.CommandLine;
using System.Globalization;
using Barnabas.SimCluster;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas sim</c></summary>
internal static class SimCommand
{
    private static readonly Option<int> Seed = new("--seed")
    {
        HelpName = "NUMBER",
        Description = "the first seed: equal seeds give equal histories",
        DefaultValueFactory = static _ => 1,
    };

    private static readonly Option<int> Seeds = new("--seeds")
    {
        HelpName = "COUNT",
        Description = "how many seeds to run, one after another",
        DefaultValueFactory = static _ => 1,
    };

    private static readonly Option<int?> Nodes = new("--nodes")
    {
        HelpName = "COUNT",
        Description = "how many brokers, 3 to 5; by default the seed chooses",
    };

    private static readonly Option<string?> Faults = new("--faults")
    {
        HelpName = "KINDS",
        Description = $"what may go wrong: {string.Join(',', FaultKinds.All.Select(static one => one.Name))}, all "
            + "or none; by default the seed chooses",
    };

    private static readonly Option<bool> Trace = new("--trace") { Description = "tell what happens, as it happens" };

    private static readonly Option<bool> KeepGoing = new("--keep-going")
    {
        Description = "run the other seeds though one has failed",
    };

    public static Command Make() => Leaf.Plain(
        "sim", "put a simulated cluster through faults, and check what it promises",
        [Seed, Seeds, Nodes, Faults, Trace, KeepGoing],
        (parsed, stop) => Task.FromResult(Run(parsed, stop)))
        .With(
            "barnabas sim                                       the history of seed 1",
            "barnabas sim --seed 42 --trace                     what happens in it",
            "barnabas sim --seed 1 --seeds 1000 --keep-going",
            "barnabas sim --nodes 3 --faults kill,power,cut");

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        var (first, count, nodes) = (parsed.GetValue(Seed), parsed.GetValue(Seeds), parsed.GetValue(Nodes));
        if (nodes is < 3 or > 5)
            throw CliException.Usage($"--nodes {nodes}: a simulated cluster has 3 to 5 brokers");
        if (count < 1)
            throw CliException.Usage($"--seeds {count}: at least one");
        IReadOnlyList<FaultKind>? faults = null;
        if (parsed.GetValue(Faults) is { } names && FaultKinds.Read(names, out faults) is { } unknown)
            throw CliException.Usage($"--faults: there is no '{unknown}'; --help names all");
        var output = parsed.InvocationConfiguration.Output;
        var failed = 0;
        for (var seed = first; seed < first + count && (failed == 0 || parsed.GetValue(KeepGoing)); seed++)
        {
            stop.ThrowIfCancellationRequested();
            var report = Simulation.Run(new SimulationOptions
            {
                Seed = seed,
                Nodes = nodes,
                Faults = faults,
                Trace = parsed.GetValue(Trace) ? Tell : null,
            });
            Write(output, report);
            failed += report.Violation is null ? 0 : 1;
        }

        if (count > 1)
            output.WriteLine($"{failed} of the seeds from {first} on broke a promise");
        return failed == 0 ? ExitCode.Ok : ExitCode.Failed;

        void Tell(TimeSpan age, string what) =>
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds,10:F3}  {what}"));
    }

    private static void Write(TextWriter to, SimulationReport report)
    {
        var marks = report.Marks.Select(static mark => $"{mark.Key} {mark.Value}");
        var injected = report.Injected.Select(static one => $"{FaultKinds.NameOf(one.Key)} {one.Value}");
        to.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {report.Seed}: {(report.Violation is null ? "kept" : "BROKEN")}, {report.Nodes} brokers, "
            + $"{(report.IsSynced ? "fsync" : "page-cache")}, faults {NamesOf(report.Faults)}"));
        to.WriteLine($"  injected: {Listed(injected)}");
        to.WriteLine($"  seen:     {Listed(marks)}");
        to.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  told:     {report.Acknowledged} records, {report.Transactions} ends of transactions, "
            + $"{report.Commits} commits of a group"));
        to.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  took:     {report.Steps} steps, {report.Age.TotalSeconds:F1} s of the world, "
            + $"digest {report.Digest:x16}"));
        if (report.Violation is { } violation)
            to.WriteLine($"  broken:   {violation}");
    }

    private static string NamesOf(IEnumerable<FaultKind> kinds) => Listed(kinds.Select(FaultKinds.NameOf), ",");

    private static string Listed(IEnumerable<string> words, string between = ", ") =>
        string.Join(between, words) is { Length: > 0 } text ? text : "none";
}
