using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Decides whether what a client produced to a partition may be stored, with the error codes of
/// Apache Kafka.</summary>
/// <remarks>The checks go from cheap to dear and in Kafka's order, so that the code is the same where several
/// are due: framing, format, size, checksum, header, records. docs/design/records.md lists them.</remarks>
public static class BatchValidator
{
    /// <summary>The bytes up to and with the magic byte, without which there is no entry.</summary>
    private const int SmallestEntry = RecordBatch.MagicPosition + 1;

    /// <summary>The smallest length field: the fields of an empty message of format v0.</summary>
    private const int SmallestLength = 14;

    private const int SmallestLengthOfV2 = RecordBatch.HeaderSize - RecordBatch.EntryOverhead;

    /// <summary>The first Produce version that may carry zstd (KIP-110).</summary>
    private const short FirstVersionWithZstd = 7;

    /// <summary>Judges the records of one partition in a Produce request.</summary>
    /// <param name="records">All bytes the request gives for the partition.</param>
    /// <param name="rules">What the topic asks.</param>
    public static BatchVerdict Validate(ReadOnlySpan<byte> records, in BatchRules rules)
    {
        if (CheckFraming(records) is { } badFrame)
            return badFrame;
        if (records[RecordBatch.MagicPosition] < 2)
            return Invalid("the format of the message set is older than v2");
        var batch = new RecordBatch(records);
        if (batch.Attributes.Codec == CompressionCodec.Zstd && rules.ProduceVersion < FirstVersionWithZstd)
            return UnsupportedCodec("zstd needs Produce version 7");
        if (batch.BaseOffset != Offset.Zero)
            return Invalid($"the base offset is {batch.BaseOffset.Value}, not 0");
        if (records.Length > rules.MaxMessageBytes)
            return TooLarge(records.Length, rules);
        if (!IsIntact(records))
            return Corrupt("the checksum does not match");
        if (CheckHeader(batch) is { } badHeader)
            return badHeader;
        return CheckRecords(records, batch, rules);
    }

    /// <summary>True when a batch of format v2 is as its checksum says.</summary>
    /// <param name="batch">All its bytes.</param>
    public static bool IsIntact(ReadOnlySpan<byte> batch) =>
        new RecordBatch(batch).Crc == Crc32C.Compute(batch[BatchHeader.Attributes..]);

    /// <summary>The verdict on a batch of more than max.message.bytes.</summary>
    internal static BatchVerdict TooLarge(int size, in BatchRules rules) => BatchVerdict.Refused(
        ErrorCode.MessageTooLarge,
        $"the batch has {size} bytes, more than max.message.bytes {rules.MaxMessageBytes}");

    /// <summary>There is one entry, whole, and nothing after it.</summary>
    private static BatchVerdict? CheckFraming(ReadOnlySpan<byte> records)
    {
        if (records.IsEmpty)
            return Invalid("there is no batch");
        if (records.Length < SmallestEntry)
            return Corrupt("the batch is cut off");
        var length = BinaryPrimitives.ReadInt32BigEndian(records[8..]);
        if (length < SmallestLength)
            return Corrupt($"the batch states a length of {length}");
        if ((sbyte)records[RecordBatch.MagicPosition] is < 0 or > 2)
            return Corrupt($"the magic byte is {(sbyte)records[RecordBatch.MagicPosition]}");
        if (records[RecordBatch.MagicPosition] == 2 && length < SmallestLengthOfV2)
            return Corrupt("the batch is shorter than its header");
        var missing = (long)length + RecordBatch.EntryOverhead - records.Length;
        if (missing > 0)
            return Corrupt($"the batch is cut off: {missing} bytes are missing");
        if (missing == 0)
            return null;
        return -missing >= SmallestEntry
            ? Invalid("there is more than one batch for the partition")
            : Corrupt($"{-missing} bytes follow the batch");
    }

