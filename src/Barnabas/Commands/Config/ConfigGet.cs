using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas config get</c></summary>
internal static class ConfigGet
{
    private static readonly (Argument<string> Type, Argument<string> Name) Resource = ConfigCommand.Resource();
    private static readonly Argument<string> Key = new Argument<string>("key")
    {
        Description = "the config's name",
        HelpName = "KEY",
    }.CompletedBy(ConfigCatalog.Keys);

    public static Command Make() => Leaf.Make(
        "get", "print the value of a config", [Resource.Type, Resource.Name, Key], RunAsync).With(
        "barnabas config get topic orders retention.ms");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var resource = ConfigCommand.Resource(parsed.GetValue(Resource.Type)!, parsed.GetValue(Resource.Name)!);
        var key = parsed.GetValue(Key)!;
        await using var session = await Session.OpenAsync(parsed, stop);
        var all = await ConfigCommand.DescribeAsync(session, resource, stop);
        var config = all.FirstOrDefault(c => c.Name == key) ?? throw new CliException(
            ExitCode.NotFound, $"there is no config '{key}'{Suggestions.For(key, all.Select(c => c.Name))}");
        var table = new Table("Name", "Value", "Source", "ReadOnly");
        table.Add(config.Name, config.Value, ConfigCommand.Source(config.Source), config.IsReadOnly);
        Document.Write(parsed, table.ToJson, (to, isWide) =>
        {
            if (isWide)
                table.WriteText(to, isWide);
            else
                to.WriteLine(config.Value ?? "");
        });
        return ExitCode.Ok;
    }
}
