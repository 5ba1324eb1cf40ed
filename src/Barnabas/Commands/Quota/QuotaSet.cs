using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas quota set</c></summary>
internal static class QuotaSet
{
    private static readonly Argument<string[]> Pairs = new("pairs")
    {
        Description = "keys and limits, as producer_byte_rate=10MiB (a second) or request_percentage=50",
        HelpName = "K=V",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Make() => Leaf.Make(
        "set", "set quotas, and leave the others as they are",
        [Pairs, .. QuotaCommand.Whose, QuotaAlteration.DryRun], RunAsync).With(
        "barnabas quota set --client-id importer producer_byte_rate=10MiB",
        "barnabas quota set --default user consumer_byte_rate=50MiB request_percentage=200",
        "barnabas quota set --default ip connection_creation_rate=20");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var changes = parsed.GetValue(Pairs)!.Select(KeyValue.Split)
            .Select(pair => new QuotaChange(pair.Key, QuotaCommand.Limit(pair.Key, pair.Value)));
        return QuotaAlteration.RunAsync(parsed, [.. changes], stop);
    }
}
