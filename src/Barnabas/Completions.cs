using System.CommandLine;
using System.Runtime.CompilerServices;
using Barnabas.Client;

namespace Barnabas.Cli;

/// <summary>What a shell offers when Tab is pressed: commands, options, their values, and names out of the
/// cluster.</summary>
internal static class Completions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly ConditionalWeakTable<Symbol, Func<ParseResult, IEnumerable<string>>> Values = [];

    /// <summary>The argument or option, whose values can be completed from now on.</summary>
    public static T CompletedBy<T>(this T symbol, Func<ParseResult, IEnumerable<string>> values)
        where T : Symbol
    {
        Values.AddOrUpdate(symbol, values);
        return symbol;
    }

    /// <summary>What may stand for the last word.</summary>
    /// <param name="words">The command line behind the program's name; the last word may be empty.</param>
    /// <returns>Words, and what they mean where that is known.</returns>
    public static IEnumerable<(string Word, string? Meaning)> Of(string[] words)
    {
        var (before, current) = (words[..^1], words[^1]);
        var parsed = CommandLine.Parse(before);
        var command = parsed.CommandResult.Command;
        var taken = ValueTaker(command, before);
        var found = taken is not null
            ? Of(taken, current, parsed)
            : current.StartsWith('-')
                ? Options(command).SelectMany(o => o.Aliases.Append(o.Name).Select(n => (n, o.Description)))
                : command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description))
                    .Concat(NextArgument(parsed) is { } next ? Of(next, current, parsed) : []);
        return found.Where(f => f.Item1.StartsWith(current, StringComparison.Ordinal))
            .DistinctBy(f => f.Item1).OrderBy(f => f.Item1, StringComparer.Ordinal);
    }

    /// <summary>Names out of the cluster; none when nobody answers at once, or within the <c>--timeout</c> that was
    /// typed.</summary>
    public static IEnumerable<string> Ask(
        ParseResult parsed, Func<KafkaClient, CancellationToken, Task<IEnumerable<string>>> names)
    {
        var isTyped = parsed.GetResult(GlobalOptions.Wait) is { Implicit: false };
        using var late = new CancellationTokenSource(isTyped ? parsed.GetValue(GlobalOptions.Wait) : Patience);
        return AskAsync(parsed, names, late.Token).GetAwaiter().GetResult();
    }

    private static async Task<IEnumerable<string>> AskAsync(
        ParseResult parsed, Func<KafkaClient, CancellationToken, Task<IEnumerable<string>>> names,
        CancellationToken stop)
    {
        try
        {
            await using var session = await Session.OpenAsync(parsed, stop);
            return await names(session.Client, stop);
        }
        catch (Exception fault) when (fault is KafkaException or CliException or IOException
            or OperationCanceledException)
        {
            // A shell that cannot complete a word says nothing.
            return [];
        }
    }

    /// <summary>The option that the last word is the value of; null when it is none's.</summary>
    private static Option? ValueTaker(Command command, string[] before) => before is [.., var last]
        ? Options(command).Where(o => o.ValueType != typeof(bool))
            .FirstOrDefault(o => o.Name == last || o.Aliases.Contains(last))
        : null;

    /// <summary>The first argument that takes one more value; null when there is none.</summary>
    private static Argument? NextArgument(ParseResult parsed) => parsed.CommandResult.Command.Arguments.FirstOrDefault(
        a => (parsed.GetResult(a)?.Tokens.Count ?? 0) < a.Arity.MaximumNumberOfValues);

    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(GlobalOptions.All).Where(o => !o.Hidden);

    private static IEnumerable<(string, string?)> Of(Symbol symbol, string current, ParseResult parsed)
    {
        if (Values.TryGetValue(symbol, out var values))
            return values(parsed).Select(v => (v, (string?)null));
        var placeholder = symbol is Argument argument ? argument.HelpName : ((Option)symbol).HelpName;
        return placeholder is "FILE" or "DIR" ? Paths(current).Select(p => (p, (string?)null)) : [];
    }

    private static IEnumerable<string> Paths(string current)
    {
        var folder = current[..(current.LastIndexOf('/') + 1)];
        return Directory.Exists(folder.Length == 0 ? "." : folder)
            ? Directory.EnumerateFileSystemEntries(folder.Length == 0 ? "." : folder)
                .Select(p => folder + Path.GetFileName(p) + (Directory.Exists(p) ? "/" : ""))
            : [];
    }
}
