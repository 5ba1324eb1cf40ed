using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary>Writes the sparse indexes of a segment as a broker would: a batch gets an entry when more than the interval
/// lies between it and the last batch that got one, and the time index ends with the largest timestamp.</summary>
internal static class IndexBuilder
{
    private const int OffsetEntrySize = 8;
    private const int TimeEntrySize = 12;

    /// <summary>Writes both files, each beside its place first and then renamed.</summary>
    /// <returns>How many entries they have.</returns>
    /// <exception cref="CliException">A broker runs on the data directory.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static (int Offsets, int Times) Write(
        IDisk disk, string path, IReadOnlyList<BatchPlace> batches, int interval)
    {
        using var held = Hold(disk, Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(path))!)!);
        var (offsets, times) = Build(LogFiles.BaseOffset(path), batches, interval);
        Replace(disk, Path.ChangeExtension(path, ".index"), offsets);
        Replace(disk, Path.ChangeExtension(path, ".timeindex"), times);
        return (offsets.Length / OffsetEntrySize, times.Length / TimeEntrySize);
    }

    /// <summary>The bytes of both files.</summary>
    internal static (byte[] Offsets, byte[] Times) Build(
        long baseOffset, IReadOnlyList<BatchPlace> batches, int interval)
    {
        var (offsets, times) = (new List<byte>(), new List<byte>());
        var largest = (Timestamp: -1L, Offset: 0L);
        var (indexed, timed) = (0L, -1L);
        foreach (var batch in batches)
        {
            if (batch.MaxTimestamp > largest.Timestamp)
                largest = (batch.MaxTimestamp, batch.Last);
            if (batch.Position - indexed <= interval)
                continue;
            Add(offsets, (int)(batch.Last - baseOffset));
            Add(offsets, (int)batch.Position);
            Time();
            indexed = batch.Position;
        }

        Time();
        return ([.. offsets], [.. times]);

        void Time()
        {
            if (largest.Timestamp <= timed)
                return;
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(bytes, largest.Timestamp);
            times.AddRange(bytes);
            Add(times, (int)(largest.Offset - baseOffset));
            timed = largest.Timestamp;
        }
    }

    private static void Add(List<byte> to, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        to.AddRange(bytes);
    }

    private static void Replace(IDisk disk, string path, byte[] bytes)
    {
        var beside = path + ".tmp";
        using (var file = disk.Open(beside, OpenMode.ReadWrite))
        {
            file.SetLength(0);
            file.Write(0, bytes);
            file.Sync();
        }

        disk.Rename(beside, path);
        disk.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Takes the data directory's lock, which a running broker has; null where there is none.</summary>
    private static IDisposable? Hold(IDisk disk, string directory)
    {
        var path = Path.Combine(directory, ".lock");
        if (!disk.FileExists(path))
            return null;
        return disk.TryLock(path)
            ?? throw new CliException(ExitCode.Conflict, $"a broker runs on '{directory}'\nstop it first");
    }
}
