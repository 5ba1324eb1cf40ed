using System.Globalization;
using System.Text.Json.Nodes;

namespace Barnabas.Cli;

/// <summary>Rows of cells: columns for people, an array of objects for programs.</summary>
/// <param name="columns">The columns; the first one holds what <c>-o name</c> prints.</param>
internal sealed class Table(params Column[] columns)
{
    private const int Gap = 2;
    private readonly List<object?[]> _rows = [];

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a row: text, numbers, booleans, lists of numbers, some of which may be null, or null.</summary>
    public void Add(params object?[] cells) => _rows.Add(cells);

    /// <summary>The rows for programs.</summary>
    public JsonArray ToJson()
    {
        var array = new JsonArray();
        foreach (var row in _rows)
        {
            var element = new JsonObject();
            for (var i = 0; i < columns.Length; i++)
                element.Add(Json.NameOf(columns[i].Name), Json.Node(row[i]));
            array.Add((JsonNode)element);
        }

        return array;
    }

    /// <summary>Writes the rows in columns.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="isWide">Whether with all columns.</param>
    public void WriteText(StdOut to, bool isWide = false)
    {
        var shown = Enumerable.Range(0, columns.Length).Where(i => isWide || !columns[i].IsWide).ToArray();
        var text = _rows.ConvertAll(row => Array.ConvertAll(shown, i => Text(row[i])));
        text.Insert(0, Array.ConvertAll(shown, i => columns[i].Name.ToUpperInvariant()));
        var widths = shown.Select((_, i) => text.Max(r => r[i].Length) + Gap).ToArray();
        foreach (var row in text)
            to.WriteLine(string.Concat(row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }

    /// <summary>A value as people read it; a dash where there is none.</summary>
    public static string Text(object? value) => value switch
    {
        null or "" => "-",
        string text => text,
        bool truth => truth ? "yes" : "no",
        IEnumerable<long?> numbers => string.Join(',', numbers.Select(static number => Text(number))),
        IEnumerable<int> numbers => numbers.Any() ? string.Join(',', numbers) : "-",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "-",
    };
}
