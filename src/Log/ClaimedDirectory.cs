using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A log directory that no other process may take, and of which nothing was used yet: what its last run left
/// to be known, a clean stop above all, is there still when it is let go.</summary>
public sealed class ClaimedDirectory : IDisposable
{
    private const string LockName = ".lock";
    private readonly Host _host;
    private readonly string _path;
    private IDisposable? _lock;

    private ClaimedDirectory(Host host, string path, MetaProperties meta, IDisposable held) =>
        (_host, _path, Meta, _lock) = (host, path, meta, held);

    /// <summary>Its identity.</summary>
    public MetaProperties Meta { get; }

    /// <summary>True when the last run closed all logs here.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public bool WasCleanlyShutDown => CleanShutdownFile.IsIn(_host.Disk, _path);

    /// <summary>Takes the lock and reads the identity; null where the directory is not formatted.</summary>
    /// <exception cref="IOException">Another process holds it, the identity is damaged, or the disk
    /// refused.</exception>
    public static ClaimedDirectory? TryClaim(Host host, string path)
    {
        if (LogDirectory.TryReadMeta(host.Disk, path) is not { } meta)
            return null;
        var held = host.Disk.TryLock(Path.Combine(path, LockName)) ?? throw new DirectoryInUseException(path, LockName);
        return new ClaimedDirectory(host, path, meta, held);
    }

    /// <summary>Opens it, once.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public LogDirectory Open()
    {
        var held = _lock;
        Invariant.Holds(held is not null, "a directory is opened once");
        _lock = null;
        return LogDirectory.Open(_host, _path, Meta, held);
    }

    /// <summary>Lets go of a directory that was not opened.</summary>
    public void Dispose() => _lock?.Dispose();
}
