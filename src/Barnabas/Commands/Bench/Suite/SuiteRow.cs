using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>A line of the suite's table.</summary>
/// <param name="Part">The part it belongs to.</param>
/// <param name="What">What was done.</param>
/// <param name="Measure">What of it is told, with its unit.</param>
/// <param name="Value">How much it is.</param>
/// <param name="Target">What it should be; null where nothing is wanted of it.</param>
/// <param name="Ours">What Barnabas reached, where the value is a ratio; null otherwise.</param>
/// <param name="Other">What it is held against, where the value is a ratio; null otherwise.</param>
internal sealed record SuiteRow(
    string Part, string What, string Measure, double Value, Bound? Target = null, double? Ours = null,
    double? Other = null)
{
    private const int Digits = 3;

    /// <summary>Whether the target is reached; null without one.</summary>
    public string? Verdict => Target is not { } target ? null : target.Holds(Value) ? "met" : "missed";

    /// <summary>The table of rows.</summary>
    public static Table Table(IEnumerable<SuiteRow> rows)
    {
        var table = new Table(
            "What", "Measure", "Barnabas", "Other", "Value", "Target", "Verdict", Column.Wide("Part"));
        foreach (var row in rows)
        {
            table.Add(
                row.What, row.Measure, Rounded(row.Ours), Rounded(row.Other), Rounded(row.Value),
                row.Target?.ToString(), row.Verdict, row.Part);
        }

        return table;
    }

    /// <summary>The rows as figures of a report.</summary>
    public static IReadOnlyList<Figure> Figures(IEnumerable<SuiteRow> rows) =>
    [
        .. rows.Select(static row => new Figure(
            $"{row.What}: {row.Measure}", row.Value, "", row.Target?.Better ?? Better.Neither)),
    ];

    private static double? Rounded(double? value) => value is { } number ? Report.Rounded(number, Digits) : null;
}
