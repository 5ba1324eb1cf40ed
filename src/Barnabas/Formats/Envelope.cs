using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Barnabas.Client;
using Barnabas.Records;

namespace Barnabas.Cli;

/// <summary>A record as one line of JSON, so that nothing is lost: null differs from empty, bytes that are no text go
/// as base64, headers keep their order.</summary>
internal static class Envelope
{
    private static readonly JsonEncodedText Topic = JsonEncodedText.Encode("topic");
    private static readonly JsonEncodedText Partition = JsonEncodedText.Encode("partition");
    private static readonly JsonEncodedText OffsetName = JsonEncodedText.Encode("offset");
    private static readonly JsonEncodedText Timestamp = JsonEncodedText.Encode("timestamp");
    private static readonly JsonEncodedText TimestampType = JsonEncodedText.Encode("timestampType");
    private static readonly JsonEncodedText Headers = JsonEncodedText.Encode("headers");

    /// <summary>Writes the record the cursor stands on, without ending the line.</summary>
    public static void Write(Utf8JsonWriter json, FetchedRecords fetched, scoped in RecordCursor cursor)
    {
        var record = cursor.Current;
        json.WriteStartObject();
        json.WriteString(Topic, fetched.Partition.Topic);
        json.WriteNumber(Partition, fetched.Partition.Partition);
        json.WriteNumber(OffsetName, record.Offset.Value);
        json.WriteNumber(Timestamp, record.Timestamp);
        json.WriteString(TimestampType, cursor.IsLogAppendTime ? "LogAppendTime" : "CreateTime");
        Bytes(json, "key", "keyEncoding", record.Key);
        Bytes(json, "value", "valueEncoding", record.Value);
        json.WriteStartArray(Headers);
        foreach (var header in record.Headers)
        {
            json.WriteStartObject();
            json.WriteString("key"u8, Encoding.UTF8.GetString(header.Key));
            Bytes(json, "value", "encoding", header.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Bytes(Utf8JsonWriter json, string name, string encodingName, NullableBytes bytes)
    {
        json.WritePropertyName(name);
        string encoding;
        if (bytes.IsNull)
        {
            json.WriteNullValue();
            encoding = "null";
        }
        else if (IsPlainJson(bytes.Span))
        {
            json.WriteRawValue(bytes.Span, skipInputValidation: true);
            encoding = "json";
        }
        else if (Utf8.IsValid(bytes.Span))
        {
            json.WriteStringValue(bytes.Span);
            encoding = "utf8";
        }
        else
        {
            json.WriteBase64StringValue(bytes.Span);
            encoding = "base64";
        }

        json.WriteString(encodingName, encoding);
    }

    /// <summary>True for an object or array on one line: it can stand in the envelope byte for byte.</summary>
    private static bool IsPlainJson(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 || (bytes[0], bytes[^1]) is not (((byte)'{', (byte)'}') or ((byte)'[', (byte)']')))
            return false;
        if (bytes.IndexOfAny((byte)'\n', (byte)'\r') >= 0 || !Utf8.IsValid(bytes))
            return false;
        var reader = new Utf8JsonReader(bytes);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
