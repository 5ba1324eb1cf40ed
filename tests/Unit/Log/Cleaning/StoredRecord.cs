using System.Text;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Log;

/// <summary>A record as a log holds it, or a marker.</summary>
internal sealed record StoredRecord(long Offset, string Key, string? Value, long Timestamp, long Producer)
{
    /// <summary>All records of data that a log holds, by offset.</summary>
    public static List<StoredRecord> DataOf(LogView log) => Of(log, isControl: false);

    /// <summary>All markers that a log holds, by offset.</summary>
    public static List<StoredRecord> MarkersOf(LogView log) => Of(log, isControl: true);

    /// <summary>All batches of a log.</summary>
    public static List<byte[]> BatchesOf(LogView log)
    {
        ReadOnlySpan<byte> bytes = LogFixture.ReadAll(log, log.LogStart);
        var batches = new List<byte[]>();
        while (bytes.Length > 0)
        {
            var size = new RecordBatch(bytes).Size;
            batches.Add(bytes[..size].ToArray());
            bytes = bytes[size..];
        }

        return batches;
    }

    private static List<StoredRecord> Of(LogView log, bool isControl)
    {
        var all = new List<StoredRecord>();
        foreach (var batch in BatchesOf(log))
        {
            var header = new RecordBatch(batch);
            if (header.Attributes.IsControl != isControl)
                continue;
            Assert.Equal(CodecOutcome.Done, BatchRecords.Open(batch, 1 << 24, out var records));
            var reader = records.Read();
            while (reader.TryRead(out var record))
                all.Add(From(record, header.ProducerId.Value));
            Assert.Equal(RecordFault.None, reader.Fault);
            records.Dispose();
        }

        return all;
    }

    private static StoredRecord From(in Barnabas.Records.Record record, long producer)
    {
        var value = record.Value.IsNull ? null : Encoding.Latin1.GetString(record.Value.Span);
        return new(record.Offset.Value, Encoding.Latin1.GetString(record.Key.Span), value, record.Timestamp, producer);
    }
}
