using Microsoft.Win32.SafeHandles;

namespace Barnabas.Base.Real;

/// <summary>A file of the machine, by positional system calls.</summary>
/// <remarks>Once a sync has failed the file is never again reported durable: the kernel drops the pages it
/// could not write and says yes the next time.</remarks>
public sealed unsafe class RealFile : DiskFile
{
    private const int NoWait = 8;

    /// <summary>The pages that Linux caches in one piece at most (MAX_PAGECACHE_ORDER).</summary>
    private const int LargestFolio = 1 << 11;
    private readonly WorkThreads _flushers;
    private readonly string _path;
    private readonly Func<string, SafeFileHandle>? _open;
    private SafeFileHandle? _handle;
    private volatile IOException? _syncFault;

    internal RealFile(string path, SafeFileHandle handle, WorkThreads flushers) =>
        (_path, _handle, _flushers) = (path, handle, flushers);

    internal RealFile(string path, Func<string, SafeFileHandle> open, WorkThreads flushers) =>
        (_path, _open, _flushers) = (path, open, flushers);

    /// <inheritdoc/>
    public override string Path => _path;

    /// <summary>The descriptor, for calls that send from the file.</summary>
    public SafeFileHandle Handle => Volatile.Read(ref _handle) ?? OpenNow();

    /// <inheritdoc/>
    public override long Length
    {
        get
        {
            if (Volatile.Read(ref _handle) is not { } handle)
                return LengthOf(_path);
            var length = Libc.Seek(handle, 0, Libc.SeekEnd);
            return length >= 0 ? length : throw Errno.Fault("lseek", _path);
        }
    }

    /// <inheritdoc/>
    public override int Read(long position, Span<byte> into)
    {
        var read = 0;
        fixed (byte* start = into)
        {
            while (read < into.Length)
            {
                var count = Libc.ReadAt(Handle, start + read, (nuint)(into.Length - read), position + read);
                if (count == 0)
                    break;
                if (count > 0)
                    read += (int)count;
                else if (!Errno.IsInterrupted(count))
                    throw Errno.Fault("pread", _path);
            }
        }

        return read;
    }

    /// <inheritdoc/>
    public override void Write(long position, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var written = 0; written < bytes.Length;)
            {
                var left = (nuint)(bytes.Length - written);
                written += Written(Libc.WriteAt(Handle, start + written, left, position + written));
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        var (at, skip) = (0, 0);
        while (at < buffers.Count)
        {
            if (at == buffers.Count - 1)
            {
                Write(position, buffers[at].Span[skip..]);
                return;
            }

            var written = WriteSome(position, buffers, at, skip);
            position += written;
            Gather.Advance(buffers, written, ref at, ref skip);
        }
    }

    /// <inheritdoc/>
    public override void Sync()
    {
        if (_syncFault is { } before)
            throw new IOException($"fdatasync {_path} failed before: {before.Message}", before);
        int result;
        do
            result = Libc.SyncData(Handle);
        while (Errno.IsInterrupted(result));
        if (result != 0)
            throw _syncFault = Errno.Fault("fdatasync", _path);
    }

    /// <inheritdoc/>
    public override Task SyncAsync() => _flushers.RunAsync(() =>
    {
        Sync();
        return true;
    });

    /// <inheritdoc/>
    public override void SetLength(long length)
    {
        if (Libc.Truncate(Handle, length) != 0)
            throw Errno.Fault("ftruncate", _path);
    }

    /// <inheritdoc/>
    public override void Preallocate(long position, long length)
    {
        if (Libc.Allocate(Handle, Libc.KeepSize, position, length) == 0)
            return;
        if (Errno.Last is not (Errno.NotSupported or Errno.NoSuchCall or Errno.Invalid or Errno.Interrupted))
            throw Errno.Fault("fallocate", _path);
    }

    /// <inheritdoc/>
    /// <remarks>The kernel keeps whatever it holds in one piece of which only a part is named, and since Linux 6.16
    /// ext4 holds many pages in one piece, as XFS long has; hence from where the largest could begin.</remarks>
    public override void ForgetCached(long position) => _ = Libc.Advise(
        Handle, position & -((long)LargestFolio * Environment.SystemPageSize), 0, Libc.DoNotNeed);

    /// <summary>True when the bytes at both ends of a stretch can be had from memory: sending it will hardly
    /// block.</summary>
    public bool SeemsCached(long position, long length) =>
        IsCached(position) && IsCached(position + length - 1);

    /// <inheritdoc/>
    protected override bool IsOpen()
    {
        try
        {
            return Handle is not null;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    protected override void Close() => _handle?.Dispose();

    private static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (UnauthorizedAccessException refused)
        {
            throw Errno.Fault(refused);
        }
    }

    // Readers of several lanes may come first at once.
    private SafeFileHandle OpenNow()
    {
        var opened = _open!(_path);
        if (Interlocked.CompareExchange(ref _handle, opened, null) is not { } first)
            return opened;
        opened.Dispose();
        return first;
    }

    private bool IsCached(long position)
    {
        byte found;
        var vector = new Libc.IoVector { Start = &found, Length = 1 };
        return Libc.ReadAt(Handle, &vector, 1, position, NoWait) >= 0 || Errno.Last != Errno.Again;
    }

    private int WriteSome(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers, int at, int skip)
    {
        var vectors = stackalloc Libc.IoVector[Gather.Most];
        var count = Gather.Count(buffers, at);
        var pins = Gather.Pin(buffers, at, skip, vectors);
        try
        {
            return Written(Libc.WriteAt(Handle, vectors, count, position));
        }
        finally
        {
            Gather.Unpin(pins, count);
        }
    }

    private int Written(nint result)
    {
        if (result >= 0)
            return (int)result;
        return Errno.Last == Errno.Interrupted ? 0 : throw Errno.Fault("pwrite", _path);
    }
}
