using System.Text.RegularExpressions;

namespace Barnabas.Tests.Tidy;

/// <summary>What of the style a machine can see. Exceptions stand in allowed.tsv.</summary>
public sealed partial class StyleTests
{
    private const int LongestFile = 400;
    private const int LongestLine = 120;
    private const int LongestSchemaLine = 130;

    private static readonly string[] Text =
        [".cs", ".csproj", ".props", ".targets", ".wire", ".md", ".py", ".sh", ".js", ".json", ".yml", ".txt"];

    [Fact]
    public void No_source_file_is_longer_than_400_lines() => Allowances.Hold("long-file",
        from path in Repository.Files("src", ".cs")
        let lines = Repository.Lines(path).Count() - 1
        where lines > LongestFile
        select (path, LongestFile, $"{lines} lines: split it by subject"));

    [Fact]
    public void No_line_is_wider_than_120_columns() => Allowances.Hold("long-line",
        from path in Repository.Files("src", ".cs").Concat(Repository.Files("tests", ".cs"))
        from line in Repository.Lines(path)
        where line.Text.Length > LongestLine
        select (path, line.Number, $"{line.Text.Length} columns"));

    [Fact]
    public void Imports_are_in_order() => Allowances.Hold("imports",
        from path in Repository.Files("src", ".cs").Concat(Repository.Files("tests", ".cs"))
        let names = Repository.Lines(path)
            .Select(line => Import().Match(line.Text)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToList()
        let sorted = names.OrderByDescending(IsOfSystem).ThenBy(name => name, StringComparer.OrdinalIgnoreCase)
        where !names.SequenceEqual(sorted)
        select (path, 1, "System first, then by name"));

    [Fact]
    public void No_line_of_a_schema_is_wider_than_130_columns() => Allowances.Hold("long-line",
        from path in Repository.Files("schema", ".wire")
        from line in Repository.Lines(path)
        where line.Text.Length > LongestSchemaLine
        select (path, line.Number, $"{line.Text.Length} columns"));

    [Fact]
    public void Nothing_is_left_to_do_later() => Allowances.Hold("unfinished",
        from path in Repository.Files("src", ".cs").Concat(Repository.Files("schema", ".wire"))
        from line in Repository.Lines(path)
        where Unfinished().IsMatch(line.Text)
        select (path, line.Number, line.Text.Trim()));

    [Fact]
    public void Nothing_in_the_product_plants_a_bug() => Allowances.Hold("planted-bug",
        from path in Repository.Files("src", ".cs")
        from line in Repository.Lines(path)
        where PlantsABug().IsMatch(line.Text)
        select (path, line.Number, line.Text.Trim()));

    [Fact]
    public void Only_named_exceptions_are_caught() => Allowances.Hold("catch-all",
        from path in Repository.Files("src", ".cs")
        from line in Repository.Lines(path)
        where CatchAll().IsMatch(line.Text) && !NamesWhatItCatches().IsMatch(line.Text)
        select (path, line.Number, line.Text.Trim()));

    [Fact]
    public void No_name_of_a_file_says_nothing() => Allowances.Hold("empty-name",
        from path in Repository.Files("src", ".cs")
        where EmptyName().IsMatch(Path.GetFileName(path))
        select (path, 1, "name it after what it is"));

    [Fact]
    public void Lines_end_in_a_line_feed_and_nothing_before_it() => Allowances.Hold("white-space",
        from path in Repository.Files("", Text)
        from line in Repository.Lines(path)
        where line.Text.Length > 0 && char.IsWhiteSpace(line.Text[^1])
        select (path, line.Number, "white space at the end of the line"));

    [Fact]
    public void Files_end_with_one_line_feed() => Allowances.Hold("white-space",
        from path in Repository.Files("", Text)
        let text = Repository.Read(path)
        where text.Length > 0 && (text[^1] != '\n' || text.EndsWith("\n\n", StringComparison.Ordinal))
        select (path, text.Count(c => c == '\n'), "should end with one line feed"));

    [Fact]
    public void Every_exception_is_of_a_file_that_is_there() =>
        Assert.All(Allowances.All, a => Assert.True(Path.Exists(Path.Combine(Repository.Root, a.Path)), a.Path));

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^using ([\w.]+);$")]
    private static partial Regex Import();

    private static bool IsOfSystem(string name) =>
        name == "System" || name.StartsWith("System.", StringComparison.Ordinal);

    // Handing on what a host says is no planting.
    [GeneratedRegex(@"\bPlanted\s*=(?![=>])(?!\s*(broker\.Host|host)\.Planted\b)")]
    private static partial Regex PlantsABug();

    [GeneratedRegex(@"\bcatch\s*(\(\s*(System\.)?Exception\b|\{|$)")]
    private static partial Regex CatchAll();

    [GeneratedRegex(@"when \(\w+ is (?!not\b)")]
    private static partial Regex NamesWhatItCatches();

    [GeneratedRegex(@"(Manager|Helper|Helpers|Util|Utils|Info|Impl|Common)\.cs$")]
    private static partial Regex EmptyName();
}
