using System.CommandLine;
using Barnabas.Base;
using Barnabas.Base.Real;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas log index</c></summary>
internal static class LogIndex
{
    private const int DefaultInterval = 4096;
    private static readonly IDisk Disk = RealHost.Create(NullLoggerFactory.Instance).Disk;

    private static readonly Argument<string[]> Files = new("file")
    {
        Description = "segments (.log)",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Rebuild = new("--rebuild")
    {
        Description = "write the offset and time index anew; no broker may run on the directory",
    };

    private static readonly Option<int> Interval = new("--interval")
    {
        Description = "how many bytes of batches lie between two entries (4096), as index.interval.bytes",
        HelpName = "BYTES",
        DefaultValueFactory = _ => DefaultInterval,
    };

    public static Command Make() => Leaf.Make(
        "index", "hold the indexes of segments against their batches, or build them anew",
        [Files, Rebuild, Interval], RunAsync).With(
        "barnabas log index barnabas-data/orders-0/*.log",
        "barnabas log index --rebuild barnabas-data/orders-0/00000000000000000000.log");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var table = new Table("File", "OffsetEntries", "TimeEntries", "Status", "Damage");
        var damaged = 0;
        foreach (var path in parsed.GetValue(Files)!)
        {
            stop.ThrowIfCancellationRequested();
            if (!File.Exists(path))
                throw new CliException(ExitCode.NotFound, $"there is no file '{path}'");
            if (Path.GetExtension(path) != ".log" || LogFiles.BaseOffset(path) < 0)
                throw CliException.Usage($"'{path}' is no segment: one is named as 00000000000000000000.log");
            damaged += Check(path, parsed, table) ? 0 : 1;
        }

        Document.Write(parsed, table);
        return Task.FromResult(damaged == 0
            ? ExitCode.Ok
            : Errors.Say($"{damaged} segments are not well\n--rebuild writes indexes anew", ExitCode.Unhealthy));
    }

    private static bool Check(string path, ParseResult parsed, Table table)
    {
        var lines = new DumpLines(path);
        var dump = new SegmentDump(lines, new SegmentStyle(WithRecords: false, LogFiles.FormOf(path)));
        if (!dump.Run(path))
        {
            table.Add(path, null, null, "DAMAGED", $"at {lines.Damaged!.Value.Position}: {lines.Damaged.Value.How}");
            return false;
        }

        if (parsed.GetValue(Rebuild))
        {
            var (offsets, times) = IndexBuilder.Write(Disk, path, dump.Places, parsed.GetValue(Interval));
            table.Add(path, offsets, times, "rebuilt", null);
            return true;
        }

        var (offsetPath, timePath) = (Path.ChangeExtension(path, ".index"), Path.ChangeExtension(path, ".timeindex"));
        if (!File.Exists(offsetPath) || !File.Exists(timePath))
        {
            table.Add(path, null, null, "missing", null);
            return false;
        }

        var offset = IndexCheck.Offsets(offsetPath, LogFiles.BaseOffset(path), dump.Places);
        var time = IndexCheck.Times(timePath, LogFiles.BaseOffset(path), dump.Places);
        var fault = offset.Fault ?? time.Fault;
        table.Add(path, offset.Entries, time.Entries, fault is null ? "ok" : "DAMAGED", fault?.How);
        return fault is null;
    }
}
