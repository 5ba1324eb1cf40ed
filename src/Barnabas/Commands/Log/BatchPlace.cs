using System.Buffers.Binary;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>A batch in a segment, as its header has it.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="First">Its first offset.</param>
/// <param name="Last">Its last offset.</param>
/// <param name="MaxTimestamp">Its largest timestamp in ms; -1 for none.</param>
internal readonly record struct BatchPlace(long Position, long First, long Last, long MaxTimestamp)
{
    private const int OldTimestampPosition = 18;

    /// <summary>Reads a header. An entry of formats 0 and 1 counts as a batch of one offset, the last one it
    /// holds.</summary>
    /// <returns>Null where the header is no format's.</returns>
    public static BatchPlace? Read(ReadOnlySpan<byte> bytes, long position)
    {
        var magic = bytes[RecordBatch.MagicPosition];
        if (magic == 2 && bytes.Length >= RecordBatch.HeaderSize)
        {
            var batch = new RecordBatch(bytes);
            return new(position, batch.BaseOffset.Value, batch.LastOffset.Value, batch.MaxTimestamp);
        }

        if (magic > 1 || bytes.Length < OldTimestampPosition + sizeof(long))
            return null;
        var offset = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var timestamp = magic == 1 ? BinaryPrimitives.ReadInt64BigEndian(bytes[OldTimestampPosition..]) : -1;
        return new(position, offset, offset, timestamp);
    }
}
