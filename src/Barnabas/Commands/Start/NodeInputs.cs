using System.CommandLine;
using Barnabas.Node.Configuration;

namespace Barnabas.Cli.Commands.Start;

/// <summary>What a node is given on a command line: a file, single configs, a data directory.</summary>
internal static class NodeInputs
{
    /// <summary>The file.</summary>
    public static Option<FileInfo?> Config(string description) =>
        new("--config") { Description = description, HelpName = "FILE" };

    /// <summary>Single configs.</summary>
    public static Option<string[]> Overrides() => new("--override")
    {
        Description = "a config, over file and environment; may be repeated",
        HelpName = "K=V",
        DefaultValueFactory = _ => [],
    };

    /// <summary>The data directory.</summary>
    public static Option<string?> Data() =>
        new("--data") { Description = "the data directory (log.dirs)", HelpName = "DIR" };

    /// <summary>A config that has an option of its own; none where that was not given.</summary>
    public static IEnumerable<string> Override(string key, string? value) => value is null ? [] : [$"{key}={value}"];

    /// <summary>Gathers them, and the environment.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ConfigInputs Of(FileInfo? file, IReadOnlyList<string> overrides) => new()
    {
        File = file is null ? null : new ConfigFile(file.FullName, File.ReadAllText(file.FullName)),
        Environment = Environment.GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .Select(e => new KeyValuePair<string, string>((string)e.Key, (string?)e.Value ?? "")),
        Overrides = overrides,
        HostName = Environment.MachineName,
    };
}
