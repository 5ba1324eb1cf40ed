namespace Barnabas.Cli;

/// <summary>Did you mean?</summary>
internal static class Suggestions
{
    private const int MaxDistance = 3;

    /// <summary>A clause with the names that are near; empty when none is.</summary>
    public static string For(string name, IEnumerable<string> known)
    {
        var near = known.Select(k => (Name: k, Distance: Distance(name, k)))
            .Where(k => k.Distance <= Math.Min(MaxDistance, Math.Max(1, name.Length / 2)) || IsStem(name, k.Name))
            .OrderBy(k => k.Distance).ThenBy(k => k.Name, StringComparer.Ordinal)
            .Take(3).Select(k => $"'{k.Name}'").ToList();
        return near.Count == 0 ? "" : $" (did you mean {string.Join(" or ", near)}?)";
    }

    private static bool IsStem(string name, string known) =>
        name.Length >= 3 && (known.StartsWith(name, StringComparison.OrdinalIgnoreCase)
            || name.StartsWith(known, StringComparison.OrdinalIgnoreCase) && known.Length >= 3);

    /// <summary>How many letters must be added, dropped, changed or swapped; case does not count.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
