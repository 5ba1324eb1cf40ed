using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas transaction list</c></summary>
internal static class TransactionList
{
    private static readonly string[] KnownStates =
    [
        "Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort", "PrepareEpochFence",
        "Dead",
    ];

    private static readonly Option<string[]> States = new Option<string[]>("--state")
    {
        Description = "only those in this state, such as Ongoing; may be repeated",
        HelpName = "STATE",
    }.CompletedBy(_ => KnownStates);

    private static readonly Option<string?> LongerThan = new("--longer-than")
    {
        Description = "only those that have been open for longer, such as 10m",
        HelpName = "DURATION",
    };

    private static readonly Option<string?> Pattern = new("--match")
    {
        Description = "only those whose whole id matches this regular expression",
        HelpName = "REGEX",
    };

    private static readonly Option<long[]> Producers = new("--producer")
    {
        Description = "only this producer id; may be repeated",
        HelpName = "N",
    };

    public static Command Make() => Leaf.Make(
        "list", "list the transactional ids and where their transactions stand",
        [States, LongerThan, Pattern, Producers], RunAsync).With(
        "barnabas transaction list", "barnabas transaction list --state Ongoing --longer-than 1m",
        "barnabas transaction list --match 'etl-.*' -o name");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var filter = new TransactionFilter
        {
            States = Checked(parsed.GetValue(States)),
            LongerThan = parsed.GetValue(LongerThan) is { } text ? TransactionCommand.Duration(text) : null,
            Pattern = parsed.GetValue(Pattern),
            Producers = [.. (parsed.GetValue(Producers) ?? []).Select(p => new ProducerId(p))],
        };
        await using var session = await Session.OpenAsync(parsed, stop);
        var table = new Table("TransactionalId", "State", "Producer", "Coordinator");
        foreach (var listed in await session.Client.Admin.ListTransactionsAsync(filter, stop))
            table.Add(listed.TransactionalId, listed.State, listed.Id.Value, listed.Coordinator.Value);
        Document.Write(parsed, table);
        return ExitCode.Ok;
    }

    /// <summary>States as brokers spell them; they may be typed in any case, and several with commas.</summary>
    private static List<string> Checked(string[]? given) =>
        [.. (given ?? []).SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries)).Select(
            g => KnownStates.FirstOrDefault(k => k.Equals(g, StringComparison.OrdinalIgnoreCase))
                ?? throw CliException.Usage(
                    $"'{g}' is no state of transactions: there are {string.Join(", ", KnownStates)}"))];
}
