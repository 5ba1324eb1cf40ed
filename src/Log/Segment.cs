using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

/// <summary>A stretch of a log in files of its own: batches, offset index, time index, aborted transactions. Owned by
/// the log's lane; <see cref="View"/> is for the others.</summary>
internal sealed partial class Segment : IDisposable
{
    private readonly IDisk _disk;
    private readonly ILogger _logger;
    private SegmentView? _view;

    private Segment(IDisk disk, ILogger logger, string directory, Offset baseOffset)
    {
        (_disk, _logger, Directory, BaseOffset) = (disk, logger, directory, baseOffset);
        End = baseOffset;
    }

    /// <summary>The partition's directory.</summary>
    public string Directory { get; }

    /// <summary>The base offset in the files' names.</summary>
    public Offset BaseOffset { get; }

    /// <summary>The <c>.log</c> file.</summary>
    public required DiskFile Log { get; init; }

    /// <summary>The offset index.</summary>
    public required SparseIndex<OffsetEntry> Offsets { get; init; }

    /// <summary>The time index.</summary>
    public required SparseIndex<TimeEntry> Times { get; init; }

    /// <summary>Aborted transactions.</summary>
    public required TransactionIndex Aborted { get; init; }

    /// <summary>What readers found out about the files.</summary>
    public required SegmentHealth Health { get; init; }

    /// <summary>The bytes of batches.</summary>
    public int Size { get; private set; }

    /// <summary>The offset after the last batch, or where the next segment begins.</summary>
    public Offset End { get; private set; }

    /// <summary>The largest timestamp, -1 for none; null where it was not looked up since the start.</summary>
    public long? MaxTimestamp { get; private set; } = -1;

    /// <summary>The last offset of the batch that brought <see cref="MaxTimestamp"/>.</summary>
    public Offset OffsetOfMaxTimestamp { get; private set; } = Offset.None;

    /// <summary>The first batch's largest timestamp, from which the age counts; null for an empty segment.</summary>
    public long? FirstTimestamp { get; private set; }

    /// <summary>When the segment was made, or found at the start, in ms.</summary>
    public required long CreatedMs { get; init; }

    /// <summary>Where the batch of the last index entry begins; 0 while there is none.</summary>
    public int LastIndexed { get; private set; }

    /// <summary>The segment as it is now.</summary>
    public SegmentView View => _view ??= new()
    {
        BaseOffset = BaseOffset,
        End = End,
        File = Log,
        Size = Size,
        Offsets = Offsets.View,
        Times = Times.View,
        MaxTimestamp = MaxTimestamp,
        Aborted = Aborted.Entries,
        Health = Health,
        Cuts = Health.Cuts,
    };

    /// <summary>The path of one of the segment's files.</summary>
    public string PathOf(string kind) => SegmentFiles.In(Directory, BaseOffset, kind);

    /// <summary>Takes a batch that is, or will be, the next in the file: size, times, index entries.</summary>
    public void Add(int size, Offset lastOffset, long timestamp, int indexInterval)
    {
        var position = Size;
        if (position == 0)
            FirstTimestamp = timestamp;
        if (timestamp > (MaxTimestamp ?? -1))
            (MaxTimestamp, OffsetOfMaxTimestamp) = (timestamp, lastOffset);
        AddEntries(position, lastOffset, indexInterval);
        (Size, End, _view) = (position + size, lastOffset + 1, null);
    }

    /// <summary>The next segment begins at <paramref name="end"/>.</summary>
    public void EndAt(Offset end) => (End, _view) = (end, null);

    public void Dispose()
    {
        Log.Dispose();
        Offsets.Dispose();
        Times.Dispose();
        Aborted.Dispose();
    }

    /// <summary>The rule of the sparse indexes: a batch gets an entry when more than the interval lies between it and
    /// the last batch that got one. Live and rebuilt indexes are the same by it.</summary>
    private void AddEntries(int position, Offset lastOffset, int indexInterval)
    {
        if (position - LastIndexed <= indexInterval || Offsets.IsFull)
            return;
        Offsets.Append(new((int)(lastOffset - BaseOffset), position));
        AddTimeEntry(atEnd: false);
        LastIndexed = position;
    }

    private void AddTimeEntry(bool atEnd)
    {
        if (MaxTimestamp is not >= 0 || (atEnd ? Times.IsFull : Times.IsNearlyFull))
            return;
        var entry = new TimeEntry(MaxTimestamp.Value, (int)(OffsetOfMaxTimestamp - BaseOffset));
        if (Times.Last() is not { } last || last.Timestamp < entry.Timestamp)
            Times.Append(entry);
    }
}
