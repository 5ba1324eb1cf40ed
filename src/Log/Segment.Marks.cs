using Barnabas.Base;

namespace Barnabas.Log;

internal sealed partial class Segment
{
    /// <summary>Where the segment stands, to come back to when a write fails.</summary>
    public SegmentMarks Mark() => new(
        Size, End, MaxTimestamp, OffsetOfMaxTimestamp, FirstTimestamp, LastIndexed, Offsets.Count, Times.Count,
        Aborted.Entries.Length);

    /// <summary>Forgets what was added since the marks were taken and cuts it off the file.</summary>
    /// <exception cref="IOException">It cannot be cut off: what is on disk is in doubt.</exception>
    public void Rewind(in SegmentMarks marks)
    {
        (Size, End, FirstTimestamp, LastIndexed) = (marks.Size, marks.End, marks.FirstTimestamp, marks.LastIndexed);
        (MaxTimestamp, OffsetOfMaxTimestamp) = (marks.MaxTimestamp, marks.OffsetOfMaxTimestamp);
        Offsets.Rewind(marks.OffsetEntries);
        Times.Rewind(marks.TimeEntries);
        Aborted.Rewind(marks.AbortedEntries);
        _view = null;
        _reserved = 0;
        Log.SetLength(Size);
    }
}

/// <summary>A segment's state before an append.</summary>
internal readonly record struct SegmentMarks(
    int Size, Offset End, long? MaxTimestamp, Offset OffsetOfMaxTimestamp, long? FirstTimestamp, int LastIndexed,
    int OffsetEntries, int TimeEntries, int AbortedEntries);
