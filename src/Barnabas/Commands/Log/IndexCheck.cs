using System.Buffers.Binary;

namespace Barnabas.Cli.Commands;

/// <summary>Holds a segment's indexes against its batches.</summary>
internal static class IndexCheck
{
    private const int OffsetEntrySize = 8;
    private const int TimeEntrySize = 12;

    /// <summary>Every entry of an offset index must point at a batch that begins there and holds its offset.</summary>
    /// <returns>How many entries there are, and the first that does not fit; null where all do.</returns>
    public static (int Entries, (long At, string How)? Fault) Offsets(
        string path, long baseOffset, IReadOnlyList<BatchPlace> batches)
    {
        var (bytes, count) = Read(path, OffsetEntrySize);
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = bytes.AsSpan(i * OffsetEntrySize, OffsetEntrySize);
            var offset = baseOffset + BinaryPrimitives.ReadInt32BigEndian(entry);
            var position = BinaryPrimitives.ReadInt32BigEndian(entry[4..]);
            while (at < batches.Count && batches[at].Position < position)
                at++;
            if (at == batches.Count || batches[at].Position != position)
                return (count, (i * OffsetEntrySize, $"offset {offset} is sent to {position}, where no batch begins"));
            if (offset < batches[at].First || offset > batches[at].Last)
                return (count, (i * OffsetEntrySize, $"offset {offset} is not in the batch at {position}"));
        }

        return (count, null);
    }

    /// <summary>Every entry of a time index must name the largest timestamp up to its offset.</summary>
    /// <returns>How many entries there are, and the first that does not fit; null where all do.</returns>
    public static (int Entries, (long At, string How)? Fault) Times(
        string path, long baseOffset, IReadOnlyList<BatchPlace> batches)
    {
        var (bytes, count) = Read(path, TimeEntrySize);
        var (at, largest) = (0, -1L);
        for (var i = 0; i < count; i++)
        {
            var entry = bytes.AsSpan(i * TimeEntrySize, TimeEntrySize);
            var timestamp = BinaryPrimitives.ReadInt64BigEndian(entry);
            var offset = baseOffset + BinaryPrimitives.ReadInt32BigEndian(entry[8..]);
            while (at < batches.Count && batches[at].First <= offset)
                largest = Math.Max(largest, batches[at++].MaxTimestamp);
            if (at == batches.Count && (at == 0 || offset > batches[at - 1].Last))
                return (count, (i * TimeEntrySize, $"offset {offset} lies behind the last batch"));
            if (timestamp != largest)
                return (count, (i * TimeEntrySize, $"{timestamp} at offset {offset}, where the largest is {largest}"));
        }

        return (count, null);
    }

    // While a segment is active its indexes are reserved ahead: zeros behind the last entry are none.
    private static (byte[] Bytes, int Count) Read(string path, int entrySize)
    {
        var bytes = File.ReadAllBytes(path);
        var end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        return (bytes, (end + entrySize - 1) / entrySize);
    }
}
