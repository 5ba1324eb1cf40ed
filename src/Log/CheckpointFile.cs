using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

/// <summary>One of a log directory's checkpoint files, and what it says. From any lane: whoever writes holds the
/// lock, for a truncation on one partition's lane must see its lowered point on disk before it goes on.</summary>
internal sealed class CheckpointFile
{
    private readonly Lock _writing = new();
    private readonly IDisk _disk;
    private readonly string _path;
    private readonly SortedDictionary<TopicPartition, Offset> _offsets;
    private bool _unwritten;

    /// <summary>The file in <paramref name="directory"/>; one that is damaged counts as empty.</summary>
    public CheckpointFile(IDisk disk, ILogger logger, string directory, string name)
    {
        (_disk, _path) = (disk, Path.Combine(directory, name));
        if (AtomicFile.TryRead(disk, _path) is not { } text)
        {
            _offsets = [];
            return;
        }

        if (OffsetCheckpoint.TryParse(text) is not { } offsets)
        {
            LogEvents.SideFileDamaged(logger, _path);
            offsets = [];
        }

        _offsets = offsets;
    }

    /// <summary>The partition's offset; null where the file has none.</summary>
    public Offset? Of(TopicPartition partition)
    {
        lock (_writing)
            return _offsets.TryGetValue(partition, out var offset) ? offset : null;
    }

    /// <summary>Sets the offsets given, removes those that are null, and replaces the file, durably; partitions not
    /// named keep what they had.</summary>
    public void Write(IEnumerable<(TopicPartition Partition, Offset? Offset)> changes)
    {
        lock (_writing)
        {
            foreach (var (partition, offset) in changes)
                _unwritten |= Set(partition, offset);
            if (_unwritten)
                Replace();
        }
    }

    /// <summary>As <see cref="Write"/>, for one partition whose offset is larger than
    /// <paramref name="offset"/>.</summary>
    public void Lower(TopicPartition partition, Offset offset)
    {
        lock (_writing)
        {
            if (!_offsets.TryGetValue(partition, out var known) || known <= offset)
                return;
            _offsets[partition] = offset;
            _unwritten = true;
            Replace();
        }
    }

    // Where there was no room for it, the next write makes up for it.
    private void Replace()
    {
        AtomicFile.Write(_disk, _path, OffsetCheckpoint.Format(_offsets));
        _unwritten = false;
    }

    private bool Set(TopicPartition partition, Offset? offset)
    {
        if (offset is not { } value)
            return _offsets.Remove(partition);
        if (_offsets.TryGetValue(partition, out var known) && known == value)
            return false;
        _offsets[partition] = value;
        return true;
    }
}
