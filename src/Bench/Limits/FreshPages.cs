using System.Runtime.InteropServices;

namespace Barnabas.Bench;

/// <summary>Gives the page cache memory that this machine really has. A hypervisor takes back what a guest leaves
/// free for some seconds, and the first touch of such a page costs ten times what writing it does: who writes
/// first would pay for who writes next. Runs that are compared begin with the same pages, and with a disk that
/// has nothing left to write.</summary>
public static partial class FreshPages
{
    private const long Size = 2L << 30;
    private const int Chunk = 1 << 20;

    /// <summary>Waits until all that was written is on disk, then fills and frees 2 GiB of the page cache. The
    /// hypervisor takes them back after some seconds: what is to have them begins at once.</summary>
    /// <param name="directory">Where: made before, and deleted after.</param>
    public static void Touch(string directory)
    {
        if (OperatingSystem.IsLinux())
            WriteAll();
        Directory.CreateDirectory(directory);
        var bytes = new byte[Chunk];
        var path = Path.Combine(directory, "touched");
        using (var file = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.Write, options: FileOptions.DeleteOnClose))
        {
            for (var at = 0L; at < Size; at += Chunk)
                RandomAccess.Write(file, bytes, at);
        }

        Directory.Delete(directory);
    }

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void WriteAll();
}
