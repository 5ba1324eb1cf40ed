using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

internal sealed partial class Segment
{
    /// <summary>Makes the files of a new, empty segment; their names may end with a <paramref
    /// name="suffix"/>.</summary>
    public static Segment Create(
        IDisk disk, ILogger logger, string directory, Offset baseOffset, LogSettings settings, long nowMs,
        string suffix = "")
    {
        var path = SegmentFiles.In(directory, baseOffset, SegmentFiles.Log + suffix);
        var opened = new List<IDisposable>();
        try
        {
            var log = Keep(opened, disk.Open(path, OpenMode.ReadWrite));
            log.SetLength(0);
            SegmentPath At(string kind) => new(directory, baseOffset, kind, suffix);
            var offsets = Keep(opened, SparseIndex<OffsetEntry>.Create(
                disk, At(SegmentFiles.OffsetIndex), settings.SegmentIndexBytes));
            var times = Keep(opened, SparseIndex<TimeEntry>.Create(
                disk, At(SegmentFiles.TimeIndex), settings.SegmentIndexBytes));
            var aborted = TransactionIndex.Create(disk, At(SegmentFiles.TransactionIndex));
            opened.Clear();
            return new(disk, logger, directory, baseOffset)
            {
                Log = log,
                Offsets = offsets,
                Times = times,
                Aborted = aborted,
                Health = new(logger, path, new VerifiedRanges(0)),
                CreatedMs = nowMs,
            };
        }
        finally
        {
            opened.ForEach(static file => file.Dispose());
        }
    }

    /// <summary>Opens the files of a segment that is there, trusting what its indexes say.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="logger">Where it is told what readers find.</param>
    /// <param name="found">The partition's directory, and what is in it.</param>
    /// <param name="baseOffset">Which segment.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>The segment, and whether its indexes are there and can be what they should; if not it must be
    /// rebuilt.</returns>
    public static (Segment Segment, bool HasIndexes) Open(
        IDisk disk, ILogger logger, (string Directory, DirectoryFiles Files) found, Offset baseOffset, long nowMs)
    {
        var (directory, files) = found;
        var opened = new List<IDisposable>(3);
        try
        {
            SegmentPath At(string kind) => new(directory, baseOffset, kind);
            var log = Keep(opened, disk.OpenLater(At(SegmentFiles.Log).ToString()));
            var length = log.Length;
            if (length > int.MaxValue)
                throw new IOException($"{log.Path} is larger than a segment can be");
            var complete = files.Has(baseOffset, SegmentFiles.OffsetIndex)
                && files.Has(baseOffset, SegmentFiles.TimeIndex);
            var offsets = Keep(opened, OpenIndex<OffsetEntry>(disk, At(SegmentFiles.OffsetIndex), ref complete));
            var times = Keep(opened, OpenIndex<TimeEntry>(disk, At(SegmentFiles.TimeIndex), ref complete));
            var hasAborted = files.Has(baseOffset, SegmentFiles.TransactionIndex);
            var aborted = TransactionIndex.Open(disk, At(SegmentFiles.TransactionIndex), baseOffset, hasAborted);
            complete &= aborted is not null;
            opened.Clear();
            var segment = new Segment(disk, logger, directory, baseOffset)
            {
                Log = log,
                Offsets = offsets,
                Times = times,
                Aborted = aborted ?? TransactionIndex.Create(disk, At(SegmentFiles.TransactionIndex)),
                Health = new(logger, log.Path, new VerifiedRanges((int)length)),
                CreatedMs = nowMs,
            };
            (segment.Size, segment.MaxTimestamp) = ((int)length, null);
            return (segment, complete);
        }
        finally
        {
            opened.ForEach(static file => file.Dispose());
        }
    }

    private static SparseIndex<TEntry> OpenIndex<TEntry>(IDisk disk, SegmentPath path, ref bool complete)
        where TEntry : struct, IIndexEntry<TEntry>
    {
        if (complete && SparseIndex<TEntry>.OpenStored(disk, path) is { } index)
            return index;
        complete = false;
        return SparseIndex<TEntry>.Create(disk, path, TEntry.Size);
    }

    private static T Keep<T>(List<IDisposable> opened, T file)
        where T : IDisposable
    {
        opened.Add(file);
        return file;
    }
}
