using System.Text.Json.Nodes;

namespace Barnabas.Cli;

/// <summary>The elements of a long document, written one by one, in the forms for programs: <c>json</c> is an array
/// with an element a line.</summary>
internal sealed class DocumentStream(StdOut to, OutputKind kind) : IDisposable
{
    private bool _isBegun;

    /// <summary>True when the form is one for people, who get text instead.</summary>
    public bool IsForPeople => kind is OutputKind.Table or OutputKind.Wide;

    /// <summary>Writes an element.</summary>
    public void Add(JsonObject element)
    {
        switch (kind)
        {
            case OutputKind.Json:
                to.Write(_isBegun ? ",\n"u8 : "[\n"u8);
                Document.Compact(to, element);
                break;
            case OutputKind.Yaml:
                Yaml.Write(to, new JsonArray(element));
                break;
            case OutputKind.Name:
                to.WriteLine(Document.Name(element));
                break;
            default:
                Document.Compact(to, element);
                to.Write("\n"u8);
                break;
        }

        _isBegun = true;
    }

    /// <summary>Ends the document.</summary>
    public void Dispose()
    {
        if (kind == OutputKind.Json)
            to.Write(_isBegun ? "\n]\n"u8 : "[]\n"u8);
        else if (kind == OutputKind.Yaml && !_isBegun)
            to.Write("[]\n"u8);
    }
}
