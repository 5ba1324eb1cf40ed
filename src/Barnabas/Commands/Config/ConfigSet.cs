using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas config set</c></summary>
internal static class ConfigSet
{
    private static readonly (Argument<string> Type, Argument<string> Name) Resource = ConfigCommand.Resource();

    private static readonly Argument<string[]> Pairs = new Argument<string[]>("pairs")
    {
        Description = "names and values, as retention.ms=7d; += appends to a list, -= takes from it",
        HelpName = "K=V",
        Arity = ArgumentArity.OneOrMore,
    }.CompletedBy(parsed => ConfigCatalog.Keys(parsed).Select(k => k + "="));

    private static readonly Option<bool> DryRun = new("--dry-run", "--validate-only")
    {
        Description = "only see whether it would be accepted",
    };

    public static Command Make() => Leaf.Make(
        "set", "set configs, and leave the others as they are",
        [Resource.Type, Resource.Name, Pairs, DryRun], RunAsync).With(
        "barnabas config set topic orders retention.ms=7d segment.bytes=256MiB cleanup.policy=compact",
        "barnabas config set broker default log.cleaner.threads=2");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var resource = ConfigCommand.Resource(parsed.GetValue(Resource.Type)!, parsed.GetValue(Resource.Name)!);
        var changes = parsed.GetValue(Pairs)!.Select(Change).ToList();
        await using var session = await Session.OpenAsync(parsed, stop);
        return await ConfigCommand.AlterAsync(session, resource, changes, parsed.GetValue(DryRun), stop);
    }

    private static ConfigChange Change(string pair)
    {
        var (key, value) = KeyValue.Split(pair);
        return key[^1] switch
        {
            '+' => new(key[..^1], ConfigOperation.Append, value),
            '-' => new(key[..^1], ConfigOperation.Subtract, value),
            _ => new(key, ConfigOperation.Set, ConfigValues.Of(key, value)),
        };
    }
}
