using System.CommandLine;
using System.CommandLine.Invocation;

namespace Barnabas.Cli;

/// <summary>Help in one screen: usage, commands, options, examples.</summary>
internal sealed class HelpWriter : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, Console.Out);
        return ExitCode.Ok;
    }

    /// <summary>How a command is called: <c>barnabas topic create</c>.</summary>
    public static string PathOf(Command command)
    {
        var path = new List<string>();
        for (Symbol? at = command; at is Command; at = at.Parents.FirstOrDefault(p => p is Command))
            path.Insert(0, at.Name);
        return string.Join(' ', path);
    }

    /// <summary>Writes a command's help.</summary>
    public static void Write(Command command, TextWriter to)
    {
        to.WriteLine(command.Description);
        to.WriteLine();
        var arguments = string.Concat(command.Arguments.Select(a => $" {Placeholder(a)}"));
        var tail = command.Subcommands.Count > 0 ? " COMMAND" : "";
        to.WriteLine($"usage: {PathOf(command)}{tail}{arguments} [options]");
        Section(to, "commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, c.Description)));
        Section(to, "arguments", command.Arguments.Select(a => (Placeholder(a), a.Description)));
        Section(to, "options", command.Options.Where(Shown).Select(Line));
        if (command.Parents.Any())
            Section(to, "everywhere", GlobalOptions.All.Where(Shown).Select(Line));
        if (Examples.Of(command) is { } examples)
        {
            to.WriteLine();
            to.WriteLine("examples:");
            foreach (var example in examples)
                to.WriteLine($"  {example}");
        }
    }

    private static bool Shown(Option option) => !option.Hidden;

    /// <summary>An argument as usage shows it.</summary>
    public static string Placeholder(Argument argument)
    {
        var name = argument.HelpName ?? argument.Name.ToUpperInvariant();
        var many = argument.Arity.MaximumNumberOfValues > 1 ? "..." : "";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}{many}]" : name + many;
    }

    /// <summary>An option's names and value, and what it does.</summary>
    public static (string Left, string? Right) Line(Option option)
    {
        var names = string.Join(", ", option.Aliases.Append(option.Name).OrderBy(n => n.Length));
        var value = option.ValueType == typeof(bool) ? "" : $" {option.HelpName ?? "VALUE"}";
        return (names + value, option.Description);
    }

    private static void Section(TextWriter to, string title, IEnumerable<(string Left, string? Right)> lines)
    {
        var all = lines.ToList();
        if (all.Count == 0)
            return;
        to.WriteLine();
        to.WriteLine($"{title}:");
        var width = Math.Min(34, all.Max(l => l.Left.Length));
        foreach (var (left, right) in all)
            to.WriteLine($"  {left.PadRight(width)}  {right}".TrimEnd());
    }
}
