using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas quota unset</c></summary>
internal static class QuotaUnset
{
    private static readonly Argument<string[]> Keys = new("keys")
    {
        Description = "the quotas' keys",
        HelpName = "KEY",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Make() => Leaf.Make(
        "unset", "remove quotas", [Keys, .. QuotaCommand.Whose, QuotaAlteration.DryRun], RunAsync).With(
        "barnabas quota unset --client-id importer producer_byte_rate");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop) => QuotaAlteration.RunAsync(
        parsed, [.. parsed.GetValue(Keys)!.Distinct().Select(key => new QuotaChange(key, null))], stop);
}
