using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What one flush has to sync, collected on the log's lane and done off it.</summary>
/// <param name="disk">The disk.</param>
/// <param name="directory">The partition's directory.</param>
/// <param name="upTo">The log's end when the work was collected.</param>
internal sealed class FlushWork(IDisk disk, string directory, Offset upTo)
{
    private readonly List<DiskFile> _files = [];

    /// <summary>The log's end when the work was collected.</summary>
    public Offset UpTo { get; } = upTo;

    /// <summary>True when it syncs all files of a segment.</summary>
    public bool IsFull { get; private set; }

    /// <summary>The leader epochs to write to their checkpoint; null to leave it.</summary>
    public EpochHistory? Epochs { get; set; }

    /// <summary>True when files were made, renamed or removed.</summary>
    public bool SyncsDirectory { get; set; }

    /// <summary>Snapshots that were written and not synced yet: they come first, for a segment must never count as
    /// synced without the snapshot that follows it.</summary>
    public void Take(SnapshotFiles snapshots) => _files.AddRange(snapshots.TakeUnsynced());

    /// <summary>A segment's files: the log, and all the others when it has ended.</summary>
    public void Take(Segment segment)
    {
        Retain(segment.Log);
        if (!segment.NeedsFullSync)
            return;
        IsFull = true;
        Retain(segment.Offsets.File);
        Retain(segment.Times.File);
        if (segment.Aborted.File is { } aborted)
            Retain(aborted);
    }

    /// <summary>Syncs everything. Blocks.</summary>
    /// <exception cref="IOException">The disk refused: what is durable is not known.</exception>
    public bool Run()
    {
        foreach (var file in _files)
            file.Sync();
        if (Epochs is { } epochs)
            EpochCheckpoint.Write(disk, directory, epochs);
        else if (SyncsDirectory)
            disk.SyncDirectory(directory);
        return true;
    }

    /// <summary>Lets go of the files.</summary>
    public void Release()
    {
        foreach (var file in _files)
            file.Release();
        _files.Clear();
    }

    private void Retain(DiskFile file)
    {
        if (file.TryRetain())
            _files.Add(file);
    }
}
