using System.Text;
using System.Text.Json;
using Barnabas.Client;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>A record as one line of kcat's JSON. It loses bytes that are no text, as kcat's does:
/// <see cref="Envelope"/> is the one that loses nothing.</summary>
internal static class KcatEnvelope
{
    /// <summary>Writes the record the cursor stands on, without ending the line.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="fetched">What was fetched.</param>
    /// <param name="cursor">The record.</param>
    /// <param name="leader">The broker it was read from.</param>
    public static void Write(Utf8JsonWriter json, FetchedRecords fetched, scoped in RecordCursor cursor, int leader)
    {
        var record = cursor.Current;
        json.WriteStartObject();
        json.WriteString("topic"u8, fetched.Partition.Topic);
        json.WriteNumber("partition"u8, fetched.Partition.Partition);
        json.WriteNumber("offset"u8, record.Offset.Value);
        json.WriteString("tstype"u8, cursor.IsLogAppendTime ? "logappend"u8 : "create"u8);
        json.WriteNumber("ts"u8, record.Timestamp);
        json.WriteNumber("broker"u8, leader);
        if (record.Headers.Count > 0)
        {
            json.WriteStartArray("headers"u8);
            foreach (var header in record.Headers)
            {
                json.WriteStringValue(Encoding.UTF8.GetString(header.Key));
                Text(json, header.Value);
            }

            json.WriteEndArray();
        }

        json.WritePropertyName("key"u8);
        Text(json, record.Key);
        json.WritePropertyName("payload"u8);
        Text(json, record.Value);
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, NullableBytes bytes)
    {
        if (bytes.IsNull)
            json.WriteNullValue();
        else
            json.WriteStringValue(Encoding.UTF8.GetString(bytes.Span));
    }
}
