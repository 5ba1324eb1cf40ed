using System.CommandLine;

namespace Barnabas.Cli;

/// <summary>From arguments to an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Parses and runs.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["complete", "--", .. { Length: > 0 } words])
            return Complete(words);
        var parsed = Parse(args);
        if (parsed.Errors.Count > 0)
            return Refuse(parsed);
        using var interrupts = new Interrupts();
        return await Errors.GuardAsync(
            () => parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                interrupts.Token),
            parsed, interrupts);
    }

    /// <summary>Parses alone.</summary>
    public static ParseResult Parse(string[] args)
    {
        // A RootCommand would bring options of its own, and read their descriptions from resources, at every start.
        var root = new Command("barnabas", "Barnabas: Apache Kafka anew, one binary.");
        root.Options.Add(new Option<bool>("--help", "-h")
        {
            Description = "show this",
            Action = new HelpWriter(),
            Recursive = true,
        });
        foreach (var option in GlobalOptions.All)
            root.Options.Add(option);
        var called = Array.FindIndex(CommandTable.All, entry => args.Length > 0 && entry.Name == args[0]);
        foreach (var entry in called < 0 ? CommandTable.All : CommandTable.All.AsSpan(called, 1))
            root.Subcommands.Add(entry.Make());
        return root.Parse(
            args, new ParserConfiguration { EnablePosixBundling = true, ResponseFileTokenReplacer = null });
    }

    private static int Complete(string[] words)
    {
        using var to = new StdOut();
        foreach (var (word, meaning) in Completions.Of(words))
            to.WriteLine(meaning is null ? word : $"{word}\t{meaning}");
        return ExitCode.Ok;
    }

    private static int Refuse(ParseResult parsed)
    {
        var path = HelpWriter.PathOf(parsed.CommandResult.Command);
        // A command that only groups others is best answered with the list of them.
        if (parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0)
        {
            HelpWriter.Write(parsed.CommandResult.Command, Console.Error);
            return ExitCode.Usage;
        }

        var message = parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command.Subcommands.Count > 0
            ? Unknown(parsed)
            : Missing(parsed) ?? parsed.Errors[0].Message.TrimEnd('.');
        Console.Error.WriteLine($"barnabas: {message}");
        Console.Error.WriteLine($"try '{path} --help'");
        return ExitCode.Usage;
    }

    private static string? Missing(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var missing = command.Arguments.FirstOrDefault(
            a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is null or { Tokens.Count: 0 });
        return missing is null ? null : $"'{HelpWriter.PathOf(command)}' needs {HelpWriter.Placeholder(missing)}";
    }

    private static string Unknown(ParseResult parsed)
    {
        var token = parsed.UnmatchedTokens[0];
        var names = parsed.CommandResult.Command.Subcommands.Select(c => c.Name);
        return $"there is no command '{token}'{Suggestions.For(token, names)}";
    }
}
