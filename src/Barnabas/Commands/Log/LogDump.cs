using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas log dump</c></summary>
internal static class LogDump
{
    private static readonly Argument<string[]> Files = new("file")
    {
        Description = "segments, indexes, snapshots, checkpoints, or partition directories",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Records = new("--records", "-r", "--print-data-log")
    {
        Description = "with the records of each batch",
    };

    private static readonly Option<bool> Metadata = new("--cluster-metadata-decoder", "-m")
    {
        Description = "values are metadata records (known by itself in __cluster_metadata-0)",
    };

    private static readonly Option<OutputKind> Output = GlobalOptions.Output();

    public static Command Make() => Leaf.Make(
        "dump", "print what a log's files hold, and check it", [Files, Records, Metadata, Output], RunAsync).With(
        "barnabas log dump barnabas-data/orders-0/00000000000000000000.log -r",
        "barnabas log dump barnabas-data/__cluster_metadata-0 -r");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        using var to = new StdOut();
        var damaged = 0;
        foreach (var path in parsed.GetValue(Files)!.SelectMany(Expand))
        {
            stop.ThrowIfCancellationRequested();
            var lines = new DumpLines(to, parsed.GetValue(Output), path);
            if (!Dump(path, parsed, lines))
                damaged++;
        }

        return Task.FromResult(damaged > 0 ? ExitCode.Unhealthy : ExitCode.Ok);
    }

    private static bool Dump(string path, ParseResult parsed, DumpLines lines)
    {
        var name = Path.GetFileName(path);
        var extension = name.Split('.') is [.., var kind, "deleted" or "cleaned" or "swap"]
            ? "." + kind
            : Path.GetExtension(name);
        var isMetadata = parsed.GetValue(Metadata) || Path.GetFullPath(path).Contains("__cluster_metadata-", StringComparison.Ordinal);
        switch (extension)
        {
            case ".log" or ".checkpoint":
                var style = new SegmentStyle(
                    parsed.GetValue(Records), isMetadata || extension == ".checkpoint");
                return new SegmentDump(lines, style).Run(path);
            case ".index":
                return EntryDump.OffsetIndex(path, lines);
            case ".timeindex":
                return EntryDump.TimeIndex(path, lines);
            case ".txnindex":
                return EntryDump.TransactionIndex(path, lines);
            case ".snapshot":
                return EntryDump.ProducerSnapshot(path, lines);
            default:
                return TextDump.Run(path, lines);
        }
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (Directory.Exists(path))
            return Directory.EnumerateFiles(path).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return File.Exists(path)
            ? [path]
            : throw new CliException(ExitCode.NotFound, $"there is no file '{path}'");
    }
}
