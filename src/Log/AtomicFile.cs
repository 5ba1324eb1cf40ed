using System.Text;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>Small text files that are replaced as a whole: whoever reads one finds the old content or the
/// new.</summary>
internal static class AtomicFile
{
    /// <summary>No file of this kind is larger; one that is, is not read.</summary>
    private const int Largest = 1 << 28;

    /// <summary>Writes <paramref name="text"/> to <c>path.tmp</c>, syncs it, renames it over <paramref name="path"/>
    /// and syncs the directory: durable when it returns.</summary>
    public static void Write(IDisk disk, string path, string text)
    {
        var temporary = path + ".tmp";
        using (var file = disk.Open(temporary, OpenMode.ReadWrite))
        {
            file.SetLength(0);
            file.Write(0, Encoding.UTF8.GetBytes(text));
            file.Sync();
        }

        disk.Rename(temporary, path);
        disk.SyncDirectory(Path.GetDirectoryName(path) is { Length: > 0 } directory ? directory : ".");
    }

    /// <summary>The content; null where there is no file, or one too large to be of this kind.</summary>
    public static string? TryRead(IDisk disk, string path) => disk.FileExists(path) ? ReadFound(disk, path) : null;

    /// <summary>The content of a file that was seen in its directory; null for one too large to be of this
    /// kind.</summary>
    public static string? ReadFound(IDisk disk, string path)
    {
        using var file = disk.Open(path, OpenMode.Read);
        var length = file.Length;
        if (length > Largest)
            return null;
        var bytes = new byte[length];
        var read = file.Read(0, bytes);
        return Encoding.UTF8.GetString(bytes, 0, read);
    }
}