    private static BatchVerdict? CheckHeader(RecordBatch batch)
    {
        if (batch.LastOffsetDelta < 0)
            return Invalid($"the last offset delta is {batch.LastOffsetDelta}");
        if (batch.RecordCount <= 0)
            return Invalid($"the batch states {batch.RecordCount} records");
        if (batch.LastOffsetDelta != batch.RecordCount - 1)
            return Invalid($"{batch.RecordCount} records cannot end at offset delta {batch.LastOffsetDelta}");
        if (batch.Attributes.IsControl)
            return Invalid("clients may not write control records");
        if (batch.Attributes.HasDeleteHorizon || batch.Attributes.HasUnknownBits)
            return Invalid($"the attributes 0x{batch.Attributes.Bits:x4} have bits no producer may set");
        if (batch.Attributes.IsLogAppendTime)
            return BatchVerdict.Refused(ErrorCode.InvalidTimestamp, "producers may not set log append time");
        if (!Codecs.IsAvailable(batch.Attributes.Codec))
            return UnsupportedCodec($"codec {(int)batch.Attributes.Codec} is not available on this broker");
        return CheckProducer(batch);
    }

    /// <summary>A producer id brings an epoch and a sequence number; a transaction needs a producer
    /// id.</summary>
    private static BatchVerdict? CheckProducer(RecordBatch batch)
    {
        if (batch.ProducerId == ProducerId.None && batch.Attributes.IsTransactional)
            return Invalid("a transactional batch needs a producer id");
        if (batch.ProducerId == ProducerId.None)
            return null;
        if (batch.ProducerId.Value < 0)
            return Invalid($"the producer id is {batch.ProducerId.Value}");
        if (batch.ProducerEpoch < 0 || batch.BaseSequence < 0)
            return Invalid($"epoch {batch.ProducerEpoch}, sequence {batch.BaseSequence} of a producer id");
        return null;
    }

    private static BatchVerdict CheckRecords(
        ReadOnlySpan<byte> records, RecordBatch batch, in BatchRules rules)
    {
        var area = records[RecordBatch.HeaderSize..];
        using var scan = RecordScan.Of(batch, rules);
        var outcome = CodecOutcome.Done;
        if (batch.Attributes.Codec == CompressionCodec.None)
        {
            scan.ReadAll(area);
        }
        else
        {
            using var window = new DecodeBuffer(rules.MaxDecompressedBytes, scan);
            outcome = Codecs.Decode(batch.Attributes.Codec, area, window);
            scan.End();
        }
        if (outcome == CodecOutcome.TooLarge)
            return Invalid($"the records decompress to more than {rules.MaxDecompressedBytes} bytes");
        if (outcome == CodecOutcome.Corrupt)
            return Corrupt($"the records do not decompress with {batch.Attributes.Codec}");
        if (scan.Fault != RecordFault.None)
            return Invalid($"record {scan.Count} is malformed: {scan.Fault}");
        if (scan.Errors is { } errors)
            return new() { Error = scan.Error, Reason = errors[0].Message, RecordErrors = errors };
        return Accepted(batch, rules, scan.MaxTimestamp);
    }

    private static BatchVerdict Accepted(RecordBatch batch, in BatchRules rules, long maxTimestamp)
    {
        if (rules.UsesLogAppendTime)
            maxTimestamp = rules.NowMs;
        var changes = BatchChanges.None;
        if (rules.UsesLogAppendTime || batch.MaxTimestamp != maxTimestamp)
            changes |= BatchChanges.Timestamps;
        if (rules.Compression is { } wanted && wanted.Codec != batch.Attributes.Codec)
            changes |= BatchChanges.Codec;
        return new() { MaxTimestamp = maxTimestamp, Changes = changes };
    }

    private static BatchVerdict Corrupt(string reason) =>
        BatchVerdict.Refused(ErrorCode.CorruptMessage, reason);

    private static BatchVerdict Invalid(string reason) =>
        BatchVerdict.Refused(ErrorCode.InvalidRecord, reason);

    private static BatchVerdict UnsupportedCodec(string reason) =>
        BatchVerdict.Refused(ErrorCode.UnsupportedCompressionType, reason);
}
