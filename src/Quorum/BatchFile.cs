using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Quorum;

/// <summary>Reads the batches of a segment or snapshot one by one and checks each before it gives it.</summary>
/// <param name="file">The file; the caller closes it.</param>
internal sealed class BatchFile(DiskFile file)
{
    private const int CrcCoversFrom = 21;
    private const int ChunkSize = 1 << 20;

    /// <summary>The bytes of the file.</summary>
    public long Length { get; } = file.Length;

    /// <summary>Reads the batch at <paramref name="position"/>.</summary>
    /// <param name="position">Where it begins; below <see cref="Length"/>.</param>
    /// <param name="batch">The whole batch, checked.</param>
    /// <param name="fault">What is wrong there, in a clause; null where nothing is.</param>
    public bool TryRead(long position, [NotNullWhen(true)] out byte[]? batch, [NotNullWhen(false)] out string? fault)
    {
        batch = null;
        Span<byte> header = stackalloc byte[RecordBatch.HeaderSize];
        if (Length - position < header.Length)
        {
            fault = "the file ends within a batch's header";
            return false;
        }

        ReadAt(position, header);
        var view = new RecordBatch(header);
        fault = view switch
        {
            { Magic: not 2 } => $"the magic byte is {view.Magic}, not 2",
            { Size: < RecordBatch.HeaderSize } => "the batch claims to be shorter than its header",
            _ when view.Size > Length - position => "the file ends within a batch",
            { LastOffsetDelta: < 0 } => "the batch ends before it begins",
            _ => null,
        };
        if (fault is not null)
            return false;

        var bytes = new byte[view.Size];
        ReadAt(position, bytes);
        if (Crc32C.Compute(bytes.AsSpan(CrcCoversFrom)) != view.Crc)
        {
            fault = "the batch's checksum does not match";
            return false;
        }

        batch = bytes;
        return true;
    }

    /// <summary>Looks behind damage for a batch that is whole: then the damage is not the end of a write cut
    /// short.</summary>
    /// <param name="position">Where the damage begins.</param>
    /// <param name="expected">The offset that was due there: a batch behind it has a higher one.</param>
    public bool HasBatchAfter(long position, long expected)
    {
        var chunk = new byte[Math.Min(ChunkSize, Length - position)];
        var step = chunk.Length - RecordBatch.HeaderSize + 1;
        for (var at = position + 1; Length - at >= RecordBatch.HeaderSize; at += step)
        {
            var size = (int)Math.Min(chunk.Length, Length - at);
            ReadAt(at, chunk.AsSpan(0, size));
            for (var i = 0; size - i >= RecordBatch.HeaderSize; i++)
            {
                if (MayBegin(chunk.AsSpan(i, size - i), expected) && TryRead(at + i, out _, out _))
                    return true;
            }

            if (size < RecordBatch.HeaderSize || at + size >= Length)
                break;
        }

        return false;
    }

    private static bool MayBegin(ReadOnlySpan<byte> bytes, long expected) =>
        bytes[RecordBatch.MagicPosition] == 2
        && BinaryPrimitives.ReadInt64BigEndian(bytes) > expected
        && BinaryPrimitives.ReadInt64BigEndian(bytes) - expected < int.MaxValue;

    private void ReadAt(long position, Span<byte> into)
    {
        var read = file.Read(position, into);
        if (read != into.Length)
            throw new IOException($"{file.Path} became shorter while it was read");
    }
}
