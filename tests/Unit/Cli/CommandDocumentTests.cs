using System.CommandLine;
using System.Text;
using Barnabas.Cli;

namespace Barnabas.Tests.Unit.Cli;

/// <summary>docs/cli.md against the tree of commands. With BARNABAS_WRITE_DOCS set it is written anew.</summary>
public sealed class CommandDocumentTests
{
    private static readonly string DocumentPath = Path.Combine(Repository.Root, "docs", "cli.md");

    // What runs on, or speaks the language of another program.
    private static readonly string[] WithoutOutput = ["start", "sim", "cat", "completion"];

    [Fact]
    public void The_document_lists_every_command_as_it_is()
    {
        var document = File.ReadAllText(DocumentPath);
        const string mark = "<!-- commands -->\n";
        var begin = document.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        var end = document.IndexOf("<!-- end -->", begin, StringComparison.Ordinal);
        var wanted = document[..begin] + Commands() + document[end..];
        if (Environment.GetEnvironmentVariable("BARNABAS_WRITE_DOCS") is not null)
            File.WriteAllText(DocumentPath, document = wanted);

        Assert.True(wanted == document, "docs/cli.md is behind: run the unit tests with BARNABAS_WRITE_DOCS=1");
    }

    [Fact]
    public void Every_command_that_prints_a_document_has_all_forms_of_it() => Assert.All(
        Leaves(Root()).Where(c => !WithoutOutput.Contains(c.Name)),
        command => Assert.Contains(command.Options, o => o.Name == "--output"));

    [Fact]
    public void Every_command_argument_and_option_is_described() => Assert.All(Leaves(Root()), command =>
    {
        Assert.False(string.IsNullOrEmpty(command.Description), command.Name);
        Assert.All(
            command.Arguments, a => Assert.False(string.IsNullOrEmpty(a.Description), $"{command.Name} {a.Name}"));
        Assert.All(
            command.Options.Where(o => !o.Hidden),
            o => Assert.True(
                !string.IsNullOrEmpty(o.Description) && (o.ValueType == typeof(bool) || o.HelpName is not null),
                $"{command.Name} {o.Name}"));
    });

    private static Command Root() => CommandLine.Parse([]).RootCommandResult.Command;

    private static IEnumerable<Command> Leaves(Command command) => command.Subcommands.Count == 0
        ? [command]
        : command.Subcommands.Where(c => !c.Hidden).SelectMany(Leaves);

    private static string Commands()
    {
        var text = new StringBuilder();
        foreach (var command in Leaves(Root()))
        {
            var arguments = string.Concat(command.Arguments.Select(a => " " + HelpWriter.Placeholder(a)));
            text.Append("### ").Append(HelpWriter.PathOf(command)).Append("\n\n")
                .Append(Sentence(command.Description!)).Append("\n\n```\n")
                .Append(HelpWriter.PathOf(command)).Append(arguments).Append(" [options]\n```\n\n");
            var rows = command.Arguments.Select(a => (Left: HelpWriter.Placeholder(a), Right: a.Description))
                .Concat(command.Options.Where(o => !o.Hidden).Select(HelpWriter.Line)).ToList();
            if (rows.Count > 0)
                text.Append("| | |\n|---|---|\n");
            foreach (var (left, right) in rows)
                text.Append("| `").Append(left).Append("` | ").Append(right!.Replace("|", "\\|")).Append(" |\n");
            if (rows.Count > 0)
                text.Append('\n');
            if (Examples.Of(command) is { } examples)
                text.Append("```\n").AppendJoin('\n', examples).Append("\n```\n\n");
        }

        return text.ToString();
    }

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..] + ".";
}
