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
        Description = "records are metadata (known by itself in __cluster_metadata-0)",
    };

    private static readonly Option<bool> Groups = new("--offsets-decoder")
    {
        Description = "records are of groups and their offsets (known by itself in __consumer_offsets-N)",
    };

    private static readonly Option<bool> Transactions = new("--transaction-log-decoder")
    {
        Description = "records are of transactional ids (known by itself in __transaction_state-N)",
    };

    private static readonly Option<bool> Shares = new("--share-group-state-decoder")
    {
        Description = "records are of share groups (known by itself in __share_group_state-N)",
    };

    public static Command Make() => Leaf.Make(
        "dump", "print what a log's files hold, and check it",
        [Files, Records, Metadata, Groups, Transactions, Shares], RunAsync).With(
        "barnabas log dump barnabas-data/orders-0/00000000000000000000.log -r",
        "barnabas log dump barnabas-data/__cluster_metadata-0 -r",
        "barnabas log dump barnabas-data/__consumer_offsets-17 -r -o jsonl");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        using var to = new StdOut();
        using var document = new DocumentStream(to, parsed.GetValue(GlobalOptions.Output));
        var damaged = 0;
        foreach (var path in parsed.GetValue(Files)!.SelectMany(Expand))
        {
            stop.ThrowIfCancellationRequested();
            var lines = new DumpLines(to, document, path);
            var style = new SegmentStyle(parsed.GetValue(Records), FormOf(parsed) ?? LogFiles.FormOf(path));
            if (!LogFiles.Dump(path, style, lines))
                damaged++;
        }

        return Task.FromResult(damaged > 0 ? ExitCode.Unhealthy : ExitCode.Ok);
    }

    private static RecordForm? FormOf(ParseResult parsed) =>
        parsed.GetValue(Metadata) ? RecordForm.Metadata
        : parsed.GetValue(Groups) ? RecordForm.Groups
        : parsed.GetValue(Transactions) ? RecordForm.Transactions
        : parsed.GetValue(Shares) ? RecordForm.Shares : null;

    private static IEnumerable<string> Expand(string path)
    {
        if (Directory.Exists(path))
        {
            return Directory.EnumerateFiles(path).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal);
        }

        return File.Exists(path)
            ? [path]
            : throw new CliException(ExitCode.NotFound, $"there is no file '{path}'");
    }
}
