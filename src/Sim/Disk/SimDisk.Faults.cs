using Barnabas.Base;

namespace Barnabas.Sim;

public sealed partial class SimDisk
{
    /// <summary>A capacity that is never reached.</summary>
    public const long Unlimited = 1L << 50;

    private long? _failAt;
    private bool _failsOn;

    /// <summary>The calls made so far.</summary>
    public long Calls { get; private set; }

    /// <summary>Called before a file is written, synced or cut: for looking at what others may see at that moment.
    /// Null for nobody.</summary>
    public Action? BeforeChange { get; set; }

    /// <summary>The bytes the disk can hold.</summary>
    public long Capacity { get; set; } = Unlimited;

    /// <summary>The fault of the call that failed last.</summary>
    internal IOException LastFault { get; private set; } = new("no fault yet");

    /// <summary>The call of this number fails, counted from 1 on over the disk's life, and with
    /// <paramref name="andAfter"/> all that follow it.</summary>
    public void FailAt(long call, bool andAfter = false) => (_failAt, _failsOn) = (call, andAfter);

    /// <summary>No call fails any more.</summary>
    public void FailNever() => _failAt = null;

    /// <summary>The machine stops and starts again: open files are void, locks are free, and of what was not synced
    /// there is as much as <paramref name="kind"/> and chance leave.</summary>
    public void Crash(CrashKind kind)
    {
        Life++;
        OpenFiles = 0;
        _locks.Clear();
        FailNever();
        // The kernel lives on: what was not durable is not, though everybody sees it.
        if (kind == CrashKind.KeepsAll)
            return;
        var kept = kind == CrashKind.LosesAll ? 0 : Draw(_journal.Count + 1);
        for (var i = 0; i < kept; i++)
            _journal[i](_durableNames);
        _journal.Clear();
        _names.Clear();
        foreach (var (name, inode) in _durableNames)
            _names[name] = inode;
        foreach (var inode in _names.Values.Distinct())
            inode?.Crash(Draw, kind);
    }

    /// <summary>Changes the bits of <paramref name="mask"/> in a byte of a file, durably and unseen: what a failing
    /// disk does.</summary>
    public void Flip(string path, long position, byte mask) => Inode(path).Flip(position, mask);

    /// <summary>A file's bytes, without a call.</summary>
    public byte[] Peek(string path)
    {
        var inode = Inode(path);
        var bytes = new byte[inode.Length];
        inode.Read(0, bytes);
        return bytes;
    }

    /// <summary>Replaces a file, durably, without a call.</summary>
    public void Poke(string path, ReadOnlySpan<byte> bytes)
    {
        var name = Plain(path);
        if (!_names.TryGetValue(name, out var inode) || inode is null)
            inode = new SimInode();
        inode.SetLength(0);
        inode.Write(0, bytes);
        inode.Sync();
        Change(names => names[name] = inode);
        KeepNames();
    }

    /// <summary>A number that chance draws, below <paramref name="below"/>.</summary>
    internal int Draw(int below) => _random.Next(below);

    /// <summary>Counts a call of a file; false when it fails.</summary>
    internal bool TryStep(int life, string call, string path)
    {
        if (life != Life)
        {
            LastFault = new IOException($"{call} {path}: the machine has crashed since the file was opened");
            return false;
        }

        Calls++;
        if (_failAt is not { } at || (_failsOn ? Calls < at : Calls != at))
            return true;
        LastFault = new IOException($"{call} {path}: input/output error (simulated, call {Calls})", 5);
        return false;
    }

    /// <summary>Looks for room for a file that grows; false when there is none.</summary>
    internal bool TryGrow(SimInode inode, long end)
    {
        if (Capacity == Unlimited || end <= inode.Length || Used + (end - inode.Length) <= Capacity)
            return true;
        LastFault = new DiskFullException("write: no space left (simulated)");
        return false;
    }

    private SimInode Inode(string path) =>
        _names.TryGetValue(Plain(path), out var inode) && inode is not null
            ? inode
            : throw new FileNotFoundException("no such file", path);

    private void Step(string call, string path)
    {
        if (!TryStep(Life, call, path))
            throw LastFault;
    }
}
