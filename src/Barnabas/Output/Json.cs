using System.Text.Encodings.Web;
using System.Text.Json;

namespace Barnabas.Cli;

/// <summary>How JSON is written here.</summary>
internal static class Json
{
    /// <summary>Indented, for documents.</summary>
    private static readonly JsonWriterOptions Document = new()
    {
        Indented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>On one line, for records.</summary>
    private static readonly JsonWriterOptions Line = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>A writer of an indented document.</summary>
    public static Utf8JsonWriter Writer(StdOut to) => new(to, Document);

    /// <summary>A writer of lines.</summary>
    public static Utf8JsonWriter LineWriter(System.Buffers.IBufferWriter<byte> to) => new(to, Line);
}
