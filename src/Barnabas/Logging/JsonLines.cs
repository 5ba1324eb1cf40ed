using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Barnabas.Base;

namespace Barnabas.Cli.Logging;

/// <summary>Lines for machines: a JSON object an event, with <c>time</c> (UTC), <c>level</c>, <c>logger</c>,
/// <c>message</c>, the values of the message as <c>data</c>, and <c>error</c> where something threw.</summary>
internal sealed class JsonLines : ILineFormat
{
    private const string Template = "{OriginalFormat}";

    /// <inheritdoc/>
    public byte[] Format(in LogEvent happened)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var json = Json.LineWriter(line))
        {
            json.WriteStartObject();
            var time = happened.Time.UtcDateTime;
            json.WriteString("time", time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("level", happened.Level.KafkaName());
            json.WriteString("logger", happened.Logger);
            json.WriteString("message", happened.Text);
            WriteData(json, happened.Values);
            if (happened.Fault is { } fault)
                json.WriteString("error", fault.ToString());
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private static void WriteData(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        var begun = false;
        foreach (var (name, value) in values)
        {
            if (name == Template)
                continue;
            if (!begun)
                json.WriteStartObject("data");
            begun = true;
            Write(json, JsonNamingPolicy.CamelCase.ConvertName(name), value);
        }

        if (begun)
            json.WriteEndObject();
    }

    // Numbers stay numbers; all else is what the sentence says.
    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long or short:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
