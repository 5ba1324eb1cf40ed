using System.Text;
using Barnabas.Records;

namespace Barnabas.SimCluster;

/// <summary>A batch as a partition served it.</summary>
/// <param name="BaseOffset">The first record's offset.</param>
/// <param name="LastOffset">The last record's offset.</param>
/// <param name="LeaderEpoch">The epoch of the leader that wrote it.</param>
/// <param name="Producer">The idempotent producer's id; -1 for none.</param>
/// <param name="ProducerEpoch">Its epoch.</param>
/// <param name="BaseSequence">The sequence number of the first record.</param>
/// <param name="Values">The records.</param>
internal sealed record StoredBatch(
    long BaseOffset, long LastOffset, int LeaderEpoch, long Producer, short ProducerEpoch, int BaseSequence,
    IReadOnlyList<string> Values)
{
    private const int AttributesPosition = 21;

    /// <summary>The records with their offsets.</summary>
    public IEnumerable<(long Offset, string Value)> Records => Values.Select((value, i) => (BaseOffset + i, value));

    /// <summary>Takes an answer's bytes apart. Fails where one of them is not what a producer sent (S5).</summary>
    public static List<StoredBatch> ReadAll(ReadOnlyMemory<byte> bytes)
    {
        var batches = new List<StoredBatch>();
        while (bytes.Length > 0)
        {
            Promise.Holds(bytes.Length >= RecordBatch.HeaderSize, "S5: half a batch was served");
            var header = new RecordBatch(bytes.Span);
            Promise.Holds(header.Size <= bytes.Length, "S5: half a batch was served");
            var batch = bytes[..header.Size];
            Promise.Holds(
                header.Crc == Crc32C.Compute(batch.Span[AttributesPosition..]),
                $"S5: the batch at {header.BaseOffset} was served with a checksum that does not match");
            batches.Add(Read(batch.Span));
            bytes = bytes[header.Size..];
        }

        return batches;
    }

    private static StoredBatch Read(ReadOnlySpan<byte> batch)
    {
        var header = new RecordBatch(batch);
        var values = new List<string>();
        var outcome = BatchRecords.Open(batch, 1 << 20, out var records);
        Promise.Holds(outcome == CodecOutcome.Done, $"S5: the batch at {header.BaseOffset} cannot be read: {outcome}");
        using (records)
        {
            var reader = records.Read();
            while (reader.TryRead(out var record))
                values.Add(Encoding.UTF8.GetString(record.Value.Span));
        }

        return new(
            header.BaseOffset.Value, header.LastOffset.Value, header.LeaderEpoch.Value, header.ProducerId.Value,
            header.ProducerEpoch, header.BaseSequence, values);
    }
}
