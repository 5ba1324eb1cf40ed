using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas log verify</c></summary>
internal static class LogVerify
{
    private static readonly Argument<string[]> Directories = new("directory")
    {
        Description = "data directories, or directories of partitions",
        HelpName = "DIR",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Shallow = new("--shallow")
    {
        Description = "hold checksums only, and do not decompress records",
    };

    public static Command Make() => Leaf.Make(
        "verify", "check every batch, index, snapshot and checkpoint of logs that no broker is writing to",
        [Directories, Shallow], RunAsync).With(
        "barnabas log verify barnabas-data", "barnabas log verify barnabas-data/orders-0 -o json");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var partitions = LogFiles.Partitions(parsed.GetValue(Directories)!);
        var total = partitions.SelectMany(LogFiles.Segments).Sum(s => new FileInfo(s).Length);
        var table = new Table("Partition", "Segments", "Records", "Bytes", "Status", "File", "Position", "Damage");
        var damaged = 0;
        using (var progress = ProgressBar.For(parsed, total))
        {
            foreach (var directory in partitions)
            {
                var check = new PartitionCheck(directory, withRecords: !parsed.GetValue(Shallow), progress);
                check.Run(stop);
                object?[] cells = [Path.GetFileName(directory), check.Segments, check.Records, check.Bytes];
                if (check.Findings.Count == 0)
                    table.Add([.. cells, "ok", null, null, null]);
                foreach (var (file, position, how) in check.Findings)
                    table.Add([.. cells, "DAMAGED", file, position, how]);
                damaged += check.Findings.Count;
            }
        }

        Document.Write(parsed, table);
        if (damaged == 0)
            return Task.FromResult(ExitCode.Ok);
        return Task.FromResult(Errors.Say(
            $"{damaged} files are damaged\nindexes and snapshots are made anew when the broker starts; what is lost of "
            + "a .log is lost here: where other replicas have it, remove the partition's directory to have it copied",
            ExitCode.Unhealthy));
    }
}
