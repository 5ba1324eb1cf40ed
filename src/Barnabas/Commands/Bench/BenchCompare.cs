using System.CommandLine;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench compare</c></summary>
internal static class BenchCompare
{
    // Less than this is how one run differs from the next.
    private const double Noise = 0.05;
    private const int Digits = 4;

    private static readonly Argument<string> Before = new("before")
    {
        Description = "the report of a run, as --json wrote it",
        HelpName = "A.json",
    };

    private static readonly Argument<string> After = new("after")
    {
        Description = "the report of the run to compare with it",
        HelpName = "B.json",
    };

    public static Command Make() => Leaf.Make(
        "compare", "hold the reports of two runs against each other", [Before, After],
        (parsed, _) => Task.FromResult(Run(parsed))).With("barnabas bench compare before.json after.json");

    private static int Run(ParseResult parsed)
    {
        var (kind, before) = Read(parsed.GetValue(Before)!);
        var (other, after) = Read(parsed.GetValue(After)!);
        if (kind != other)
            throw CliException.Usage($"'{kind}' and '{other}' are two kinds of benchmarks");
        Document.Write(parsed, Compare(before, after));
        return ExitCode.Ok;
    }

    /// <summary>The figures that both have.</summary>
    internal static Table Compare(IReadOnlyList<Figure> before, IReadOnlyList<Figure> after)
    {
        var table = new Table("Figure", "Before", "After", "Unit", "Ratio", "Verdict");
        foreach (var figure in before)
        {
            if (after.Where(one => one.Name == figure.Name).Select(static one => (double?)one.Value).FirstOrDefault()
                is not { } value)
            {
                continue;
            }

            double? ratio = figure.Value == 0 ? null : value / figure.Value;
            table.Add(
                figure.Name, Report.Rounded(figure.Value, Digits), Report.Rounded(value, Digits), figure.Unit,
                ratio is { } times ? Report.Rounded(times, Digits - 1) : null, Verdict(figure.Better, ratio));
        }

        return table;
    }

    private static string? Verdict(Better better, double? ratio) => (better, ratio) switch
    {
        (Better.Neither, _) or (_, null) => null,
        (_, > 1 - Noise and < 1 + Noise) => "alike",
        (Better.More, > 1) or (Better.Less, < 1) => "better",
        _ => "worse",
    };

    private static (string Bench, IReadOnlyList<Figure> Figures) Read(string file)
    {
        try
        {
            return Report.Read(File.ReadAllText(file));
        }
        catch (FormatException fault)
        {
            throw CliException.Usage($"{file}: {fault.Message}");
        }
    }
}
