using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Replication;

/// <summary>Batches as a leader sent them.</summary>
internal static class FetchedBatches
{
    private const int CrcBegins = 21;

    /// <summary>Lists the whole batches, and entries of the formats before them; the last may have been cut
    /// short, and is left out.</summary>
    /// <param name="bytes">What was sent.</param>
    /// <param name="leaderEpoch">The leader's epoch, which none of its batches can exceed.</param>
    /// <param name="into">The batches, to be appended as they came.</param>
    /// <returns>What is wrong with the bytes; null where nothing is.</returns>
    public static string? Read(ReadOnlyMemory<byte> bytes, LeaderEpoch leaderEpoch, List<PendingBatch> into)
    {
        var rest = MemoryMarshal.AsMemory(bytes);
        while (rest.Length > RecordBatch.MagicPosition)
        {
            if (rest.Span[RecordBatch.MagicPosition] is 0 or 1)
            {
                var fault = MessageSetEntry.TryRead(rest.Span, out var entry);
                if (fault != RecordFault.None)
                    return fault == RecordFault.Truncated ? null : $"a message of an old format: {fault}";
                into.Add(new PendingBatch(rest[..entry.Size], LeaderEpoch.None, AppendOrigin.Replication));
                rest = rest[entry.Size..];
                continue;
            }

            if (rest.Span[RecordBatch.MagicPosition] != 2)
                return "a batch of no known format";
            if (rest.Length < RecordBatch.HeaderSize)
                return null;
            var batch = new RecordBatch(rest.Span);
            if (batch.Size < RecordBatch.HeaderSize)
                return "a batch of impossible size";
            if (batch.Size > rest.Length)
                return null;
            if (batch.Crc != Crc32C.Compute(rest.Span[CrcBegins..batch.Size]))
                return "a batch whose checksum does not match";
            if (batch.LeaderEpoch > leaderEpoch)
                return "a batch of a later epoch than its leader's";
            into.Add(new PendingBatch(rest[..batch.Size], batch.LeaderEpoch, AppendOrigin.Replication));
            rest = rest[batch.Size..];
        }

        return null;
    }

    /// <summary>The first offset of a batch; of an entry of an older format its own, which is the last where others are
    /// within.</summary>
    public static Offset OffsetOf(in PendingBatch batch) =>
        new(BinaryPrimitives.ReadInt64BigEndian(batch.Bytes.Span));
}
