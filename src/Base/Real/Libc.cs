using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Barnabas.Base.Real;

/// <summary>The system calls that the product makes itself, on Linux.</summary>
/// <remarks>The runtime's own flush reports success when fsync failed, its open takes advisory locks, and it
/// has no gathered positional write that reports what the kernel said. So files go through here, and so does
/// sendfile.</remarks>
internal static unsafe partial class Libc
{
    internal const int ReadOnly = 0;
    internal const int ReadWrite = 2;
    internal const int Create = 0x40;
    internal const int Exclusive = 0x80;
    internal const int CloseOnExec = 0x80000;
    internal const int KeepSize = 1;
    internal const int DoNotNeed = 4;
    internal const int SeekEnd = 2;
    internal const int NoSignal = 0x4000;
    internal const int DontWait = 0x40;
    internal const int More = 0x8000;
    internal const int Tcp = 6;
    internal const int Cork = 3;
    internal const int OpenFileDescriptionSetLock = 37;
    internal const short WriteLock = 1;

    private const string Library = "libc";

    /// <summary>O_DIRECTORY, whose number differs between processors.</summary>
    internal static int DirectoryOnly =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000;

    [LibraryImport(
        Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int permissions);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint ReadAt(SafeFileHandle file, byte* into, nuint count, long position);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint WriteAt(SafeFileHandle file, byte* bytes, nuint count, long position);

    [LibraryImport(Library, EntryPoint = "pwritev", SetLastError = true)]
    internal static partial nint WriteAt(SafeFileHandle file, IoVector* vectors, int count, long position);

    [LibraryImport(Library, EntryPoint = "preadv2", SetLastError = true)]
    internal static partial nint ReadAt(
        SafeFileHandle file, IoVector* vectors, int count, long position, int flags);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(SafeFileHandle file, long length);

    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Allocate(SafeFileHandle file, int mode, long position, long length);

    /// <summary>Answers with the error itself, not through errno.</summary>
    [LibraryImport(Library, EntryPoint = "posix_fadvise")]
    internal static partial int Advise(SafeFileHandle file, long position, long length, int advice);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int SyncData(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(SafeFileHandle file, int command, FileLock* region);

    [LibraryImport(
        Library, EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Access(string path, int mode);

    [LibraryImport(
        Library, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Rename(string from, string to);

    [LibraryImport(
        Library, EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unlink(string path);

    [LibraryImport(
        Library, EntryPoint = "statvfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int FileSystem(string path, FileSystemState* state);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    internal static partial nint Send(SafeHandle socket, byte* bytes, nuint count, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    internal static partial nint Send(SafeHandle socket, Message* message, int flags);

    [LibraryImport(Library, EntryPoint = "sendfile", SetLastError = true)]
    internal static partial nint SendFile(
        SafeHandle socket, SafeFileHandle file, long* position, nuint count);

    [LibraryImport(Library, EntryPoint = "setsockopt")]
    internal static partial int SetOption(SafeHandle socket, int level, int option, int* value, int size);

    [LibraryImport(Library, EntryPoint = "getrandom", SetLastError = true)]
    internal static partial nint Random(Span<byte> into, nuint count, uint flags);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>struct msghdr, on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Message
    {
        public void* Name;
        public int NameLength;
        public IoVector* Vectors;
        public nuint Count;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct flock, on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }

    /// <summary>struct statvfs, on 64-bit systems, and room for more behind it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    internal struct FileSystemState
    {
        public ulong BlockSize;
        public ulong FragmentSize;
        public ulong Blocks;
        public ulong FreeBlocks;
        public ulong AvailableBlocks;
    }
}
