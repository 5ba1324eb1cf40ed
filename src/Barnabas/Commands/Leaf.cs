using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary>Builds commands that do something.</summary>
internal static class Leaf
{
    /// <summary>A command that prints a document: with arguments, options, <c>-o</c>, and what it does.</summary>
    public static Command Make(
        string name, string description, Symbol[] symbols, Func<ParseResult, CancellationToken, Task<int>> run) =>
        Plain(name, description, [.. symbols, GlobalOptions.Output], run);

    /// <summary>A command whose output has a form of its own.</summary>
    public static Command Plain(
        string name, string description, Symbol[] symbols, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else if (symbol is Option option)
                command.Options.Add(option);
        }

        command.SetAction(run);
        return command;
    }

    /// <summary>A command that only groups others.</summary>
    public static Command Group(string name, string description, params Command[] commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
            group.Subcommands.Add(command);
        return group;
    }
}
