using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas config unset</c></summary>
internal static class ConfigUnset
{
    private static readonly (Argument<string> Type, Argument<string> Name) Resource = ConfigCommand.Resource();

    private static readonly Argument<string[]> Keys = new Argument<string[]>("keys")
    {
        Description = "the configs' names",
        HelpName = "KEY",
        Arity = ArgumentArity.OneOrMore,
    }.CompletedBy(ConfigCatalog.Keys);

    private static readonly Option<bool> DryRun = new("--dry-run", "--validate-only")
    {
        Description = "only see whether it would be accepted",
    };

    public static Command Make() => Leaf.Make(
        "unset", "remove configs, so that what stands beneath holds again",
        [Resource.Type, Resource.Name, Keys, DryRun], RunAsync).With(
        "barnabas config unset topic orders retention.ms");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var resource = ConfigCommand.Resource(parsed.GetValue(Resource.Type)!, parsed.GetValue(Resource.Name)!);
        var changes = parsed.GetValue(Keys)!.Select(k => new ConfigChange(k, ConfigOperation.Delete, null)).ToList();
        await using var session = await Session.OpenAsync(parsed, stop);
        return await ConfigCommand.AlterAsync(session, resource, changes, parsed.GetValue(DryRun), stop);
    }
}
