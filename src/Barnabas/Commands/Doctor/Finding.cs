using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary>How a check came out.</summary>
internal enum Verdict
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>It works, and may not for long.</summary>
    Warn,

    /// <summary>It does not work.</summary>
    Fail,

    /// <summary>It could not be looked at.</summary>
    Skip,
}

/// <summary>What a check found.</summary>
/// <param name="Verdict">How it came out.</param>
/// <param name="Check">What was looked at, in a word.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Fix">What to do; null where nothing is to be done.</param>
internal sealed record Finding(Verdict Verdict, string Check, string Detail, string? Fix = null)
{
    /// <summary>The verdict as people read it: what is bad stands out.</summary>
    public string Word => Verdict == Verdict.Fail ? "FAIL" : Verdict.ToString().ToLowerInvariant();

    /// <summary>Prints findings: lines for people, a table for programs.</summary>
    public static void Write(ParseResult parsed, List<Finding> findings) =>
        Document.Write(parsed, () => ToTable(findings).ToJson(), (to, _) => WriteText(to, findings));

    private static Table ToTable(List<Finding> findings)
    {
        var table = new Table("Check", "Verdict", "Detail", "Fix");
        foreach (var finding in findings)
            table.Add(finding.Check, finding.Verdict.ToString().ToLowerInvariant(), finding.Detail, finding.Fix);
        return table;
    }

    private static void WriteText(StdOut to, List<Finding> findings)
    {
        var width = findings.Max(f => f.Check.Length);
        foreach (var finding in findings)
        {
            to.WriteLine($"{finding.Word,-4}  {finding.Check.PadRight(width)}  {finding.Detail}");
            if (finding.Fix is { } fix)
                to.WriteLine($"{"",-4}  {"".PadRight(width)}  fix: {fix}");
        }
    }
}
