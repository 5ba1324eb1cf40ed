using Barnabas.Records;
using Barnabas.Wire;

namespace Barnabas.Bench;

/// <summary>Batches as they lie in an answer, one after the other; the last may be cut short, and does not
/// count.</summary>
internal static class FetchedBytes
{
    private const int MostDecompressed = 256 << 20;

    /// <summary>The offset after the last whole batch; -1 where there is none.</summary>
    public static long End(ReadOnlySpan<byte> bytes)
    {
        var end = -1L;
        while (TryTake(ref bytes, out var batch))
            end = new RecordBatch(batch).NextOffset.Value;
        return end;
    }

    /// <summary>How many records there are from an offset on, by what the batches say of themselves.</summary>
    public static long Count(ReadOnlySpan<byte> bytes)
    {
        var count = 0L;
        while (TryTake(ref bytes, out var batch))
            count += new RecordBatch(batch).RecordCount;
        return count;
    }

    /// <summary>Holds every batch against its checksum, and reads its records.</summary>
    /// <returns>How many records there are.</returns>
    /// <exception cref="MalformedFrameException">A batch is damaged.</exception>
    public static long Check(ReadOnlySpan<byte> bytes)
    {
        var count = 0L;
        while (TryTake(ref bytes, out var batch))
        {
            var header = new RecordBatch(batch);
            if (Crc32C.Compute(batch[21..]) != header.Crc)
                throw new MalformedFrameException($"the batch at offset {header.BaseOffset.Value} is damaged");
            if (BatchRecords.Open(batch, MostDecompressed, out var records) != CodecOutcome.Done)
                throw new MalformedFrameException($"the batch at offset {header.BaseOffset.Value} does not decompress");
            using (records)
            {
                var reader = records.Read();
                while (reader.TryRead(out _))
                    count++;
                if (reader.Fault != RecordFault.None)
                    throw new MalformedFrameException($"a record of the batch at {header.BaseOffset.Value} is damaged");
            }
        }

        return count;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> batch)
    {
        batch = default;
        if (bytes.Length < RecordBatch.HeaderSize)
            return false;
        var size = new RecordBatch(bytes).Size;
        if (size < RecordBatch.HeaderSize)
            throw new MalformedFrameException("a batch smaller than its header");
        if (size > bytes.Length)
            return false;
        batch = bytes[..size];
        bytes = bytes[size..];
        return true;
    }
}
