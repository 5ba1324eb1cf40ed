using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

/// <summary>The files found in a partition's directory, once what a crash left half done has been finished or
/// undone.</summary>
/// <param name="Segments">The base offsets of the segments, ascending.</param>
/// <param name="Snapshots">The offsets of the producer snapshots, ascending.</param>
internal sealed record DirectoryFiles(IReadOnlyList<Offset> Segments, IReadOnlyList<Offset> Snapshots)
{
    private HashSet<(Offset Base, string Kind)> OfSegments { get; init; } = [];

    /// <summary>True where there is a <c>leader-epoch-checkpoint</c>.</summary>
    public bool HasEpochs { get; private init; }

    /// <summary>True where there is a <c>partition.metadata</c>.</summary>
    public bool HasTopicId { get; private init; }

    /// <summary>True where a segment has the file, of which it can do without.</summary>
    public bool Has(Offset segment, string kind) => OfSegments.Contains((segment, kind));

    /// <summary>Finishes deletions and replacements, removes indexes without a log, and lists the rest.</summary>
    /// <remarks>A replacement of segments is committed once no <c>.cleaned</c> file is left at or below the first of
    /// its <c>.swap</c> files: those are renamed from the last to the first.</remarks>
    public static DirectoryFiles Settle(IDisk disk, ILogger logger, string directory)
    {
        var work = new Settling(disk, logger, directory);
        work.RemoveDeleted();
        work.UndoUnfinished();
        work.FinishReplacements();
        work.RemoveOrphans();
        if (work.Changed)
            disk.SyncDirectory(directory);
        var files = work.List();
        return new(
            [.. files.Where(static file => file.Kind == SegmentFiles.Log).Select(static file => file.Base)],
            [.. files.Where(static file => file.Kind == SegmentFiles.Snapshot).Select(static file => file.Base)])
        {
            OfSegments = [.. files],
            HasEpochs = work.HasEpochs,
            HasTopicId = work.HasTopicId,
        };
    }

    /// <summary>One segment alone, as it is.</summary>
    public static DirectoryFiles OfSegment(IDisk disk, string directory, Offset baseOffset) => new([baseOffset], [])
    {
        OfSegments =
        [
            .. from kind in SegmentFiles.SegmentKinds
               where disk.FileExists(SegmentFiles.In(directory, baseOffset, kind))
               select (baseOffset, kind),
        ],
    };

    private sealed class Settling(IDisk disk, ILogger logger, string directory)
    {
        private List<(Offset Base, string Kind)>? _listed;

        public bool Changed { get; private set; }

        public bool HasEpochs { get; private set; }

        public bool HasTopicId { get; private set; }

        // Almost always there is nothing to settle, and the first listing tells all.
        public List<(Offset Base, string Kind)> List() => _listed ??= ListAnew();

        private List<(Offset Base, string Kind)> ListAnew()
        {
            var files = new List<(Offset Base, string Kind)>();
            foreach (var entry in disk.List(directory))
            {
                HasEpochs |= entry.Name == SegmentFiles.EpochCheckpoint;
                HasTopicId |= entry.Name == SegmentFiles.PartitionMetadata;
                if (!entry.IsDirectory && SegmentFiles.TryParse(entry.Name, out var baseOffset, out var kind))
                    files.Add((baseOffset, kind));
            }

            return files;
        }

        public void RemoveDeleted() =>
            Remove(static file => file.Kind.EndsWith(SegmentFiles.Deleted, StringComparison.Ordinal)
                && !file.Kind.StartsWith('-'));

        public void UndoUnfinished()
        {
            var cleaned = List().Where(IsCleaned).Select(static file => file.Base).ToList();
            if (cleaned.Count == 0)
                return;
            var first = cleaned.Min();
            Remove(file => IsSwap(file) && file.Base >= first);
            Remove(IsCleaned);
        }

        public void FinishReplacements()
        {
            var swaps = List().Where(IsSwap).ToList();
            var logs = swaps.Where(static file => file.Kind == SegmentFiles.Log + SegmentFiles.Swap).ToList();
            if (logs.Count > 0)
            {
                var first = logs.Min(static file => file.Base);
                var end = logs.Max(NextOffset);
                Remove(file => !IsSwap(file) && file.Kind != SegmentFiles.Snapshot
                    && file.Base >= first && file.Base < end);
            }

            foreach (var (baseOffset, kind) in swaps)
            {
                var final = kind[..^SegmentFiles.Swap.Length];
                disk.Rename(
                    SegmentFiles.In(directory, baseOffset, kind), SegmentFiles.In(directory, baseOffset, final));
                (Changed, _listed) = (true, null);
            }
        }

        public void RemoveOrphans()
        {
            var files = List();
            var logs = files.Where(static file => file.Kind == SegmentFiles.Log)
                .Select(static file => file.Base).ToHashSet();
            Remove(file => SegmentFiles.SegmentKinds.Contains(file.Kind) && file.Kind != SegmentFiles.Log
                && !logs.Contains(file.Base));
        }

        private static bool IsCleaned((Offset Base, string Kind) file) =>
            file.Kind.EndsWith(SegmentFiles.Cleaned, StringComparison.Ordinal);

        private static bool IsSwap((Offset Base, string Kind) file) =>
            file.Kind.EndsWith(SegmentFiles.Swap, StringComparison.Ordinal);

        private Offset NextOffset((Offset Base, string Kind) log)
        {
            using var file = disk.Open(SegmentFiles.In(directory, log.Base, log.Kind), OpenMode.Read);
            var length = (int)Math.Min(file.Length, int.MaxValue);
            var scan = new BatchScan(file, 0, length, stackalloc byte[BatchScan.BufferSize]);
            while (scan.MoveNext())
            {
            }

            return new(Math.Max(scan.LastOffset, log.Base.Value) + 1);
        }

        private void Remove(Func<(Offset Base, string Kind), bool> goes)
        {
            foreach (var file in List().Where(goes).ToList())
            {
                var path = SegmentFiles.In(directory, file.Base, file.Kind);
                disk.DeleteFile(path);
                LogEvents.LeftoverRemoved(logger, path);
                (Changed, _listed) = (true, null);
            }
        }
    }
}
