using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Barnabas.Cli;

/// <summary>The examples help shows at a command's end.</summary>
internal static class Examples
{
    private static readonly ConditionalWeakTable<Command, string[]> ByCommand = [];

    /// <summary>The command with examples.</summary>
    public static Command With(this Command command, params string[] examples)
    {
        ByCommand.Add(command, examples);
        return command;
    }

    /// <summary>A command's examples; null when it has none.</summary>
    public static string[]? Of(Command command) => ByCommand.TryGetValue(command, out var examples) ? examples : null;
}
