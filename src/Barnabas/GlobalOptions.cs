using System.CommandLine;
using System.Globalization;

namespace Barnabas.Cli;

/// <summary>The options every command has.</summary>
internal static class GlobalOptions
{
    /// <summary>Where to begin.</summary>
    public static readonly Option<string> BootstrapServer = new("--bootstrap-server", "-b", "--brokers")
    {
        Description = "brokers to begin with (BARNABAS_BROKERS; localhost:9092)",
        HelpName = "HOST:PORT,...",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("BARNABAS_BROKERS") is { Length: > 0 } brokers
            ? brokers
            : "localhost:9092",
    };

    /// <summary>A properties file.</summary>
    public static readonly Option<string?> CommandConfig = new("--command-config", "-F")
    {
        Description = "client properties, as Java's client.properties",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Single properties.</summary>
    public static readonly Option<string[]> Properties = new("--command-property", "-X")
    {
        Description = "a client property, by its Java or librdkafka name",
        HelpName = "K=V",
        Recursive = true,
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Patience.</summary>
    public static readonly Option<TimeSpan> Wait = new("--timeout")
    {
        Description = "how long to wait for the cluster (10s)",
        HelpName = "TIME",
        Recursive = true,
        DefaultValueFactory = _ => TimeSpan.FromSeconds(10),
        CustomParser = result => Durations.TryParse(result.Tokens[^1].Value, out var time)
            ? time
            : Fail(result, $"'{result.Tokens[^1].Value}' is no time such as 500ms, 10s, 5m"),
    };

    /// <summary>Fewer words.</summary>
    public static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "say nothing but errors",
        Recursive = true,
    };

    /// <summary>More words.</summary>
    public static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "say more",
        Recursive = true,
    };

    /// <summary>No colours; there are none yet but on a terminal.</summary>
    public static readonly Option<bool> NoColor = new("--no-color")
    {
        Description = "no colours (NO_COLOR)",
        Recursive = true,
    };

    /// <summary>The form of the output: of every command that prints what it found or did.</summary>
    public static readonly Option<OutputKind> Output = new Option<OutputKind>("--output", "-o")
    {
        Description = "table, wide, json, jsonl, yaml or name (table)",
        HelpName = "KIND",
        CustomParser = result => result.Tokens[^1].Value.ToLower(CultureInfo.InvariantCulture) switch
        {
            "table" => OutputKind.Table,
            "wide" => OutputKind.Wide,
            "json" => OutputKind.Json,
            "jsonl" => OutputKind.JsonLines,
            "yaml" => OutputKind.Yaml,
            "name" => OutputKind.Name,
            var other => Fail(
                result, $"'{other}' is no output: table, wide, json, jsonl, yaml or name", OutputKind.Table),
        },
    }.CompletedBy(_ => ["table", "wide", "json", "jsonl", "yaml", "name"]);

    /// <summary>All that every command has.</summary>
    public static readonly Option[] All =
        [BootstrapServer, CommandConfig, Properties, Wait, Quiet, Verbose, NoColor];

    private static TimeSpan Fail(System.CommandLine.Parsing.ArgumentResult result, string message) =>
        Fail(result, message, TimeSpan.Zero);

    private static T Fail<T>(System.CommandLine.Parsing.ArgumentResult result, string message, T value)
    {
        result.AddError(message);
        return value;
    }
}
