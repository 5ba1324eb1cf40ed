using System.Buffers.Binary;

namespace Barnabas.Records;

/// <summary>Where the fields of a v2 header stand, for those who write them.</summary>
internal static class BatchHeader
{
    /// <summary>Where the fields stand, in order.</summary>
    public const int Length = 8, Crc = 17, Attributes = 21, LastOffsetDelta = 23, BaseTimestamp = 27,
        MaxTimestamp = 35, ProducerId = 43, ProducerEpoch = 51, BaseSequence = 53, RecordCount = 57;

    /// <summary>Sets the length and the checksum: nothing of the batch changes after that.</summary>
    public static void Seal(Span<byte> batch)
    {
        BinaryPrimitives.WriteInt32BigEndian(batch[Length..], batch.Length - RecordBatch.EntryOverhead);
        BinaryPrimitives.WriteUInt32BigEndian(batch[Crc..], Crc32C.Compute(batch[Attributes..]));
    }

    /// <summary>Sets the checksum right after a change within the header, without a look at the
    /// records.</summary>
    /// <param name="batch">The whole batch.</param>
    /// <param name="from">Where the change begins; behind the checksum.</param>
    /// <param name="before">The bytes that stood there.</param>
    public static void Reseal(Span<byte> batch, int from, ReadOnlySpan<byte> before)
    {
        var crc = BinaryPrimitives.ReadUInt32BigEndian(batch[Crc..]);
        var after = batch.Slice(from, before.Length);
        crc = Crc32C.Replace(crc, before, after, batch.Length - from - before.Length);
        BinaryPrimitives.WriteUInt32BigEndian(batch[Crc..], crc);
    }
}
