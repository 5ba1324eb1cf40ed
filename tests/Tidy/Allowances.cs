using System.Globalization;

namespace Barnabas.Tests.Tidy;

/// <summary>The exceptions from the rules: <c>allowed.tsv</c>, lines of rule, file or project, how many, and why.
/// </summary>
internal static class Allowances
{
    private static readonly Dictionary<(string Rule, string Path), int> Numbers = Repository
        .Lines("tests/Tidy/allowed.tsv").Select(line => line.Text)
        .Where(text => text.Length > 0 && text[0] != '#')
        .Select(text => text.Split('\t'))
        .ToDictionary(c => (c[0], c[1]), c => int.Parse(c[2], CultureInfo.InvariantCulture));

    /// <summary>Every exception.</summary>
    public static IEnumerable<(string Rule, string Path)> All => Numbers.Keys;

    /// <summary>Fails with the faults of every file or project that has more of them than it may.</summary>
    /// <param name="rule">The rule's name in the file.</param>
    /// <param name="faults">What was found: file, line, and what is wrong there.</param>
    public static void Hold(string rule, IEnumerable<(string Path, int Line, string Fault)> faults)
    {
        var tooMany = faults.GroupBy(f => Numbers.ContainsKey((rule, f.Path)) ? f.Path : Project(f.Path))
            .Where(place => place.Count() > Numbers.GetValueOrDefault((rule, place.Key)))
            .SelectMany(place => place.Select(f => $"{f.Path}:{f.Line}: {f.Fault}"))
            .ToList();
        Assert.True(tooMany.Count == 0, $"{rule}:\n{string.Join('\n', tooMany)}");
    }

    private static string Project(string path) => string.Join('/', path.Split('/').Take(2));
}
