using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Barnabas.Bench;

/// <summary>What the disk allows: writes of 4 KiB behind each other into a file that has its room, each of them
/// brought to the disk.</summary>
public static partial class SyncLimit
{
    private const int Size = 4096;
    private const long Room = 64 << 20;

    /// <summary>Appends and syncs for some time.</summary>
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
                if (!OperatingSystem.IsLinux())
                    RandomAccess.FlushToDisk(file);
                else if (SyncData(file) != 0)
                    throw new IOException($"fdatasync failed in {directory}");
                taken.Record(Stopwatch.GetElapsedTime(from));
            }
        }

        Directory.Delete(directory, recursive: true);
        return taken;
    }

    [LibraryImport("libc", EntryPoint = "fdatasync")]
    private static partial int SyncData(SafeFileHandle file);
}
