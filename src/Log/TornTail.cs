using System.Buffers;
using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>Tells bytes that a crash kept from the disk from bytes that were damaged on it.</summary>
/// <remarks>Both may stand where nobody knows what was synced. A crash loses sectors, which then are zeros, or the
/// end of the file; nothing whole follows, or a lost sector lies before it. Damage leaves the batches behind it
/// whole.</remarks>
internal static class TornTail
{
    private const int SectorSize = 512;
    private const int PieceSize = 1 << 20;

    /// <summary>True when the bad bytes from <paramref name="position"/> on are what a crash leaves.</summary>
    /// <param name="file">The log file.</param>
    /// <param name="position">Where the first bad batch begins.</param>
    /// <param name="orderFaultSize">Its size where it is whole but for its offset, which no checksum covers;
    /// else 0.</param>
    /// <param name="length">The file's length.</param>
    /// <param name="expected">The offset the batch should begin with, or one above it.</param>
    public static bool IsTorn(DiskFile file, int position, int orderFaultSize, int length, long expected)
    {
        if (orderFaultSize > 0)
            return HasLostSector(file, position, position + orderFaultSize, expected);
        var next = NextWholeBatch(file, position, length, expected);
        return next < 0 || HasLostSector(file, position, next, expected);
    }

    /// <summary>Where the first whole batch after the bad one begins; -1 when there is none.</summary>
    private static int NextWholeBatch(DiskFile file, int position, int length, long expected)
    {
        Span<byte> header = stackalloc byte[RecordBatch.HeaderSize];
        if (file.Read(position, header) == header.Length)
        {
            var size = new RecordBatch(header).Size;
            if (size >= RecordBatch.HeaderSize && size < length - position
                && IsWhole(file, position + size, length, expected, out _))
            {
                return position + size;
            }
        }

        return Search(file, position + 1, length, expected);
    }

    /// <summary>Searches for batches that follow each other up to the file's very end. Less is no proof: the records
    /// of a batch may themselves hold batches.</summary>
    private static int Search(DiskFile file, int start, int length, long expected)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            for (var at = start; at + RecordBatch.HeaderSize <= length; at += PieceSize - RecordBatch.HeaderSize)
            {
                var read = file.Read(at, piece.AsSpan(0, Math.Min(PieceSize, length - at)));
                for (var i = 0; i + RecordBatch.HeaderSize <= read; i++)
                {
                    if (LooksLikeBatch(piece.AsSpan(i, RecordBatch.HeaderSize), length - at - i, expected)
                        && ReachesEnd(file, at + i, length, expected))
                    {
                        return at + i;
                    }
                }
            }

            return -1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static bool LooksLikeBatch(ReadOnlySpan<byte> header, int left, long expected)
    {
        if (header[RecordBatch.MagicPosition] != 2)
            return false;
        var batch = new RecordBatch(header);
        return batch.Size >= RecordBatch.HeaderSize && batch.Size <= left && batch.LastOffsetDelta >= 0
            && batch.BaseOffset.Value >= expected && batch.BaseOffset.Value - expected <= int.MaxValue;
    }

    private static bool ReachesEnd(DiskFile file, int position, int length, long expected)
    {
        while (position < length)
        {
            if (!IsWhole(file, position, length, expected, out var size))
                return false;
            position += size;
        }

        return true;
    }

    private static bool IsWhole(DiskFile file, int position, int length, long expected, out int size)
    {
        size = 0;
        Span<byte> header = stackalloc byte[RecordBatch.HeaderSize];
        if (file.Read(position, header) < header.Length || !LooksLikeBatch(header, length - position, expected))
            return false;
        using var scan = new CheckedScan(file, position, position + new RecordBatch(header).Size, expected - 1);
        if (!scan.MoveNext())
            return false;
        size = scan.Batch.Length;
        return true;
    }

    /// <summary>True when a whole sector, or a part of one, of the bad bytes is nothing but zeros.</summary>
    private static bool HasLostSector(DiskFile file, int start, int end, long expected)
    {
        Span<byte> sector = stackalloc byte[SectorSize];
        for (var at = start; at < end;)
        {
            var stop = Math.Min((at / SectorSize + 1) * SectorSize, end);
            var bytes = sector[..(stop - at)];
            if (file.Read(at, bytes) < bytes.Length)
                return true;
            if (!bytes.ContainsAnyExcept((byte)0) && !IsRightfullyZero(bytes.Length, at == start, expected))
                return true;
            at = stop;
        }

        return false;
    }

    /// <summary>A batch begins with the upper bytes of its offset, which may well be zeros.</summary>
    private static bool IsRightfullyZero(int count, bool isStart, long expected)
    {
        if (!isStart)
            return count < 8;
        Span<byte> offset = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(offset, expected);
        return count < 8 && !offset[..count].ContainsAnyExcept((byte)0);
    }
}
