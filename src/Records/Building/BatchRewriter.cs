using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Changes a batch between its arrival and the disk where its topic asks for it, with the least
/// work.</summary>
public static class BatchRewriter
{
    /// <summary>Does what <paramref name="verdict"/> asks for.</summary>
    /// <param name="batch">The batch as it was accepted; changed in place as far as that goes.</param>
    /// <param name="verdict">The validator's, without an error.</param>
    /// <param name="rules">The rules it judged by.</param>
    /// <param name="replacement">The batch to store instead, for the caller to dispose; null when
    /// <paramref name="batch"/> itself is to be stored.</param>
    /// <returns>No error, or that the replacement became larger than the topic allows.</returns>
    public static BatchVerdict Rewrite(
        Span<byte> batch, in BatchVerdict verdict, in BatchRules rules, out PooledBytes? replacement)
    {
        Invariant.Holds(verdict.Error == ErrorCode.None, "only accepted batches are rewritten");
        replacement = null;
        if (verdict.Changes.HasFlag(BatchChanges.Timestamps))
            SetTimestamps(batch, rules.UsesLogAppendTime, verdict.MaxTimestamp);
        if (!verdict.Changes.HasFlag(BatchChanges.Codec) || rules.Compression is not { } wanted)
            return verdict;
        var outcome = Recompress(batch, wanted, rules.MaxDecompressedBytes, out replacement);
        if (outcome == CodecOutcome.Unavailable)
        {
            var reason = $"the topic's codec {wanted.Codec} is not available on this broker";
            return BatchVerdict.Refused(ErrorCode.UnsupportedCompressionType, reason);
        }
        Invariant.Holds(replacement is not null, "an accepted batch decompresses");
        if (replacement.Span.Length <= rules.MaxMessageBytes)
            return verdict;
        var size = replacement.Span.Length;
        replacement.Dispose();
        replacement = null;
        return BatchValidator.TooLarge(size, rules);
    }

    /// <summary>Sets the timestamp type and max timestamp in place. The checksum follows without a look at
    /// the records.</summary>
    /// <param name="batch">A whole batch.</param>
    /// <param name="isLogAppendTime">True when <paramref name="maxTimestamp"/> is to stand for every
    /// record's.</param>
    /// <param name="maxTimestamp">In ms.</param>
    public static void SetTimestamps(Span<byte> batch, bool isLogAppendTime, long maxTimestamp)
    {
        var changing = batch[BatchHeader.Attributes..BatchHeader.ProducerId];
        Span<byte> before = stackalloc byte[changing.Length];
        changing.CopyTo(before);
        var attributes = BinaryPrimitives.ReadInt16BigEndian(changing);
        attributes = (short)(isLogAppendTime
            ? attributes | BatchAttributes.LogAppendTimeBit
            : attributes & ~BatchAttributes.LogAppendTimeBit);
        BinaryPrimitives.WriteInt16BigEndian(changing, attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[BatchHeader.MaxTimestamp..], maxTimestamp);
        BatchHeader.Reseal(batch, BatchHeader.Attributes, before);
    }

    /// <summary>The batch with its records compressed anew; all else stays.</summary>
    /// <param name="batch">A whole batch.</param>
    /// <param name="wanted">The codec and level; none to store the records as they are.</param>
    /// <param name="limit">The most bytes the records may decompress to.</param>
    /// <param name="rewritten">The new batch, for the caller to dispose; null unless done.</param>
    public static CodecOutcome Recompress(
        ReadOnlySpan<byte> batch, Compression wanted, int limit, out PooledBytes? rewritten)
    {
        rewritten = null;
        var outcome = BatchRecords.Open(batch, limit, out var records);
        if (outcome != CodecOutcome.Done)
            return outcome;
        using (records)
        {
            using var writer = new PooledWriter(RecordBatch.HeaderSize + records.Area.Length);
            batch[..RecordBatch.HeaderSize].CopyTo(writer.GetSpan(RecordBatch.HeaderSize));
            writer.Advance(RecordBatch.HeaderSize);
            outcome = Codecs.Compress(wanted, records.Area, writer);
            if (outcome != CodecOutcome.Done)
                return outcome;
            var others = new RecordBatch(batch).Attributes.Bits & ~BatchAttributes.CodecBits;
            var attributes = others | (int)wanted.Codec;
            BinaryPrimitives.WriteInt16BigEndian(writer.Written[BatchHeader.Attributes..], (short)attributes);
            BatchHeader.Seal(writer.Written);
            rewritten = writer.Detach();
            return CodecOutcome.Done;
        }
    }
}
