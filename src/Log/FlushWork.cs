using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What one flush has to sync, collected on the log's lane and done off it.</summary>
/// <param name="host">The machine.</param>
/// <param name="directory">The partition's directory.</param>
/// <param name="upTo">The log's end when the work was collected.</param>
internal sealed class FlushWork(Host host, string directory, Offset upTo)
{
    private readonly List<DiskFile> _files = [];
    private readonly List<EndedSegment> _ended = [];
    private readonly List<UnprovenStretch> _unproven = [];
    private (EpochFile File, EpochHistory Epochs, long Version)? _epochs;

    /// <summary>The log's end when the work was collected.</summary>
    public Offset UpTo { get; } = upTo;

    /// <summary>The segments of which it syncs all files.</summary>
    public IReadOnlyList<EndedSegment> Ended => _ended;

    /// <summary>What it reads from the disk again.</summary>
    public IReadOnlyList<UnprovenStretch> Unproven => _unproven;

    /// <summary>True where a segment was cut while it was read: the work proves nothing.</summary>
    public bool WasOvertaken { get; private set; }

    /// <summary>True when files were made, renamed or removed.</summary>
    public bool SyncsDirectory { get; set; }

    /// <summary>Snapshots that were written and not synced yet: they come first, for a segment must never count as
    /// synced without the snapshot that follows it.</summary>
    public void Take(SnapshotFiles snapshots) => _files.AddRange(snapshots.TakeUnsynced());

    /// <summary>The batches of a segment.</summary>
    public void Take(Segment segment)
    {
        if (!_ended.Exists(ended => ended.Segment == segment))
            Retain(segment.Log);
    }

    /// <summary>All files of a segment that has ended.</summary>
    public void TakeEnded(EndedSegment ended)
    {
        var segment = ended.Segment;
        _ended.Add(ended);
        Retain(segment.Log);
        Retain(segment.Offsets.File);
        Retain(segment.Times.File);
        if (segment.Aborted.File is { } aborted)
            Retain(aborted);
    }

    /// <summary>What a recovery found: the segments of it are taken already.</summary>
    public void Take(IEnumerable<UnprovenStretch> unproven) => _unproven.AddRange(unproven);

    /// <summary>The leader epochs, for their checkpoint.</summary>
    public void TakeEpochs(EpochFile file, EpochHistory epochs, long version) => _epochs = (file, epochs, version);

    /// <summary>Syncs everything. Blocks.</summary>
    /// <exception cref="IOException">The disk refused: what is durable is not known.</exception>
    public bool Run()
    {
        foreach (var file in _files)
            Sync(file);
        foreach (var stretch in _unproven)
            WasOvertaken |= !host.Has(PlantedBug.RecoveredUnproven) && !stretch.Prove();
        if (!WroteEpochs() && SyncsDirectory)
            host.Disk.SyncDirectory(directory);
        return true;
    }

    // The batches are on disk, and the epochs are found in them again. Where a full disk has no room for the file, the
    // segments that ended just do not count as synced yet.
    private bool WroteEpochs()
    {
        try
        {
            return _epochs is { } epochs && epochs.File.Write(epochs.Epochs, epochs.Version);
        }
        catch (DiskFullException)
        {
            _ended.Clear();
            return false;
        }
    }

    /// <summary>Lets go of the files.</summary>
    public void Release()
    {
        foreach (var file in _files)
            file.Release();
        _files.Clear();
    }

    private void Sync(DiskFile file)
    {
        if (host.Has(PlantedBug.SyncSkipped))
            return;
        try
        {
            file.Sync();
        }
        catch (IOException) when (host.Has(PlantedBug.FailedSyncTrusted))
        {
            file.Sync();
        }
    }

    private void Retain(DiskFile file)
    {
        if (file.TryRetain())
            _files.Add(file);
    }
}
