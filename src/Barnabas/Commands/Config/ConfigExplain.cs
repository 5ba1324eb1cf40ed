using System.CommandLine;
using System.Text.Json.Nodes;
using Barnabas.Cluster.Configs;
using ConfigEntry = Barnabas.Client.ConfigEntry;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas config explain</c></summary>
internal static class ConfigExplain
{
    private static readonly Argument<string> Key = new Argument<string>("key")
    {
        Description = "the config's name",
        HelpName = "KEY",
    }.CompletedBy(_ => ConfigCatalog.Names);

    private static readonly Argument<string[]> Of = new("resource")
    {
        Description = "also its value there, and why: topic NAME, or broker ID",
        HelpName = "TYPE NAME",
        Arity = new ArgumentArity(0, 2),
    };

    public static Command Make() => Leaf.Make(
        "explain", "say what a config does, what it takes, and where its value comes from", [Key, Of], RunAsync).With(
        "barnabas config explain retention.ms                 without a broker",
        "barnabas config explain retention.ms topic orders    why it has the value it has");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var key = parsed.GetValue(Key)!;
        var found = ConfigCatalog.Find(key);
        if (found.Count == 0)
        {
            throw new CliException(
                ExitCode.NotFound, $"there is no config '{key}'{Suggestions.For(key, ConfigCatalog.Names)}");
        }

        var value = parsed.GetValue(Of) switch
        {
            [] or null => null,
            [var type, var name] => await ValueAsync(parsed, (type, name), key, stop),
            [var type, ..] => throw CliException.Usage($"whose? give a name after '{type}'"),
        };
        Document.Write(
            parsed,
            () => new JsonArray([.. found.Select(f => (JsonNode)ToJson(f.Of, f.Definition, value))]),
            (to, _) =>
            {
                foreach (var (of, definition) in found)
                    WriteText(to, of, definition);
                if (value is not null)
                    WriteValue(to, parsed.GetValue(Of)!, value);
            });
        return ExitCode.Ok;
    }

    private static async Task<ConfigEntry> ValueAsync(
        ParseResult parsed, (string Type, string Name) of, string key, CancellationToken stop)
    {
        var resource = ConfigCommand.Resource(of.Type, of.Name);
        await using var session = await Session.OpenAsync(parsed, stop);
        var all = await ConfigCommand.DescribeAsync(session, resource, stop);
        return all.FirstOrDefault(c => c.Name == key)
            ?? throw new CliException(ExitCode.NotFound, $"{of.Type} '{of.Name}' has no config '{key}'");
    }

    private static void WriteText(StdOut to, string of, ConfigDefinition config)
    {
        to.WriteLine($"{config.Name}, a config of a {of}");
        to.WriteLine($"  {config.Meaning}");
        if (!config.HasEffect)
            to.WriteLine("  It is accepted and kept, but changes nothing in this version.");
        var limits = config.Limits is { } l ? $", {l.Text}" : "";
        to.WriteLine($"  type        {TypeOf(config)}{limits}");
        to.WriteLine($"  default     {Default(config)}");
        to.WriteLine($"  importance  {config.Importance.ToString().ToLowerInvariant()}");
        if (of == "broker")
            to.WriteLine($"  changes     {Changes(config)}");
        if (config.StandIns.Count > 0)
            to.WriteLine($"  else from   {string.Join(", ", config.StandIns.Select(s => s.Name))}");
    }

    private static void WriteValue(StdOut to, string[] of, ConfigEntry value)
    {
        to.WriteLine($"of {string.Join(' ', of)}");
        to.WriteLine($"  value       {(value.IsSensitive ? "(secret)" : Table.Text(value.Value))}");
        to.WriteLine($"  set by      {ConfigCommand.Source(value.Source)}");
        foreach (var (name, other, source) in value.Synonyms.Skip(1))
            to.WriteLine($"  else        {Table.Text(other)} of {ConfigCommand.Source(source)} {name}");
    }

    private static JsonObject ToJson(string of, ConfigDefinition config, ConfigEntry? value)
    {
        var json = new JsonObject
        {
            ["name"] = config.Name,
            ["of"] = of,
            ["type"] = TypeOf(config),
            ["limits"] = config.Limits?.Text,
            ["default"] = config.Default,
            ["importance"] = config.Importance.ToString().ToLowerInvariant(),
            ["changes"] = of == "broker" ? Changes(config) : "any time",
            ["from"] = new JsonArray([.. config.StandIns.Select(s => (JsonNode)s.Name)]),
            ["hasEffect"] = config.HasEffect,
            ["meaning"] = config.Meaning,
        };
        if (value is null)
            return json;
        json["value"] = value.Value;
        json["source"] = ConfigCommand.Source(value.Source);
        json["synonyms"] = new JsonArray([.. value.Synonyms.Select(s => (JsonNode)new JsonObject
        {
            ["name"] = s.Name, ["value"] = s.Value, ["source"] = ConfigCommand.Source(s.Source),
        })]);
        return json;
    }

    private static string TypeOf(ConfigDefinition config) => config.Type.ToString().ToLowerInvariant();

    private static string Default(ConfigDefinition config) => config.Default switch
    {
        null => config.IsRequired ? "none: it must be set" : "-",
        "" => "empty",
        "9223372036854775807" => "9223372036854775807 (no limit)",
        var text when long.TryParse(text, out var number) => text + InWords(config.Name, number),
        var other => other,
    };

    private static string InWords(string name, long number)
    {
        if (number >= 1000 && name.EndsWith(".ms", StringComparison.Ordinal))
            return $" ({Durations.Text(TimeSpan.FromMilliseconds(number))})";
        return number >= 1024 && name.EndsWith(".bytes", StringComparison.Ordinal) ? $" ({Sizes.Text(number)})" : "";
    }

    private static string Changes(ConfigDefinition config) => config.UpdateMode switch
    {
        ConfigUpdateMode.ReadOnly => "at start",
        ConfigUpdateMode.PerBroker => "while the broker runs, one broker at a time",
        _ => "while brokers run, one or all",
    };
}
