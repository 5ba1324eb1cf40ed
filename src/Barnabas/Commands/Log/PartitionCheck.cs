namespace Barnabas.Cli.Commands;

/// <summary>Checks all files of a partition's directory, and those that must agree against each other.</summary>
/// <param name="directory">The directory.</param>
/// <param name="withRecords">Whether records are decompressed and read.</param>
/// <param name="progress">Told of the segments' bytes that were read.</param>
internal sealed class PartitionCheck(string directory, bool withRecords, ProgressBar progress)
{
    private readonly List<(string File, long Position, string How)> _findings = [];

    /// <summary>What is damaged, a line a file.</summary>
    public IReadOnlyList<(string File, long Position, string How)> Findings => _findings;

    /// <summary>How many segments there are.</summary>
    public int Segments { get; private set; }

    /// <summary>How many offsets the good batches take.</summary>
    public long Records { get; private set; }

    /// <summary>The bytes of the segments.</summary>
    public long Bytes { get; private set; }

    /// <summary>Checks them.</summary>
    public void Run(CancellationToken stop)
    {
        var next = 0L;
        foreach (var path in LogFiles.Segments(directory))
        {
            stop.ThrowIfCancellationRequested();
            next = Segment(path, next);
        }

        var others = Directory.EnumerateFiles(directory)
            .Where(f => Path.GetExtension(f) is ".txnindex" or ".snapshot" or ".checkpoint"
                || Path.GetFileName(f) is "leader-epoch-checkpoint" or "partition.metadata");
        foreach (var path in others.Order(StringComparer.Ordinal))
        {
            var lines = new DumpLines(path);
            LogFiles.Dump(path, new SegmentStyle(withRecords, LogFiles.FormOf(path)), lines);
            Take(path, lines.Damaged);
        }
    }

    /// <summary>Checks a segment and its indexes.</summary>
    /// <returns>The offset behind its last good batch.</returns>
    private long Segment(string path, long next)
    {
        var lines = new DumpLines(path) { Progress = progress };
        var dump = new SegmentDump(lines, new SegmentStyle(withRecords, LogFiles.FormOf(path)));
        dump.Run(path);
        Segments++;
        Bytes += new FileInfo(path).Length;
        Records += dump.Places.Sum(p => p.Last - p.First + 1);
        var baseOffset = LogFiles.BaseOffset(path);
        if (lines.Damaged is null && (baseOffset < next || dump.Places is [var first, ..] && first.First < baseOffset))
            lines.Damage(0, $"the segment begins before offset {Math.Max(baseOffset, next)}");
        Take(path, lines.Damaged);
        // Behind damage in the batches nothing can be said of what points there.
        if (lines.Damaged is null)
        {
            Index(Path.ChangeExtension(path, ".index"), IndexCheck.Offsets, EntryDump.OffsetIndex, dump.Places);
            Index(Path.ChangeExtension(path, ".timeindex"), IndexCheck.Times, EntryDump.TimeIndex, dump.Places);
        }

        return dump.Places is [.., var last] ? last.Last + 1 : Math.Max(baseOffset, next);
    }

    private void Index(
        string path, Func<string, long, IReadOnlyList<BatchPlace>, (int Entries, (long At, string How)? Fault)> against,
        Func<string, DumpLines, bool> alone, IReadOnlyList<BatchPlace> batches)
    {
        if (!File.Exists(path))
        {
            Take(path, (0, "the file is missing"));
            return;
        }

        var lines = new DumpLines(path);
        alone(path, lines);
        Take(path, lines.Damaged ?? against(path, LogFiles.BaseOffset(path), batches).Fault);
    }

    private void Take(string path, (long Position, string How)? damage)
    {
        if (damage is var (position, how))
            _findings.Add((Path.GetFileName(path), position, how));
    }
}
