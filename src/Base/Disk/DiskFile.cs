namespace Barnabas.Base;

/// <summary>An open file, counted: it closes when its owner has disposed it and no response still sends from
/// it.</summary>
/// <remarks>Reads, writes and sizes may be used from several threads at once; the caller sees to it that they do not
/// overlap. All members but the counting ones throw <see cref="IOException"/> when the machine refuses.</remarks>
public abstract class DiskFile : IDisposable
{
    private int _holders = 1;

    /// <summary>The path it was opened by.</summary>
    public abstract string Path { get; }

    /// <summary>The size in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Reads at <paramref name="position"/> until <paramref name="into"/> is full or the file ends.</summary>
    /// <returns>The bytes read.</returns>
    public abstract int Read(long position, Span<byte> into);

    /// <summary>Writes all of <paramref name="bytes"/> at <paramref name="position"/>.</summary>
    public abstract void Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Writes all the buffers, one after the other, from <paramref name="position"/> on, in one gathered write
    /// where the machine can.</summary>
    public abstract void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers);

    /// <summary>Makes what was written durable (fdatasync), checked: returning means the disk said yes.</summary>
    public abstract void Sync();

    /// <summary>As <see cref="Sync"/>, off the caller's lane.</summary>
    public abstract Task SyncAsync();

    /// <summary>Cuts or extends the file.</summary>
    public abstract void SetLength(long length);

    /// <summary>Reserves disk blocks beyond the end without changing the size; does nothing where the file system
    /// cannot.</summary>
    public abstract void Preallocate(long position, long length);

    /// <summary>Has what lies from <paramref name="position"/> on read from the disk the next time, unless it was
    /// written and not synced. Does nothing where the machine cannot.</summary>
    /// <remarks>When a sync fails, the kernel goes on showing what it could not write, and calls it clean.</remarks>
    public virtual void ForgetCached(long position)
    {
    }

    /// <summary>Keeps the file open for another holder; false when it has closed already.</summary>
    public bool TryRetain()
    {
        var seen = Volatile.Read(ref _holders);
        while (seen > 0)
        {
            var before = Interlocked.CompareExchange(ref _holders, seen + 1, seen);
            if (before == seen)
            {
                if (IsOpen())
                    return true;
                Release();
                return false;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Lets go; the last to do so closes the file.</summary>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _holders);
        Invariant.Holds(left >= 0, "a file is released once a holder");
        if (left == 0)
            Close();
    }

    /// <summary>The owner lets go.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the file where its first use was waited for, so that whoever holds it can go on using it under
    /// whatever name it gets; false when it is gone.</summary>
    protected virtual bool IsOpen() => true;

    /// <summary>Closes the file; called once.</summary>
    protected abstract void Close();
}

/// <summary>A stretch of a file, to be sent from there without passing through the process.</summary>
/// <param name="File">The file; whoever made the slice retained it, whoever sends it releases it.</param>
/// <param name="Position">Where the stretch begins.</param>
/// <param name="Length">Its bytes.</param>
public readonly record struct FileSlice(DiskFile File, long Position, int Length);
