using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Barnabas.Quorum;
using Barnabas.Records;
using Barnabas.Wire;

namespace Barnabas.Cli.Commands;

/// <summary>What of a segment is printed.</summary>
/// <param name="WithRecords">Whether the records of each batch are.</param>
/// <param name="IsMetadata">Whether values are metadata records.</param>
internal sealed record SegmentStyle(bool WithRecords, bool IsMetadata);

/// <summary>Prints the batches of a segment or of a snapshot, and checks each.</summary>
internal sealed class SegmentDump(DumpLines lines, SegmentStyle style)
{
    private const int MaxDecompressed = 1024 * 1024 * 1024;

    /// <summary>Prints a file; false where it is damaged.</summary>
    public bool Run(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);
        var head = new byte[RecordBatch.MagicPosition + 1];
        byte[] batch = [];
        for (var position = 0L; position < file.Length;)
        {
            file.Position = position;
            var left = file.Length - position;
            if (left < head.Length)
                return lines.Damage(position, $"{left} bytes left, less than a batch");
            file.ReadExactly(head);
            var size = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(8)) + (long)RecordBatch.EntryOverhead;
            if (size == RecordBatch.EntryOverhead && head.AsSpan().IndexOfAnyExcept((byte)0) < 0)
                return Zeros(file, position);
            if (size < head.Length || size > left)
                return lines.Damage(position, $"a batch of {size} bytes where {left} are left");
            if (batch.Length < size)
                batch = new byte[Math.Max(size, Math.Min(2L * batch.Length, Array.MaxLength))];
            file.Position = position;
            file.ReadExactly(batch, 0, (int)size);
            if (!Batch(batch.AsSpan(0, (int)size), position))
                return false;
            position += size;
        }

        return true;
    }

    // Blocks reserved ahead read as zeros: what follows the end of an active segment is no damage.
    private bool Zeros(FileStream file, long position)
    {
        var block = new byte[64 * 1024];
        file.Position = position;
        for (int read; (read = file.Read(block)) > 0;)
        {
            if (block.AsSpan(0, read).IndexOfAnyExcept((byte)0) >= 0)
                return lines.Damage(position, "zeros where a batch should be");
        }

        lines.Entry("end", 0, ("zeros from", position));
        return true;
    }

    private bool Batch(ReadOnlySpan<byte> bytes, long position)
    {
        if (bytes[RecordBatch.MagicPosition] < 2)
            return OldMessages(bytes, position);
        if (bytes[RecordBatch.MagicPosition] > 2 || bytes.Length < RecordBatch.HeaderSize)
            return lines.Damage(position, $"a batch of format {bytes[RecordBatch.MagicPosition]}");
        var batch = new RecordBatch(bytes);
        var isWhole = batch.Crc == Crc32C.Compute(bytes[21..]);
        var attributes = batch.Attributes;
        var hasProducer = batch.ProducerId.Value >= 0;
        lines.Entry(
            "batch", 0,
            ("offset", batch.BaseOffset.Value), ("last", batch.LastOffset.Value), ("count", batch.RecordCount),
            ("position", position), ("size", batch.Size), ("epoch", batch.LeaderEpoch.Value),
            ("codec", attributes.Codec.ToString().ToLowerInvariant()),
            (attributes.IsLogAppendTime ? "append-time" : "max-time", Time(batch.MaxTimestamp)),
            ("producer", hasProducer ? batch.ProducerId.Value : null),
            ("producer-epoch", hasProducer ? (int)batch.ProducerEpoch : null),
            ("sequence", hasProducer ? batch.BaseSequence : null),
            ("transactional", attributes.IsTransactional ? true : null),
            ("control", attributes.IsControl ? true : null),
            ("crc", isWhole ? "ok" : "WRONG"));
        if (!isWhole)
            return lines.Damage(position, $"the checksum is {batch.Crc:x8} and should be {Crc32C.Compute(bytes[21..]):x8}");
        return !style.WithRecords || Records(bytes, position);
    }

    private bool Records(ReadOnlySpan<byte> bytes, long position)
    {
        var outcome = BatchRecords.Open(bytes, MaxDecompressed, out var records);
        if (outcome != CodecOutcome.Done)
            return lines.Damage(position, $"the records do not decompress: {outcome}");
        using (records)
        {
            var isControl = new RecordBatch(bytes).Attributes.IsControl;
            var reader = records.Read();
            while (reader.TryRead(out var record))
                Record(record, isControl);
            return reader.Fault == RecordFault.None || lines.Damage(position, $"the records do not read: {reader.Fault}");
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
            if (style.WithRecords)
                Record(record, isControl: false);
        }

        return reader.Fault == RecordFault.None || lines.Damage(position, $"the message does not read: {reader.Fault}");
    }

    private void Record(in Record record, bool isControl)
    {
        var isText = !isControl && !style.IsMetadata;
        lines.Entry(
            "record", 1,
            ("offset", record.Offset.Value), ("time", Time(record.Timestamp)),
            ("type", isControl ? ControlType(record) : null),
            ("key", isText ? Text(record.Key) : null),
            ("value", isText ? Text(record.Value) : null),
            ("metadata", style.IsMetadata && !isControl ? MetadataText(record.Value) : null),
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

    private static string Time(long milliseconds) =>
        milliseconds is < 0 or > 253402300799999
            ? milliseconds.ToString(CultureInfo.InvariantCulture)
            : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
                .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
