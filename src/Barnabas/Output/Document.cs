using System.CommandLine;
using System.Text.Json.Nodes;

namespace Barnabas.Cli;

/// <summary>What a command found, in the form that <c>-o</c> asks for.</summary>
internal static class Document
{
    /// <summary>Writes a table to standard output.</summary>
    public static void Write(ParseResult parsed, Table table)
    {
        using var to = new StdOut();
        Write(to, parsed.GetValue(GlobalOptions.Output), table.ToJson, table.WriteText);
    }

    /// <summary>Writes something other than a table to standard output.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="document">What programs read.</param>
    /// <param name="text">Writes what people read; told whether they want all there is.</param>
    public static void Write(ParseResult parsed, Func<JsonNode> document, Action<StdOut, bool> text)
    {
        using var to = new StdOut();
        Write(to, parsed.GetValue(GlobalOptions.Output), document, text);
    }

    /// <summary>Writes something in one of the forms.</summary>
    public static void Write(StdOut to, OutputKind kind, Func<JsonNode> document, Action<StdOut, bool> text)
    {
        switch (kind)
        {
            case OutputKind.Json:
                using (var json = Json.Writer(to))
                    document().WriteTo(json);
                to.Write("\n"u8);
                break;
            case OutputKind.JsonLines:
                foreach (var element in Elements(document()))
                {
                    Compact(to, element);
                    to.Write("\n"u8);
                }

                break;
            case OutputKind.Yaml:
                Yaml.Write(to, document());
                break;
            case OutputKind.Name:
                foreach (var element in Elements(document()))
                    to.WriteLine(Name(element));
                break;
            default:
                text(to, kind == OutputKind.Wide);
                break;
        }
    }

    /// <summary>Writes a value as JSON without line ends.</summary>
    public static void Compact(StdOut to, JsonNode? value)
    {
        using var json = Json.LineWriter(to);
        if (value is null)
            json.WriteNullValue();
        else
            value.WriteTo(json);
    }

    /// <summary>The value of the first member, which is what a thing is called.</summary>
    public static string Name(JsonNode? element) =>
        element is JsonObject { Count: > 0 } thing ? thing.First().Value?.ToString() ?? "" : element?.ToString() ?? "";

    private static JsonArray Elements(JsonNode document) =>
        document is JsonArray elements ? elements : [document];
}
