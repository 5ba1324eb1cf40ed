namespace Barnabas.Base;

/// <summary>The disk seam: every file the product touches goes through here.</summary>
/// <remarks>All members throw <see cref="IOException"/> when the machine refuses, and then alone. Paths are absolute or
/// relative to the process; the product never follows a name that came from the wire unchecked.</remarks>
public interface IDisk
{
    /// <summary>Opens a file; with <see cref="OpenMode.ReadWrite"/> it is made if absent.</summary>
    DiskFile Open(string path, OpenMode mode);

    /// <summary>A file that is there, to be read and written: it is opened by the first use that needs more than its
    /// length.</summary>
    DiskFile OpenLater(string path) => Open(path, OpenMode.ReadWrite);

    /// <summary>True when a file is there.</summary>
    bool FileExists(string path);

    /// <summary>True when a directory is there.</summary>
    bool DirectoryExists(string path);

    /// <summary>The entries of a directory, by name in ordinal order.</summary>
    IReadOnlyList<DiskEntry> List(string directory);

    /// <summary>Makes a directory and those above it; does nothing where it exists.</summary>
    void CreateDirectory(string path);

    /// <summary>Renames a file or directory, replacing a file of the new name.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; does nothing where there is none.</summary>
    void DeleteFile(string path);

    /// <summary>Deletes a directory and all in it.</summary>
    void DeleteDirectory(string path);

    /// <summary>Makes creations, renames and deletions in a directory durable (fsync of the directory).</summary>
    void SyncDirectory(string path);

    /// <summary>Takes an exclusive lock by a file that stays; null when another holder, of any process, has
    /// it.</summary>
    IDisposable? TryLock(string path);

    /// <summary>Total and free bytes of the file system that holds <paramref name="path"/>.</summary>
    (long Total, long Free) Space(string path);
}

/// <summary>How a file is opened.</summary>
public enum OpenMode
{
    /// <summary>It must exist and is only read.</summary>
    Read,

    /// <summary>Read and written; made if absent.</summary>
    ReadWrite,

    /// <summary>Read and written; must not exist yet.</summary>
    CreateNew,
}

/// <summary>A name in a directory.</summary>
/// <param name="Name">The name alone, without its directory.</param>
/// <param name="IsDirectory">True for a directory; links are reported as files and never followed.</param>
public readonly record struct DiskEntry(string Name, bool IsDirectory);
