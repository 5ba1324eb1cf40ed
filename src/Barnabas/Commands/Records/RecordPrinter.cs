using System.Buffers;
using System.Text.Json.Nodes;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>How records are printed.</summary>
internal enum PrintKind
{
    Values,
    Format,
    Json,
    Yaml,
    Kcat,
}

/// <summary>How records are printed.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Format">The format, for that way.</param>
internal sealed record PrintStyle(PrintKind Kind, FormatString? Format = null)
{
    /// <summary>The topic, for kcat's JSON, which names leaders.</summary>
    public TopicView? Topic { get; init; }
}

/// <summary>Prints what a reader reads.</summary>
internal sealed class RecordPrinter(StdOut to, PrintStyle style)
{
    /// <summary>How many records were printed.</summary>
    public long Records { get; private set; }

    /// <summary>How many bytes their keys and values had.</summary>
    public long Bytes { get; private set; }

    /// <summary>The offset after the last record that was printed; null before there was one.</summary>
    public (TopicPartition Partition, Offset Offset)? Next { get; private set; }

    /// <summary>Prints until the reading or the count ends. What has come is printed before more is waited
    /// for.</summary>
    public async Task RunAsync(IAsyncEnumerable<FetchedRecords> reading, long? count)
    {
        if (count <= 0)
            return;
        await foreach (var fetched in reading)
        {
            try
            {
                if (!Print(fetched, count ?? long.MaxValue))
                    return;
            }
            finally
            {
                to.Flush();
            }
        }
    }

    /// <summary>Prints records; false once there are enough.</summary>
    private bool Print(FetchedRecords fetched, long count)
    {
        using var cursor = fetched.GetEnumerator();
        using var json = style.Kind is PrintKind.Json or PrintKind.Kcat ? Json.LineWriter(to) : null;
        while (cursor.MoveNext())
        {
            var record = cursor.Current;
            Bytes += record.Key.Span.Length + record.Value.Span.Length;
            switch (style.Kind)
            {
                case PrintKind.Values:
                    to.Write(record.Value.Span);
                    to.Write("\n"u8);
                    break;
                case PrintKind.Json:
                    Envelope.Write(json!, fetched, in cursor);
                    json!.Flush();
                    json.Reset();
                    to.Write("\n"u8);
                    break;
                case PrintKind.Kcat:
                    var leader = style.Topic!.Partitions[fetched.Partition.Partition].Leader;
                    KcatEnvelope.Write(json!, fetched, in cursor, leader.Value);
                    json!.Flush();
                    json.Reset();
                    to.Write("\n"u8);
                    break;
                case PrintKind.Yaml:
                    PrintYaml(fetched, in cursor);
                    break;
                default:
                    style.Format!.Write(to, fetched, in cursor);
                    break;
            }

            Next = (fetched.Partition, record.Offset + 1);
            if (++Records >= count)
                return false;
        }

        return true;
    }

    private void PrintYaml(FetchedRecords fetched, scoped in RecordCursor cursor)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = Json.LineWriter(bytes))
            Envelope.Write(json, fetched, in cursor);
        Yaml.Write(to, new JsonArray(JsonNode.Parse(bytes.WrittenSpan)));
    }
}
