using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas transaction</c></summary>
internal static class TransactionCommand
{
    public static Command Make() => Leaf.Group(
        "transaction", "list and describe transactions, find those that hang, and end them",
        TransactionList.Make(), TransactionDescribe.Make(), TransactionFindHanging.Make(), TransactionAbort.Make(),
        TransactionForget.Make());

    /// <summary>One transactional id or more.</summary>
    public static Argument<string[]> Names(bool isRequired = true) => new Argument<string[]>("transactional-id")
    {
        Description = isRequired ? "the transactional ids" : "the transactional ids (all there are)",
        HelpName = "ID",
        Arity = isRequired ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
    }.CompletedBy(Known);

    /// <summary>The transactional ids there are, for a shell that completes a word; none when nobody answers at
    /// once.</summary>
    public static IEnumerable<string> Known(ParseResult parsed) => Completions.Ask(
        parsed,
        async (client, stop) => (await client.Admin.ListTransactionsAsync(stop: stop)).Select(t => t.TransactionalId));

    /// <summary>The error of a transactional id that nothing is known of.</summary>
    public static async Task<CliException> AbsentAsync(Session session, string id, CancellationToken stop)
    {
        var all = await session.Client.Admin.ListTransactionsAsync(stop: stop);
        var hint = Suggestions.For(id, all.Select(t => t.TransactionalId));
        return new CliException(ExitCode.NotFound, $"nothing is known of transactional id '{id}'{hint}");
    }

    /// <summary>For how long something has been open, as of now; null where that is not known.</summary>
    public static string? Age(long? sinceMs) => sinceMs is not { } since
        ? null
        : Durations.Text(TimeSpan.FromMilliseconds(
            Math.Max(0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - since)));

    /// <summary>A length of time out of an option.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static TimeSpan Duration(string text) => Durations.TryParse(text, out var time)
        ? time
        : throw CliException.Usage($"'{text}' is no length of time: 90s, 15m or 1h is");
}
