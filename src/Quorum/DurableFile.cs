using Barnabas.Base;

namespace Barnabas.Quorum;

/// <summary>Small files that are replaced whole: after a crash there is the old content or the new.</summary>
internal static class DurableFile
{
    /// <summary>Replaces a file: by a temporary one, synced, renamed, its directory synced.</summary>
    public static void Replace(IDisk disk, string path, string temporary, IReadOnlyList<ReadOnlyMemory<byte>> content)
    {
        using (var file = disk.Open(temporary, OpenMode.ReadWrite))
        {
            file.SetLength(0);
            file.Write(0, content);
            file.Sync();
        }

        disk.Rename(temporary, path);
        disk.SyncDirectory(DirectoryOf(path));
    }

    /// <summary>All bytes of a file; null where there is none.</summary>
    public static byte[]? Read(IDisk disk, string path)
    {
        if (!disk.FileExists(path))
            return null;
        using var file = disk.Open(path, OpenMode.Read);
        var bytes = new byte[checked((int)file.Length)];
        var read = file.Read(0, bytes);
        return read == bytes.Length ? bytes : throw new IOException($"{path} changed while it was read");
    }

    /// <summary>The directory a file is in.</summary>
    public static string DirectoryOf(string path) =>
        Path.GetDirectoryName(path) is { Length: > 0 } above ? above : ".";
}
