using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas config unset</c></summary>
internal static class ConfigUnset
{
    private static readonly (Argument<string> Type, Argument<string> Name) Resource = ConfigCommand.Resource();

    private static readonly Argument<string[]> Keys = new("keys")
    {
        Description = "the configs' names",
        HelpName = "KEY",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Make() => Leaf.Make(
        "unset", "remove configs, so that what stands beneath holds again",
        [Resource.Type, Resource.Name, Keys], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var resource = ConfigCommand.Resource(parsed.GetValue(Resource.Type)!, parsed.GetValue(Resource.Name)!);
        var changes = parsed.GetValue(Keys)!.Select(k => new ConfigChange(k, ConfigOperation.Delete, null));
        await using var session = await Session.OpenAsync(parsed, stop);
        await session.Client.Admin.AlterConfigsAsync(resource, changes, stop: stop);
        session.Say("unset");
        return ExitCode.Ok;
    }
}
