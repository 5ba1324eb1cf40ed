using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>Cuts fetched bytes into batches; the last one may be cut off by the byte limit of the fetch.</summary>
internal static class FetchedBatches
{
    /// <summary>The size of the first whole batch; false where there is none.</summary>
    /// <exception cref="KafkaException">What stands there is no batch.</exception>
    public static bool TryFirst(ReadOnlySpan<byte> bytes, out int size)
    {
        size = 0;
        if (bytes.Length < RecordBatch.MagicPosition + 1)
            return false;
        size = BinaryPrimitives.ReadInt32BigEndian(bytes[8..]);
        if (size < RecordBatch.MagicPosition + 1 - RecordBatch.EntryOverhead
            || size > int.MaxValue - RecordBatch.EntryOverhead)
        {
            throw new KafkaException(ErrorCode.CorruptMessage, $"a batch of {size} bytes");
        }

        size += RecordBatch.EntryOverhead;
        return size <= bytes.Length;
    }

    /// <summary>The offset after the last whole batch; null where there is no whole batch.</summary>
    /// <exception cref="KafkaException">What stands there is no batch.</exception>
    public static Offset? EndOf(ReadOnlySpan<byte> bytes)
    {
        Offset? end = null;
        while (TryFirst(bytes, out var size))
        {
            // An old message names its own offset, a set of them that of its last one.
            end = bytes[RecordBatch.MagicPosition] == 2 && size >= RecordBatch.HeaderSize
                ? new RecordBatch(bytes).NextOffset
                : new Offset(BinaryPrimitives.ReadInt64BigEndian(bytes) + 1);
            bytes = bytes[size..];
        }

        return end;
    }
}
