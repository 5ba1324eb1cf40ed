using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

/// <summary>One of the directories a broker keeps its logs in: its lock, its identity, its checkpoints, its
/// partitions.</summary>
/// <remarks>Its members may be called from any lane, and block on the disk. They throw <see cref="IOException"/>
/// where that refuses; it is for the caller to take the directory offline then.</remarks>
public sealed partial class LogDirectory : IDisposable
{
    /// <summary>The metadata log is a directory like the others, and the journal's alone.</summary>
    private const string MetadataTopic = "__cluster_metadata";

    private readonly Lock _guard = new();
    private readonly Host _host;
    private readonly ILogger _logger;
    private readonly IDisposable _lock;
    private readonly CheckpointFile _recoveryPoints;
    private readonly CheckpointFile _logStarts;
    private readonly CheckpointFile _highWatermarks;
    private readonly CheckpointFile _cleaned;
    private readonly SortedDictionary<TopicPartition, string> _found;
    private readonly SortedDictionary<TopicPartition, PartitionLog> _logs = [];
    private readonly Action<TopicPartition, Offset> _lower;
    private volatile bool _isOffline;

    private LogDirectory(Host host, ILogger logger, string path, MetaProperties meta, IDisposable held)
    {
        (_host, _logger, Path, Meta, _lock) = (host, logger, path, meta, held);
        _lower = Lower;
        (WasCleanlyShutDown, CleanShutdownEpoch) = CleanShutdownFile.Take(host.Disk, path);
        if (WasCleanlyShutDown && host.Has(PlantedBug.CleanShutdownKept))
            CleanShutdownFile.Write(host.Disk, path, CleanShutdownEpoch ?? 0);
        _recoveryPoints = new(host.Disk, logger, path, OffsetCheckpoint.RecoveryPoint);
        _logStarts = new(host.Disk, logger, path, OffsetCheckpoint.LogStart);
        _highWatermarks = new(host.Disk, logger, path, OffsetCheckpoint.HighWatermark);
        _cleaned = new(host.Disk, logger, path, OffsetCheckpoint.Cleaner);
        _found = FindPartitions();
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Where it is, as others on this machine would name it.</summary>
    public string AbsolutePath => System.IO.Path.GetFullPath(Path);

    /// <summary>Its identity.</summary>
    public MetaProperties Meta { get; }

    /// <summary>True when the last run closed all logs here.</summary>
    public bool WasCleanlyShutDown { get; }

    /// <summary>The broker epoch of that run; null where it is not known.</summary>
    public long? CleanShutdownEpoch { get; }

    /// <summary>The partitions that have a directory here, in order.</summary>
    public IReadOnlyList<TopicPartition> Partitions
    {
        get
        {
            lock (_guard)
                return [.. _found.Keys];
        }
    }

    /// <summary>True where it holds any of them.</summary>
    public bool HasPartitions
    {
        get
        {
            lock (_guard)
                return _found.Count > 0;
        }
    }

    /// <summary>True once the node gave it up.</summary>
    public bool IsOffline => _isOffline;

    /// <summary>Reads the identity of a directory without taking it; null where it is not formatted.</summary>
    /// <exception cref="IOException">The file is damaged, or the disk refused.</exception>
    public static MetaProperties? TryReadMeta(IDisk disk, string path)
    {
        var file = System.IO.Path.Combine(path, MetaProperties.FileName);
        if (AtomicFile.TryRead(disk, file) is not { } text)
            return null;
        return MetaProperties.TryParse(text)
            ?? throw new IOException($"{file} is damaged or of an unknown version; the directory is left as it is");
    }

    /// <summary>Writes <c>meta.properties</c> with a new directory id, making the directory where absent.</summary>
    /// <exception cref="IOException">It is formatted already, or the disk refused.</exception>
    public static MetaProperties Format(Host host, string path, string clusterId, BrokerId node)
    {
        if (TryReadMeta(host.Disk, path) is not null)
            throw new IOException($"{path} is formatted already");
        host.Disk.CreateDirectory(path);
        var meta = new MetaProperties(clusterId, node, host.Random.NextUuid());
        AtomicFile.Write(host.Disk, System.IO.Path.Combine(path, MetaProperties.FileName), meta.Format());
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { Length: > 0 } parent
            && host.Disk.DirectoryExists(parent))
        {
            host.Disk.SyncDirectory(parent);
        }

        return meta;
    }

    /// <summary>Takes the lock, reads identity and checkpoints, removes the clean-shutdown file and the
    /// directories of deleted partitions.</summary>
    /// <exception cref="IOException">Another process holds it, it is not formatted, or the disk refused.</exception>
    public static LogDirectory Open(Host host, string path) =>
        (ClaimedDirectory.TryClaim(host, path) ?? throw new IOException($"{path} is not formatted")).Open();

    /// <summary>Opens what was claimed; the lock is the directory's from now on.</summary>
    internal static LogDirectory Open(Host host, string path, MetaProperties meta, IDisposable held)
    {
        var opened = false;
        try
        {
            var directory = new LogDirectory(host, host.Log.CreateLogger("Barnabas.Log"), path, meta, held);
            opened = true;
            return directory;
        }
        finally
        {
            if (!opened)
                held.Dispose();
        }
    }

    /// <summary>Gives it up: what is left is closing the logs in it.</summary>
    public void TakeOffline(string reason)
    {
        if (_isOffline)
            return;
        _isOffline = true;
        LogEvents.DirectoryOffline(_logger, Path, reason);
    }

    /// <summary>Says that all logs were closed cleanly and all checkpoints written.</summary>
    public void WriteCleanShutdown(long brokerEpoch) => CleanShutdownFile.Write(_host.Disk, Path, brokerEpoch);

    /// <summary>The size of the file system it is on, and what of it is free, in bytes.</summary>
    public (long Total, long Free) Space() => _host.Disk.Space(Path);

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>The online directory with the fewest partitions, where a new one is put; null where none is
    /// online.</summary>
    public static LogDirectory? Emptiest(IEnumerable<LogDirectory> directories) =>
        directories.Where(static directory => !directory.IsOffline)
            .MinBy(static directory => directory.Partitions.Count);

    private SortedDictionary<TopicPartition, string> FindPartitions()
    {
        var found = new SortedDictionary<TopicPartition, string>();
        var topic = "";
        foreach (var entry in _host.Disk.List(Path))
        {
            if (!entry.IsDirectory || PartitionDirectoryName.TryParse(entry.Name) is not { } name
                || name.Partition.Topic == MetadataTopic)
            {
                continue;
            }

            var path = System.IO.Path.Combine(Path, entry.Name);
            if (name.State == PartitionDirectoryState.Deleting)
            {
                _host.Disk.DeleteDirectory(path);
                LogEvents.LeftoverRemoved(_logger, path);
            }
            else if (name.State == PartitionDirectoryState.Live)
            {
                // They come by name: one string for all partitions of a topic will do.
                if (topic != name.Partition.Topic)
                    topic = name.Partition.Topic;
                found[new(topic, name.Partition.Partition)] = path;
            }
            else if (name.State == PartitionDirectoryState.Future)
            {
                FoundCopy(name.Partition, path);
            }
        }

        return found;
    }
}
