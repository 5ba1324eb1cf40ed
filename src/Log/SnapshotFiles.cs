using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

/// <summary>The producer snapshots of a partition. Owned by the log's lane.</summary>
internal sealed class SnapshotFiles(IDisk disk, ILogger logger, string directory)
{
    private const int MostUnsynced = 50;
    private readonly SortedSet<Offset> _offsets = [];
    private List<DiskFile> _unsynced = [];

    /// <summary>True when a snapshot was written and not synced yet.</summary>
    public bool HasUnsynced => _unsynced.Count > 0;

    /// <summary>A snapshot was found in the directory.</summary>
    public void Found(Offset offset) => _offsets.Add(offset);

    /// <summary>Writes what the producers are below <paramref name="offset"/>.</summary>
    public void Write(Offset offset, ProducerStates producers)
    {
        var file = disk.Open(PathOf(offset), OpenMode.ReadWrite);
        var kept = false;
        try
        {
            file.SetLength(0);
            file.Write(0, ProducerSnapshot.Encode(producers.ToList()));
            _offsets.Add(offset);
            _unsynced.Add(file);
            kept = true;
        }
        finally
        {
            if (!kept)
                file.Dispose();
        }
    }

    /// <summary>Reads the newest whole snapshot not above <paramref name="bound"/>; damaged ones are
    /// removed.</summary>
    /// <returns>Its offset and what it says; null where there is none.</returns>
    public (Offset Offset, List<(ProducerId Id, ProducerState State)> Producers)? ReadNewest(Offset bound)
    {
        while (NewestUpTo(bound) is { } offset)
        {
            using (var file = disk.Open(PathOf(offset), OpenMode.Read))
            {
                var bytes = new byte[file.Length];
                var whole = file.Read(0, bytes) == bytes.Length;
                if (whole && ProducerSnapshot.TryDecode(bytes) is { } producers)
                    return (offset, producers);
            }

            LogEvents.SideFileDamaged(logger, PathOf(offset));
            Remove(offset);
        }

        return null;
    }

    /// <summary>Removes the snapshots above <paramref name="end"/>.</summary>
    public void RemoveAbove(Offset end)
    {
        while (_offsets.Count > 0 && _offsets.Max > end)
            Remove(_offsets.Max);
    }

    /// <summary>Removes all but those of the segments' base offsets, and the newest.</summary>
    public void RemoveStray(IEnumerable<Offset> segmentBases)
    {
        var wanted = new HashSet<Offset>(segmentBases);
        foreach (var offset in _offsets.ToArray())
        {
            if (offset != _offsets.Max && !wanted.Contains(offset))
                Remove(offset);
        }
    }

    /// <summary>Removes all.</summary>
    public void RemoveAll()
    {
        foreach (var offset in _offsets.ToArray())
            Remove(offset);
    }

    /// <summary>The files written since the last call; the caller syncs and releases them.</summary>
    public List<DiskFile> TakeUnsynced()
    {
        var taken = _unsynced;
        _unsynced = [];
        return taken;
    }

    /// <summary>Syncs what was written where that has become many files.</summary>
    public void SyncMany()
    {
        if (_unsynced.Count < MostUnsynced)
            return;
        foreach (var file in TakeUnsynced())
        {
            using (file)
                file.Sync();
        }
    }

    /// <summary>Closes what was written and not synced.</summary>
    public void Close()
    {
        foreach (var file in TakeUnsynced())
            file.Release();
    }

    private string PathOf(Offset offset) => SegmentFiles.In(directory, offset, SegmentFiles.Snapshot);

    private Offset? NewestUpTo(Offset bound)
    {
        var below = _offsets.GetViewBetween(Offset.Zero, Offset.Max(bound, Offset.Zero));
        return below.Count == 0 ? null : below.Max;
    }

    private void Remove(Offset offset)
    {
        disk.DeleteFile(PathOf(offset));
        _offsets.Remove(offset);
    }
}
