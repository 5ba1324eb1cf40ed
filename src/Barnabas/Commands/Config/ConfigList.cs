using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas config list</c></summary>
internal static class ConfigList
{
    private static readonly (Argument<string> Type, Argument<string> Name) Resource = ConfigCommand.Resource();

    private static readonly Option<bool> Changed = new("--changed")
    {
        Description = "only those that are not the default",
    };

    public static Command Make() => Leaf.Make(
        "list", "list configs, and where each value comes from",
        [Resource.Type, Resource.Name, Changed], RunAsync).With(
        "barnabas config list topic orders --changed");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var resource = ConfigCommand.Resource(parsed.GetValue(Resource.Type)!, parsed.GetValue(Resource.Name)!);
        await using var session = await Session.OpenAsync(parsed, stop);
        var table = new Table("Name", "Value", "Source", "ReadOnly", Column.Wide("Type"), Column.Wide("Default"));
        foreach (var config in await ConfigCommand.DescribeAsync(session, resource, stop))
        {
            if (parsed.GetValue(Changed) && config.Source is ConfigSource.Default or ConfigSource.Unknown)
                continue;
            table.Add(
                config.Name, config.IsSensitive ? "(secret)" : config.Value, ConfigCommand.Source(config.Source),
                config.IsReadOnly, ConfigCommand.TypeName(config.Type), config.Default);
        }

        Document.Write(parsed, table);
        return ExitCode.Ok;
    }
}
