using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>An open file of a simulated disk. A crash of the machine ends it.</summary>
internal sealed class SimFile(SimDisk disk, SimInode inode, string path, bool isWritable) : DiskFile
{
    private readonly int _life = disk.Life;

    /// <inheritdoc/>
    public override string Path => path;

    /// <inheritdoc/>
    public override long Length
    {
        get
        {
            Step("length");
            return inode.Length;
        }
    }

    /// <inheritdoc/>
    public override int Read(long position, Span<byte> into)
    {
        Step("read");
        return inode.Read(position, into);
    }

    /// <inheritdoc/>
    public override void Write(long position, ReadOnlySpan<byte> bytes)
    {
        Invariant.Holds(isWritable, "a file opened to be read is not written");
        disk.BeforeChange?.Invoke();
        // A write that fails may have written a part.
        var whole = disk.TryStep(_life, "write", path) && disk.TryGrow(inode, position + bytes.Length);
        inode.Write(position, whole ? bytes : bytes[..disk.Draw(bytes.Length + 1)]);
        if (!whole)
            throw disk.LastFault;
    }

    /// <inheritdoc/>
    public override void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
    {
        var all = new byte[buffers.Sum(static buffer => buffer.Length)];
        var at = 0;
        foreach (var buffer in buffers)
        {
            buffer.CopyTo(all.AsMemory(at));
            at += buffer.Length;
        }

        Write(position, all);
    }

    /// <inheritdoc/>
    public override void Sync()
    {
        disk.BeforeChange?.Invoke();
        if (!disk.TryStep(_life, "sync", path))
        {
            inode.Poison();
            throw disk.LastFault;
        }

        inode.Sync();
    }

    /// <inheritdoc/>
    public override Task SyncAsync() => disk.RunAsync(() =>
    {
        Sync();
        return true;
    });

    /// <inheritdoc/>
    public override void SetLength(long length)
    {
        disk.BeforeChange?.Invoke();
        Step("set length");
        inode.SetLength(length);
    }

    /// <inheritdoc/>
    public override void Preallocate(long position, long length) => Step("preallocate");

    /// <inheritdoc/>
    public override void ForgetCached(long position) => inode.ForgetCached(position);

    /// <inheritdoc/>
    protected override void Close() => disk.Closed();

    private void Step(string call)
    {
        Invariant.Holds(TryRetainForUse(), $"{path} is used while it is open");
        if (!disk.TryStep(_life, call, path))
            throw disk.LastFault;
    }

    private bool TryRetainForUse()
    {
        if (!TryRetain())
            return false;
        Release();
        return true;
    }
}
