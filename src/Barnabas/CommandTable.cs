using System.CommandLine;
using Barnabas.Cli.Commands;
using Barnabas.Cli.Commands.Start;

namespace Barnabas.Cli;

/// <summary>The commands of the first level. Each is built only when it is called, or when help lists them
/// all.</summary>
internal static class CommandTable
{
    /// <summary>Names and makers, in the order help shows them.</summary>
    public static readonly (string Name, Func<Command> Make)[] All =
    [
        ("start", StartCommand.Build),
        ("topic", TopicCommand.Make),
        ("produce", ProduceCommand.Make),
        ("consume", ConsumeCommand.Make),
        ("cat", CatCommand.Make),
        ("config", ConfigCommand.Make),
        ("quota", QuotaCommand.Make),
        ("group", GroupCommand.Make),
        ("transaction", TransactionCommand.Make),
        ("leader", LeaderCommand.Make),
        ("reassign", ReassignCommand.Make),
        ("cluster", ClusterCommand.Make),
        ("log", LogCommand.Make),
        ("doctor", DoctorCommand.Make),
        ("bench", BenchCommand.Make),
        ("sim", SimCommand.Make),
        ("completion", CompletionCommand.Make),
        ("version", VersionCommand.Make),
    ];
}
