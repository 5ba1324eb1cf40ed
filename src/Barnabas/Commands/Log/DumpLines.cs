namespace Barnabas.Cli.Commands;

/// <summary>Writes what was found in a file: a line an entry, as text or as JSON.</summary>
internal sealed class DumpLines
{
    private readonly StdOut _to;
    private readonly OutputKind _kind;
    private readonly string _path;

    public DumpLines(StdOut to, OutputKind kind, string path)
    {
        (_to, _kind, _path) = (to, kind, path);
        if (kind == OutputKind.Table)
            to.WriteLine(path);
    }

    /// <summary>Writes an entry of names and values; values that are null are left out.</summary>
    public void Entry(string kind, int depth, params (string Name, object? Value)[] fields)
    {
        if (_kind == OutputKind.Json)
        {
            using (var json = Json.LineWriter(_to))
            {
                json.WriteStartObject();
                json.WriteString("file", _path);
                json.WriteString("kind", kind);
                foreach (var (name, value) in fields)
                {
                    json.WritePropertyName(name);
                    Table.WriteValue(json, value);
                }

                json.WriteEndObject();
            }

            _to.Write("\n"u8);
            return;
        }

        _to.Write(new string(' ', 2 * (depth + 1)));
        var shown = fields.Where(f => f.Value is not null).Select(f => $"{f.Name} {Text(f.Value!)}");
        _to.WriteLine(string.Join("  ", shown));
    }

    /// <summary>Says that the file is damaged.</summary>
    /// <returns>False.</returns>
    public bool Damage(long position, string how)
    {
        Entry("damage", 0, ("DAMAGED", how), ("position", position));
        return false;
    }

    private static string Text(object value) => value switch
    {
        bool truth => truth ? "yes" : "no",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
