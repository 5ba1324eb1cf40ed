using System.CommandLine;
using Barnabas.Cluster.Configs;

namespace Barnabas.Cli.Commands;

/// <summary>The configs that this version knows, without asking a broker.</summary>
internal static class ConfigCatalog
{
    private static readonly (string Of, ConfigTable Table)[] Tables =
    [
        ("topic", ConfigDefinitions.Topic), ("broker", ConfigDefinitions.Broker),
        ("group", ConfigDefinitions.Group), ("client-metrics", ConfigDefinitions.ClientMetrics),
    ];

    /// <summary>Every name, of whatever it is a config.</summary>
    public static IEnumerable<string> Names => Tables.SelectMany(t => t.Table.All).Select(d => d.Name).Distinct();

    /// <summary>What a config is a config of, with its definition there; none when nobody knows it.</summary>
    public static List<(string Of, ConfigDefinition Definition)> Find(string key) =>
        [.. Tables.Where(t => t.Table.TryGet(key, out _)).Select(t => (t.Of, t.Table[key]))];

    /// <summary>The names that may stand behind a type on a command line, for a shell that completes it.</summary>
    public static IEnumerable<string> Keys(ParseResult parsed) =>
        Tables.Where(t => parsed.Tokens.Any(token => token.Value == t.Of))
            .SelectMany(t => t.Table.All).Select(d => d.Name);
}
