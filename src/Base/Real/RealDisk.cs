using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace Barnabas.Base.Real;

/// <summary>The machine's file systems.</summary>
#pragma warning disable RS0030 // The one place where files are touched.
public sealed unsafe class RealDisk : IDisk
{
    private const int Flushers = 8;
    private const int Permissions = 0x1a4; // rw-r--r--
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
    };

    private readonly WorkThreads _flushers = new("flush", Flushers);

    /// <inheritdoc/>
    public DiskFile Open(string path, OpenMode mode)
    {
        var flags = mode switch
        {
            OpenMode.Read => Libc.ReadOnly,
            OpenMode.ReadWrite => Libc.ReadWrite | Libc.Create,
            OpenMode.CreateNew => Libc.ReadWrite | Libc.Create | Libc.Exclusive,
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        return new RealFile(path, OpenHandle(path, flags), _flushers);
    }

    /// <inheritdoc/>
    public DiskFile OpenLater(string path) =>
        new RealFile(path, static path => OpenHandle(path, Libc.ReadWrite), _flushers);

    /// <inheritdoc/>
    public bool FileExists(string path) => File.Exists(path) || (IsThere(path) && !Directory.Exists(path));

    /// <inheritdoc/>
    public bool DirectoryExists(string path) =>
        Directory.Exists(path) || (IsThere(path) && !File.Exists(path));

    /// <inheritdoc/>
    public IReadOnlyList<DiskEntry> List(string directory)
    {
        try
        {
            var entries = new FileSystemEnumerable<DiskEntry>(directory, ToEntry, Everything).ToArray();
            Array.Sort(entries, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (UnauthorizedAccessException refused)
        {
            throw Errno.Fault(refused);
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw Errno.Fault(refused);
        }
        catch (IOException refused) when (Errno.IsFull(refused.HResult))
        {
            throw new DiskFullException(refused.Message);
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        if (Libc.Rename(from, to) != 0)
            throw Errno.Fault("rename", $"{from} -> {to}");
    }

    /// <inheritdoc/>
    public void DeleteFile(string path)
    {
        if (Libc.Unlink(path) != 0 && Errno.Last != Errno.NoEntry)
            throw Errno.Fault("unlink", path);
    }

    /// <inheritdoc/>
    public void DeleteDirectory(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw Errno.Fault(refused);
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        using var handle = OpenHandle(path, Libc.ReadOnly | Libc.DirectoryOnly);
        int result;
        do
            result = Libc.Sync(handle);
        while (Errno.IsInterrupted(result));
        if (result != 0)
            throw Errno.Fault("fsync", path);
    }

    /// <inheritdoc/>
    /// <remarks>A lock of the open file description: two holders in one process exclude each other too, and
    /// so does Apache Kafka, whose lock is of the same family.</remarks>
    public IDisposable? TryLock(string path)
    {
        var handle = OpenHandle(path, Libc.ReadWrite | Libc.Create);
        var whole = new Libc.FileLock { Type = Libc.WriteLock };
        if (Libc.Control(handle, Libc.OpenFileDescriptionSetLock, &whole) == 0)
            return handle;
        var taken = Errno.Last is Errno.Again or Denied;
        var fault = Errno.Fault("lock", path);
        handle.Dispose();
        return taken ? null : throw fault;
    }

    /// <inheritdoc/>
    public (long Total, long Free) Space(string path)
    {
        Libc.FileSystemState state;
        if (Libc.FileSystem(path, &state) != 0)
            throw Errno.Fault("statvfs", path);
        var size = state.FragmentSize;
        return ((long)(state.Blocks * size), (long)(state.AvailableBlocks * size));
    }

    private const int Denied = 13;

    private static SafeFileHandle OpenHandle(string path, int flags)
    {
        int descriptor;
        do
            descriptor = Libc.Open(path, flags | Libc.CloseOnExec, Permissions);
        while (Errno.IsInterrupted(descriptor));
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw Errno.Fault("open", path);
    }

    // The runtime answers "no" also when it could not look: a log must not seem absent because its disk
    // fails.
    private static bool IsThere(string path)
    {
        if (Libc.Access(path, 0) == 0)
            return true;
        return Errno.Last is Errno.NoEntry or Errno.NoDirectory ? false : throw Errno.Fault("access", path);
    }

    private static DiskEntry ToEntry(ref FileSystemEntry entry) => new(
        entry.FileName.ToString(),
        entry.IsDirectory && (entry.Attributes & FileAttributes.ReparsePoint) == 0);
}
#pragma warning restore RS0030
