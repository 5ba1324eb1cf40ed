using System.CommandLine;
using Barnabas.Cli.Commands;
using Barnabas.Cli.Commands.Start;

namespace Barnabas.Cli;

/// <summary>The commands of the first level. Each is built only when it is called, or when help lists them
/// all.</summary>
internal static class CommandTable
{
    /// <summary>All, in the order help shows them.</summary>
    public static readonly Entry[] All =
    [
        new("start", StartCommand.Build),
        new("topic", TopicCommand.Make),
        new("produce", ProduceCommand.Make),
        new("consume", ConsumeCommand.Make),
        new("cat", CatCommand.Make),
        new("config", ConfigCommand.Make),
        new("quota", QuotaCommand.Make),
        new("group", GroupCommand.Make),
        new("transaction", TransactionCommand.Make),
        new("leader", LeaderCommand.Make),
        new("reassign", ReassignCommand.Make),
        new("cluster", ClusterCommand.Make),
        new("log", LogCommand.Make),
        new("doctor", DoctorCommand.Make),
        new("bench", BenchCommand.Make),
        new("sim", SimCommand.Make),
        new("completion", CompletionCommand.Make),
        new("version", VersionCommand.Make),
    ];

    /// <summary>A command.</summary>
    /// <param name="name">What it is called by.</param>
    /// <param name="make">Builds it.</param>
    internal sealed class Entry(string name, Func<Command> make)
    {
        /// <summary>What it is called by.</summary>
        public string Name => name;

        /// <summary>Builds it.</summary>
        public Command Make() => make();
    }
}
