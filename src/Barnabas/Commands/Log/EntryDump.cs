using System.Buffers.Binary;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>Prints the files beside a segment, whose entries all have one size.</summary>
internal static class EntryDump
{
    private const int OffsetEntrySize = 8;
    private const int TimeEntrySize = 12;
    private const int TransactionEntrySize = 34;
    private const int ProducerEntrySize = 46;
    private const int SnapshotHeaderSize = 10;

    /// <summary>Prints an offset index.</summary>
    public static bool OffsetIndex(string path, DumpLines lines)
    {
        var (bytes, baseOffset) = (File.ReadAllBytes(path), Math.Max(0, LogFiles.BaseOffset(path)));
        var last = -1L;
        for (var at = 0; at + OffsetEntrySize <= bytes.Length; at += OffsetEntrySize)
        {
            var relative = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            var position = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 4));
            // While a segment is active its index is reserved ahead, filled with zeros.
            if (relative == 0 && position == 0 && IsZero(bytes, at))
                return true;
            lines.Entry("entry", 0, ("offset", baseOffset + relative), ("position", position));
            if (relative <= last)
                return lines.Damage(at, "offsets do not ascend");
            last = relative;
        }

        return bytes.Length % OffsetEntrySize == 0 || lines.Damage(bytes.Length, "the last entry is cut off");
    }

    /// <summary>Prints a time index.</summary>
    public static bool TimeIndex(string path, DumpLines lines)
    {
        var (bytes, baseOffset) = (File.ReadAllBytes(path), Math.Max(0, LogFiles.BaseOffset(path)));
        var last = long.MinValue;
        for (var at = 0; at + TimeEntrySize <= bytes.Length; at += TimeEntrySize)
        {
            var timestamp = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at));
            var relative = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 8));
            if (timestamp == 0 && IsZero(bytes, at))
                return true;
            lines.Entry("entry", 0, ("timestamp", timestamp), ("offset", baseOffset + relative));
            if (timestamp < last)
                return lines.Damage(at, "timestamps descend");
            last = timestamp;
        }

        return bytes.Length % TimeEntrySize == 0 || lines.Damage(bytes.Length, "the last entry is cut off");
    }

    /// <summary>Prints an index of aborted transactions.</summary>
    public static bool TransactionIndex(string path, DumpLines lines)
    {
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at + TransactionEntrySize <= bytes.Length; at += TransactionEntrySize)
        {
            var entry = bytes.AsSpan(at);
            if (BinaryPrimitives.ReadInt16BigEndian(entry) != 0)
                return lines.Damage(at, "an entry of another version than 0");
            lines.Entry(
                "aborted", 0, ("producer", BinaryPrimitives.ReadInt64BigEndian(entry[2..])),
                ("first", BinaryPrimitives.ReadInt64BigEndian(entry[10..])),
                ("last", BinaryPrimitives.ReadInt64BigEndian(entry[18..])),
                ("stable", BinaryPrimitives.ReadInt64BigEndian(entry[26..])));
        }

        return bytes.Length % TransactionEntrySize == 0 || lines.Damage(bytes.Length, "the last entry is cut off");
    }

    /// <summary>Prints a snapshot of producers.</summary>
    public static bool ProducerSnapshot(string path, DumpLines lines)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < SnapshotHeaderSize || BinaryPrimitives.ReadInt16BigEndian(bytes) != 1)
            return lines.Damage(0, "no snapshot of version 1");
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(2)) != Crc32C.Compute(bytes.AsSpan(6)))
            return lines.Damage(2, "the checksum does not match");
        var count = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(6));
        if (bytes.Length != SnapshotHeaderSize + ((long)count * ProducerEntrySize))
            return lines.Damage(6, $"{count} entries do not take {bytes.Length} bytes");
        for (var at = SnapshotHeaderSize; at < bytes.Length; at += ProducerEntrySize)
        {
            var entry = bytes.AsSpan(at);
            var open = BinaryPrimitives.ReadInt64BigEndian(entry[38..]);
            lines.Entry(
                "producer", 0, ("producer", BinaryPrimitives.ReadInt64BigEndian(entry)),
                ("producer-epoch", (int)BinaryPrimitives.ReadInt16BigEndian(entry[8..])),
                ("sequence", BinaryPrimitives.ReadInt32BigEndian(entry[10..])),
                ("offset", BinaryPrimitives.ReadInt64BigEndian(entry[14..])),
                ("delta", BinaryPrimitives.ReadInt32BigEndian(entry[22..])),
                ("timestamp", BinaryPrimitives.ReadInt64BigEndian(entry[26..])),
                ("coordinator-epoch", BinaryPrimitives.ReadInt32BigEndian(entry[34..])),
                ("open-from", open < 0 ? null : open));
        }

        return true;
    }

    private static bool IsZero(byte[] bytes, int from) => bytes.AsSpan(from).IndexOfAnyExcept((byte)0) < 0;
}
