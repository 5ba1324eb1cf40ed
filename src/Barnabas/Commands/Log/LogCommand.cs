using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas log</c></summary>
internal static class LogCommand
{
    public static Command Make() => Leaf.Group(
        "log", "look into the files of a log, without a broker",
        LogDump.Make(), LogVerify.Make(), LogStat.Make(), LogIndex.Make());
}
