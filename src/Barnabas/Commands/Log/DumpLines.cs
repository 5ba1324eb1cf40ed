using System.Text.Json.Nodes;

namespace Barnabas.Cli.Commands;

/// <summary>Writes what was found in a file: a line an entry, as text or for programs; or nothing, where only the
/// verdict is wanted.</summary>
internal sealed class DumpLines
{
    private readonly (StdOut To, DocumentStream Document)? _out;
    private readonly string _path;

    /// <summary>Lines that nobody sees.</summary>
    public DumpLines(string path) => _path = path;

    public DumpLines(StdOut to, DocumentStream document, string path)
    {
        (_out, _path) = ((to, document), path);
        if (document.IsForPeople)
            to.WriteLine(path);
    }

    /// <summary>True when nobody sees the lines.</summary>
    public bool IsSilent => _out is null;

    /// <summary>The first damage that was told; null for none.</summary>
    public (long Position, string How)? Damaged { get; private set; }

    /// <summary>Told how many bytes were read; null when nobody wants to know.</summary>
    public ProgressBar? Progress { get; init; }

    /// <summary>Writes an entry of names and values; people do not see values that are null.</summary>
    public void Entry(string kind, int depth, params (string Name, object? Value)[] fields)
    {
        if (_out is not var (to, document))
            return;
        if (!document.IsForPeople)
        {
            var entry = new JsonObject { ["file"] = _path, ["kind"] = kind };
            foreach (var (name, value) in fields)
                entry[name.Length == 0 ? "text" : name] = Json.Node(value);
            document.Add(entry);
            return;
        }

        to.Write(new string(' ', 2 * (depth + 1)));
        var shown = fields.Where(f => f.Value is not null).Select(f => $"{f.Name} {Table.Text(f.Value)}".TrimStart());
        to.WriteLine(string.Join("  ", shown));
    }

    /// <summary>Says that the file is damaged.</summary>
    /// <returns>False.</returns>
    public bool Damage(long position, string how)
    {
        Damaged ??= (position, how);
        Entry("damage", 0, ("DAMAGED", how), ("position", position));
        return false;
    }
}
