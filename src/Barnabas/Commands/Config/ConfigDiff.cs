using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas config diff</c></summary>
internal static class ConfigDiff
{
    private static readonly (Argument<string> Type, Argument<string> Name) Resource = ConfigCommand.Resource();

    private static readonly Argument<string?> Other = new Argument<string?>("other")
    {
        Description = "another one of the same type (the defaults)",
        HelpName = "OTHER",
        Arity = ArgumentArity.ZeroOrOne,
    }.CompletedBy(ConfigCommand.Named);

    public static Command Make() => Leaf.Make(
        "diff", "show which configs differ from the defaults, or from those of another topic, broker or group",
        [Resource.Type, Resource.Name, Other], RunAsync).With(
        "barnabas config diff topic orders              what differs from the defaults",
        "barnabas config diff topic orders payments",
        "barnabas config diff broker 1 2");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var (type, name) = (parsed.GetValue(Resource.Type)!, parsed.GetValue(Resource.Name)!);
        await using var session = await Session.OpenAsync(parsed, stop);
        var own = await ConfigCommand.DescribeAsync(session, ConfigCommand.Resource(type, name), stop);
        var table = parsed.GetValue(Other) is { } other
            ? Compare(own, await ConfigCommand.DescribeAsync(session, ConfigCommand.Resource(type, other), stop))
            : Changed(own);
        Document.Write(parsed, table);
        return ExitCode.Ok;
    }

    private static Table Changed(IReadOnlyList<ConfigEntry> configs)
    {
        var table = new Table("Name", "Value", "Default", "Source");
        foreach (var config in configs.Where(c => c.Source is not (ConfigSource.Default or ConfigSource.Unknown)))
        {
            if (config.IsSensitive || config.Value != config.Default)
                table.Add(config.Name, Value(config), Default(config), ConfigCommand.Source(config.Source));
        }

        return table;
    }

    private static Table Compare(IReadOnlyList<ConfigEntry> own, IReadOnlyList<ConfigEntry> theirs)
    {
        var table = new Table("Name", "Value", "Other");
        var others = theirs.ToDictionary(c => c.Name, StringComparer.Ordinal);
        foreach (var config in own)
        {
            var other = others.GetValueOrDefault(config.Name);
            if (Value(config) != Value(other))
                table.Add(config.Name, Value(config), Value(other));
        }

        foreach (var config in theirs.ExceptBy(own.Select(c => c.Name), c => c.Name))
            table.Add(config.Name, null, Value(config));
        return table;
    }

    // A topic's default may be the broker's, under another name and in another unit.
    private static string? Default(ConfigEntry config) =>
        config.Synonyms.FirstOrDefault(s => s.Source == ConfigSource.Default) is { } synonym
            && synonym.Name != config.Name
            ? $"{synonym.Name}={synonym.Value}"
            : config.Default;

    private static string? Value(ConfigEntry? config) => config is { IsSensitive: true } ? "(secret)" : config?.Value;
}
