using System.Globalization;
using System.Text.RegularExpressions;

namespace Barnabas.Tests.Tidy;

/// <summary>The table of projects in ARCHITECTURE.md: in which row each stands, and what it may import.</summary>
internal sealed partial class LayerTable
{
    private static readonly string[] NoProjects = ["-", "Roslyn", "build only"];
    private readonly Dictionary<string, (int Row, string[] Imports)> _projects;

    private LayerTable(Dictionary<string, (int Row, string[] Imports)> projects) => _projects = projects;

    /// <summary>The projects' names.</summary>
    public IReadOnlyCollection<string> Projects => _projects.Keys;

    /// <summary>Reads the table whose head is <c>row | project | imports only | what it is</c>.</summary>
    public static LayerTable Read(string document)
    {
        var projects = new Dictionary<string, (int, string[])>(StringComparer.Ordinal);
        var rows = document.Split('\n').Select(Cells)
            .SkipWhile(cells => !cells.Take(3).SequenceEqual(["row", "project", "imports only"]))
            .Skip(2).TakeWhile(cells => cells.Length >= 3);
        foreach (var cells in rows)
        {
            var row = int.Parse(cells[0], CultureInfo.InvariantCulture);
            foreach (var project in Words(Bracketed().Replace(cells[1], "")))
                projects.Add(project, (row, [.. Words(cells[2])]));
        }

        Assert.True(projects.Count > 0, "no table 'row | project | imports only | what it is' in ARCHITECTURE.md");
        return new LayerTable(projects);
    }

    /// <summary>What is wrong with an import; null when the table allows it.</summary>
    public string? Fault(string project, string import)
    {
        if (!_projects.TryGetValue(project, out var from))
            return $"{project} is missing from the table of ARCHITECTURE.md";
        if (!_projects.TryGetValue(import, out var to))
            return $"{import}, which {project} imports, is missing from the table of ARCHITECTURE.md";
        if (to.Row >= from.Row)
            return $"{project} (row {from.Row}) imports {import} (row {to.Row}), which is no lower row";
        return from.Imports.Any(allowed => Covers(allowed, import, to.Row))
            ? null
            : $"{project} imports {import}; the table allows {string.Join(", ", from.Imports)}";
    }

    /// <summary>Words of the imports that name nothing in the table.</summary>
    public IEnumerable<string> Unknown() =>
        from project in _projects
        from word in project.Value.Imports
        where !NoProjects.Contains(word) && !Rows().IsMatch(word)
        where !_projects.Any(p => Covers(word, p.Key, p.Value.Row))
        select $"{project.Key} may import '{word}', which is nothing in the table";

    private static bool Covers(string allowed, string project, int row)
    {
        var rows = Rows().Match(allowed);
        if (rows.Success)
            return row <= int.Parse(rows.Groups[1].Value, CultureInfo.InvariantCulture);
        return allowed.EndsWith('*')
            ? project == allowed[..^1] || project == $"{allowed[..^1]}.Messages"
            : project == allowed;
    }

    private static string[] Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(c => c.Trim())];

    private static IEnumerable<string> Words(string cell) =>
        cell.Split(',').Select(w => w.Trim().Trim('`')).Where(w => w.Length > 0);

    [GeneratedRegex(@"^rows\s*(?:<=|≤)\s*(\d+)$")]
    private static partial Regex Rows();

    [GeneratedRegex(@"\([^)]*\)")]
    private static partial Regex Bracketed();
}
