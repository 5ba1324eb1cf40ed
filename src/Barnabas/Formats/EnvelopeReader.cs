using System.Text;
using System.Text.Json;
using Barnabas.Records;

namespace Barnabas.Cli;

/// <summary>A record read from its envelope: the reverse of <see cref="Envelope"/>, and lenient about what is left
/// out.</summary>
internal sealed class EnvelopeReader
{
    private readonly List<RecordHeader> _headers = [];

    /// <summary>The partition it came from; null when not said.</summary>
    public int? Partition { get; private set; }

    /// <summary>Its timestamp in ms; null when not said.</summary>
    public long? TimestampMs { get; private set; }

    /// <summary>Its key; null for none.</summary>
    public byte[]? Key { get; private set; }

    /// <summary>Its value; null for a tombstone.</summary>
    public byte[]? Value { get; private set; }

    /// <summary>Its headers.</summary>
    public IReadOnlyList<RecordHeader> Headers => _headers;

    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">It is no envelope.</exception>
    public void Read(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw new JsonException("a record is an object with key, value, headers");
        _headers.Clear();
        Partition = root.TryGetProperty("partition", out var partition) && partition.ValueKind == JsonValueKind.Number
            ? partition.GetInt32()
            : null;
        TimestampMs = root.TryGetProperty("timestamp", out var timestamp)
            && timestamp.ValueKind == JsonValueKind.Number ? timestamp.GetInt64() : null;
        Key = Bytes(root, "key", "keyEncoding");
        Value = Bytes(root, "value", "valueEncoding");
        if (!root.TryGetProperty("headers", out var headers))
            return;
        if (headers.ValueKind == JsonValueKind.Object)
        {
            foreach (var header in headers.EnumerateObject())
                _headers.Add(new(header.Name, Bytes(header.Value, null)));
        }
        else if (headers.ValueKind == JsonValueKind.Array)
        {
            foreach (var header in headers.EnumerateArray())
                _headers.Add(new(header.GetProperty("key").GetString()!, Bytes(header, "value", "encoding")));
        }
    }

    private static byte[]? Bytes(JsonElement parent, string name, string encodingName)
    {
        if (!parent.TryGetProperty(name, out var value))
            return null;
        var encoding = parent.TryGetProperty(encodingName, out var said) ? said.GetString() : null;
        return Bytes(value, encoding);
    }

    private static byte[]? Bytes(JsonElement value, string? encoding) => (value.ValueKind, encoding) switch
    {
        (JsonValueKind.Null, _) => null,
        (JsonValueKind.String, "base64") => value.GetBytesFromBase64(),
        (JsonValueKind.String, "hex") => Convert.FromHexString(value.GetString()!),
        (JsonValueKind.String, not "json") => Encoding.UTF8.GetBytes(value.GetString()!),
        _ => Encoding.UTF8.GetBytes(value.GetRawText()),
    };
}
