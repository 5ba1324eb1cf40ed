using System.Globalization;
using System.Text.Json;

namespace Barnabas.Cli;

/// <summary>Rows of cells: columns for people, an array of objects for programs.</summary>
/// <param name="columns">The columns' names; in JSON they begin with a small letter.</param>
internal sealed class Table(params string[] columns)
{
    private readonly List<object?[]> _rows = [];

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a row: text, numbers, booleans, lists of them, or null.</summary>
    public void Add(params object?[] cells) => _rows.Add(cells);

    /// <summary>Writes the rows.</summary>
    public void Write(StdOut to, OutputKind kind)
    {
        if (kind == OutputKind.Json)
            WriteJson(to);
        else
            WriteText(to);
    }

    /// <summary>Writes the rows as the elements of an array.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var row in _rows)
        {
            json.WriteStartObject();
            for (var i = 0; i < columns.Length; i++)
            {
                json.WritePropertyName(JsonName(columns[i]));
                WriteValue(json, row[i]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the rows in columns.</summary>
    public void WriteText(StdOut to)
    {
        var text = _rows.ConvertAll(row => Array.ConvertAll(row, Text));
        var widths = columns.Select((c, i) => text.Select(r => r[i].Length).Append(c.Length).Max()).ToArray();
        Line(to, columns.Select(c => c.ToUpperInvariant()).ToArray(), widths);
        foreach (var row in text)
            Line(to, row, widths);
    }

    /// <summary>A value as JSON.</summary>
    public static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case IEnumerable<int> numbers:
                json.WriteStartArray();
                foreach (var number in numbers)
                    json.WriteNumberValue(number);
                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Text(value));
                break;
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "-",
        string { Length: 0 } => "-",
        string text => text,
        bool truth => truth ? "yes" : "no",
        IEnumerable<int> numbers => numbers.Any() ? string.Join(',', numbers) : "-",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "-",
    };

    private static string JsonName(string column) => char.ToLowerInvariant(column[0]) + column[1..];

    private static void Line(StdOut to, string[] cells, int[] widths)
    {
        var line = string.Concat(cells.Select((c, i) => c.PadRight(widths[i] + 2)));
        to.WriteLine(line.TrimEnd());
    }

    private void WriteJson(StdOut to)
    {
        using (var json = Json.Writer(to))
            WriteJson(json);
        to.Write("\n"u8);
    }
}
