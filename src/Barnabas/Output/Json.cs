using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Barnabas.Cli;

/// <summary>How JSON is written here.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Document = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private static readonly JsonWriterOptions Line = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>A writer of an indented document.</summary>
    public static Utf8JsonWriter Writer(IBufferWriter<byte> to) => new(to, Document);

    /// <summary>A writer of lines.</summary>
    public static Utf8JsonWriter LineWriter(IBufferWriter<byte> to) => new(to, Line);

    /// <summary>A column's name as a member's: it begins with a small letter.</summary>
    public static string NameOf(string column) => char.ToLowerInvariant(column[0]) + column[1..];

    /// <summary>A cell as JSON: text, a number, a boolean, a list of numbers, or null.</summary>
    public static JsonNode? Node(object? value) => value switch
    {
        null => null,
        JsonNode node => node,
        bool truth => JsonValue.Create(truth),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        IEnumerable<long?> numbers => new JsonArray([.. numbers.Select(n => (JsonNode?)JsonValue.Create(n))]),
        IEnumerable<int> numbers => new JsonArray([.. numbers.Select(n => (JsonNode)JsonValue.Create(n))]),
        _ => JsonValue.Create(Table.Text(value)),
    };
}
