using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Barnabas.Cli;

/// <summary>Writes JSON values as YAML 1.2, of which JSON is a part: what is not plainly a word stands in JSON's
/// quotes.</summary>
internal static class Yaml
{
    // What YAML 1.1 readers, still common, would take for something other than text.
    private static readonly HashSet<string> Reserved = new(
        ["true", "false", "yes", "no", "on", "off", "null", "y", "n"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes a document.</summary>
    public static void Write(StdOut to, JsonNode? node)
    {
        if (node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
            Block(to, node, depth: 0, isFirstIndented: false);
        else
            to.WriteLine(Inline(node));
    }

    private static void Block(StdOut to, JsonNode node, int depth, bool isFirstIndented)
    {
        if (node is JsonArray array)
        {
            foreach (var element in array)
            {
                Indent(to, depth, ref isFirstIndented);
                to.Write("- ");
                if (IsBlock(element))
                    Block(to, element!, depth + 1, isFirstIndented: true);
                else
                    to.WriteLine(Inline(element));
            }

            return;
        }

        foreach (var (name, value) in node.AsObject())
        {
            Indent(to, depth, ref isFirstIndented);
            to.Write(Scalar(name) + ":");
            if (!IsBlock(value))
            {
                to.WriteLine($" {Inline(value)}");
                continue;
            }

            to.WriteLine("");
            Block(to, value!, depth + 1, isFirstIndented: false);
        }
    }

    // The first member of an element stands on the line of its dash.
    private static void Indent(StdOut to, int depth, ref bool isFirstIndented)
    {
        if (!isFirstIndented)
            to.Write(new string(' ', 2 * depth));
        isFirstIndented = false;
    }

    private static bool IsBlock(JsonNode? node) => node switch
    {
        JsonObject members => members.Count > 0,
        JsonArray elements => elements.Any(e => e is JsonObject or JsonArray),
        _ => false,
    };

    private static string Inline(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray elements => $"[{string.Join(", ", elements.Select(Inline))}]",
        _ when node.GetValueKind() == JsonValueKind.String => Scalar(node.GetValue<string>()),
        _ => node.ToJsonString(),
    };

    private static string Scalar(string text)
    {
        if (IsPlain(text))
            return text;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = Json.LineWriter(buffer))
            json.WriteStringValue(text);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static bool IsPlain(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text[^1] != ' ' && !Reserved.Contains(text)
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or ' ');
}
