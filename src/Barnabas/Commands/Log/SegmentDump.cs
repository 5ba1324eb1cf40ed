using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Barnabas.Cluster;
using Barnabas.Records;
using Barnabas.Wire;

namespace Barnabas.Cli.Commands;

/// <summary>What of a segment is printed.</summary>
/// <param name="WithRecords">Whether the records of each batch are.</param>
/// <param name="Form">What the records are.</param>
internal sealed record SegmentStyle(bool WithRecords, RecordForm Form);

/// <summary>Prints the batches of a segment or of a snapshot, and checks each.</summary>
internal sealed class SegmentDump(DumpLines lines, SegmentStyle style)
{
    private const int MaxDecompressed = 1024 * 1024 * 1024;
    private readonly List<BatchPlace> _places = [];

    /// <summary>The batches that were found good.</summary>
    public IReadOnlyList<BatchPlace> Places => _places;

    /// <summary>Prints a file; false where it is damaged.</summary>
    public bool Run(string path)
    {
        using var file = new SegmentFile(path);
        while (file.MoveNext())
        {
            if (!Batch(file.Batch, file.Position))
                return false;
            lines.Progress?.Advance(file.Size);
        }

        if (file.ZerosFrom is { } zeros)
            lines.Entry("end", 0, ("zeros from", zeros));
        return file.Fault is null || lines.Damage(file.Position, file.Fault);
    }

    private bool Batch(ReadOnlySpan<byte> bytes, long position)
    {
        if (BatchPlace.Read(bytes, position) is not { } place)
            return lines.Damage(position, $"a batch of format {bytes[RecordBatch.MagicPosition]}");
        if (place.First < 0 || place.Last < place.First || (_places is [.., var before] && place.First <= before.Last))
            return lines.Damage(position, $"offsets run backwards: {place.First} to {place.Last}");
        var isGood = bytes[RecordBatch.MagicPosition] < 2 ? OldMessages(bytes, position) : Whole(bytes, position);
        if (isGood)
            _places.Add(place);
        return isGood;
    }

    private bool Whole(ReadOnlySpan<byte> bytes, long position)
    {
        var batch = new RecordBatch(bytes);
        var crc = Crc32C.Compute(bytes[21..]);
        if (!lines.IsSilent)
            Header(batch, position, isWhole: batch.Crc == crc);
        if (batch.Crc != crc)
            return lines.Damage(position, $"the checksum is {batch.Crc:x8} and should be {crc:x8}");
        return !style.WithRecords || Records(bytes, position);
    }

    private void Header(RecordBatch batch, long position, bool isWhole)
    {
        var attributes = batch.Attributes;
        var hasProducer = batch.ProducerId.Value >= 0;
        lines.Entry(
            "batch", 0,
            ("offset", batch.BaseOffset.Value), ("last", batch.LastOffset.Value), ("count", batch.RecordCount),
            ("position", position), ("size", batch.Size), ("epoch", batch.LeaderEpoch.Value),
            ("codec", attributes.Codec.ToString().ToLowerInvariant()),
            (attributes.IsLogAppendTime ? "append-time" : "max-time", Times.Text(batch.MaxTimestamp)),
            ("producer", hasProducer ? batch.ProducerId.Value : null),
            ("producer-epoch", hasProducer ? (int)batch.ProducerEpoch : null),
            ("sequence", hasProducer ? batch.BaseSequence : null),
            ("transactional", attributes.IsTransactional ? true : null),
            ("control", attributes.IsControl ? true : null),
            ("crc", isWhole ? "ok" : "WRONG"));
    }

    private bool Records(ReadOnlySpan<byte> bytes, long position)
    {
        var outcome = BatchRecords.Open(bytes, MaxDecompressed, out var records);
        if (outcome != CodecOutcome.Done)
            return lines.Damage(position, $"the records do not decompress: {outcome}");
        using (records)
        {
            var batch = new RecordBatch(bytes);
            var isControl = batch.Attributes.IsControl;
            var reader = records.Read();
            var count = 0;
            for (; reader.TryRead(out var record); count++)
            {
                if (!lines.IsSilent)
                    Record(record, isControl);
            }

            if (reader.Fault != RecordFault.None)
                return lines.Damage(position, $"the records do not read: {reader.Fault}");
            return count == batch.RecordCount
                || lines.Damage(position, $"{count} records where the batch says {batch.RecordCount}");
        }
    }

    private bool OldMessages(ReadOnlySpan<byte> bytes, long position)
    {
        lines.Entry(
            "message", 0, ("offset", BinaryPrimitives.ReadInt64BigEndian(bytes)), ("position", position),
            ("size", bytes.Length), ("format", (int)bytes[RecordBatch.MagicPosition]));
        using var reader = new MessageSetReader(bytes, MaxDecompressed);
        while (reader.TryRead(out var record))
        {
            if (style.WithRecords && !lines.IsSilent)
                Record(record, isControl: false);
        }

        return reader.Fault == RecordFault.None || lines.Damage(position, $"the message does not read: {reader.Fault}");
    }

    private void Record(in Record record, bool isControl)
    {
        var (key, value) = isControl ? default : style.Form switch
        {
            RecordForm.Plain => (Text(record.Key), Text(record.Value)),
            RecordForm.Metadata => default,
            var form => CoordinatorRecords.Text(form, Bytes(record.Key), Bytes(record.Value)),
        };
        lines.Entry(
            "record", 1,
            ("offset", record.Offset.Value), ("time", Times.Text(record.Timestamp)),
            ("type", isControl ? ControlType(record) : null),
            ("key", key),
            ("value", value),
            ("metadata", style.Form == RecordForm.Metadata && !isControl ? MetadataText(record.Value) : null),
            ("headers", record.Headers.Count > 0 ? Headers(record.Headers) : null));
    }

    private static string ControlType(in Record record) =>
        ControlRecords.TryReadKey(record.Key.Span, out var type) ? type.ToString() : "unknown";

    private static string MetadataText(NullableBytes value)
    {
        try
        {
            var record = MetadataRecordFrame.Read(value.ToArray() ?? []);
            return $"{record.GetType().Name} {MessageText.Of((IDescribed)record)}";
        }
        catch (MalformedFrameException fault)
        {
            return $"not readable: {fault.Message}";
        }
    }

    private static ReadOnlyMemory<byte>? Bytes(NullableBytes bytes) =>
        bytes.IsNull ? default(ReadOnlyMemory<byte>?) : bytes.ToArray();

    private static string Headers(RecordHeaders headers)
    {
        var text = new StringBuilder();
        foreach (var header in headers)
        {
            text.Append(text.Length > 0 ? "," : "").Append(Encoding.UTF8.GetString(header.Key));
            text.Append('=').Append(Text(header.Value));
        }

        return text.ToString();
    }

    private static string Text(NullableBytes bytes)
    {
        if (bytes.IsNull)
            return "null";
        return Utf8.IsValid(bytes.Span) && bytes.Span.IndexOfAnyInRange((byte)0, (byte)31) < 0
            ? $"'{Encoding.UTF8.GetString(bytes.Span)}'"
            : $"0x{Convert.ToHexStringLower(bytes.Span)}";
    }
}
