using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Barnabas.Bench;

/// <summary>What the disk allows: small writes, each of them brought to the disk, and many bytes at once.</summary>
public static partial class SyncLimit
{
    private const int Size = 4096;
    private const long Room = 64 << 20;
    private const int Piece = 1 << 20;
    private const int Pieces = 256;

    /// <summary>How many bytes the disk takes in a second: 256 MiB in one file, synced once.</summary>
    /// <param name="directory">Where: made before, and deleted after.</param>
    /// <returns>MB/s.</returns>
    public static double MeasureThroughput(string directory)
    {
        Directory.CreateDirectory(directory);
        var bytes = new byte[Piece];
        new Random(1).NextBytes(bytes);
        TimeSpan taken;
        using (var file = File.OpenHandle(
            Path.Combine(directory, "written"), FileMode.CreateNew, FileAccess.ReadWrite,
            preallocationSize: Pieces * (long)Piece))
        {
            var begun = Stopwatch.GetTimestamp();
            for (var i = 0; i < Pieces; i++)
                RandomAccess.Write(file, bytes, i * (long)Piece);
            Sync(file, directory);
            taken = Stopwatch.GetElapsedTime(begun);
        }

        Directory.Delete(directory, recursive: true);
        return Pieces * (double)Piece / 1e6 / taken.TotalSeconds;
    }

    /// <summary>Writes 4 KiB behind each other into a file that has its room, and syncs each, for some time.</summary>
    /// <param name="directory">Where: made before, and deleted after.</param>
    /// <param name="duration">For how long.</param>
    /// <returns>How long a write with its sync took.</returns>
    public static Histogram Measure(string directory, TimeSpan duration)
    {
        Directory.CreateDirectory(directory);
        var taken = new Histogram();
        var bytes = new byte[Size];
        // A file that grows waits for what others write, too, as the file system's journal has it.
        using (var file = File.OpenHandle(
            Path.Combine(directory, "synced"), FileMode.CreateNew, FileAccess.ReadWrite, preallocationSize: Room))
        {
            RandomAccess.SetLength(file, Room);
            RandomAccess.FlushToDisk(file);
            var begun = Stopwatch.GetTimestamp();
            for (var at = 0L; Stopwatch.GetElapsedTime(begun) < duration; at += Size)
            {
                var from = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, bytes, at % Room);
                Sync(file, directory);
                taken.Record(Stopwatch.GetElapsedTime(from));
            }
        }

        Directory.Delete(directory, recursive: true);
        return taken;
    }

    private static void Sync(SafeFileHandle file, string directory)
    {
        if (!OperatingSystem.IsLinux())
            RandomAccess.FlushToDisk(file);
        else if (SyncData(file) != 0)
            throw new IOException($"fdatasync failed in {directory}");
    }

    [LibraryImport("libc", EntryPoint = "fdatasync")]
    private static partial int SyncData(SafeFileHandle file);
}
