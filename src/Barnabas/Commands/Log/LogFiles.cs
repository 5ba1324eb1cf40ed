using System.Globalization;

namespace Barnabas.Cli.Commands;

/// <summary>What a log directory holds, by the names of files and directories.</summary>
internal static class LogFiles
{
    private static readonly Dictionary<string, RecordForm> Internal = new()
    {
        ["__cluster_metadata-"] = RecordForm.Metadata,
        ["__consumer_offsets-"] = RecordForm.Groups,
        ["__transaction_state-"] = RecordForm.Transactions,
        ["__share_group_state-"] = RecordForm.Shares,
    };

    /// <summary>The partition directories at or below the given ones, by name.</summary>
    /// <exception cref="CliException">A directory does not exist, or holds no log.</exception>
    public static List<string> Partitions(IEnumerable<string> directories)
    {
        var found = new List<string>();
        foreach (var directory in directories.Select(d => d.Length > 1 ? d.TrimEnd('/') : d))
        {
            if (!Directory.Exists(directory))
                throw new CliException(ExitCode.NotFound, $"there is no directory '{directory}'");
            var here = IsPartition(directory)
                ? [directory]
                : Directory.EnumerateDirectories(directory).Where(IsPartition).OrderBy(SortKey).ToList();
            if (here.Count == 0)
            {
                throw new CliException(
                    ExitCode.NotFound,
                    $"'{directory}' holds no log\ngive a data directory, or a partition's such as orders-0");
            }

            found.AddRange(here);
        }

        return found;
    }

    /// <summary>The segments of a partition directory, by base offset.</summary>
    public static List<string> Segments(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*.log").Where(f => BaseOffset(f) >= 0).Order(StringComparer.Ordinal)];

    /// <summary>The offset that a segment's file is named by; -1 where it is named by none.</summary>
    public static long BaseOffset(string path) => long.TryParse(
        Path.GetFileName(path).Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
        ? offset
        : -1;

    /// <summary>What the records of a file are: its partition is named by that.</summary>
    public static RecordForm FormOf(string path)
    {
        var name = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
        return Internal.FirstOrDefault(topic => name.StartsWith(topic.Key, StringComparison.Ordinal)).Value;
    }

    /// <summary>Prints a file by what its name says it is; false where it is damaged.</summary>
    public static bool Dump(string path, SegmentStyle style, DumpLines lines) => KindOf(path) switch
    {
        ".log" => new SegmentDump(lines, style).Run(path),
        ".checkpoint" => new SegmentDump(lines, style with { Form = RecordForm.Metadata }).Run(path),
        ".index" => EntryDump.OffsetIndex(path, lines),
        ".timeindex" => EntryDump.TimeIndex(path, lines),
        ".txnindex" => EntryDump.TransactionIndex(path, lines),
        ".snapshot" => EntryDump.ProducerSnapshot(path, lines),
        _ => TextDump.Run(path, lines),
    };

    /// <summary>The ending of a file's name, without what marks it as deleted or half done.</summary>
    private static string KindOf(string path) =>
        Path.GetFileName(path).Split('.') is [.., var kind, "deleted" or "cleaned" or "swap"]
            ? "." + kind
            : Path.GetExtension(path);

    private static bool IsPartition(string directory) =>
        Directory.EnumerateFiles(directory, "*.log").Any(f => BaseOffset(f) >= 0);

    // orders-10 comes behind orders-9.
    private static (string, int) SortKey(string directory)
    {
        var name = Path.GetFileName(directory);
        var dash = name.LastIndexOf('-');
        var number = name[(dash + 1)..];
        return dash > 0 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? (name[..dash], index)
            : (name, 0);
    }
}
