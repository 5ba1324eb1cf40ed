using System.CommandLine;
using System.Globalization;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas transaction find-hanging</c></summary>
internal static class TransactionFindHanging
{
    private static readonly Argument<string[]> Topics = TopicCommand.Names(isRequired: false);

    private static readonly Option<string?> Partitions = TopicCommand.Partitions();

    private static readonly Option<string> OlderThan = new("--older-than")
    {
        Description = "only where the producer has been silent for longer (15m: transaction.max.timeout.ms)",
        HelpName = "DURATION",
        DefaultValueFactory = _ => "15m",
    };

    public static Command Make() => Leaf.Make(
        "find-hanging", "find transactions that hold readers up and nobody will end; exits with 9 if there are any",
        [Topics, Partitions, OlderThan], RunAsync).With(
        "barnabas transaction find-hanging", "barnabas transaction find-hanging orders --older-than 1h -o json");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var olderThan = TransactionCommand.Duration(parsed.GetValue(OlderThan)!);
        await using var session = await Session.OpenAsync(parsed, stop);
        var (topics, missing) = await TopicCommand.FindAsync(session, parsed.GetValue(Topics), stop);
        var partitions = topics.SelectMany(t => TopicCommand.Partitions(t, parsed.GetValue(Partitions)));
        var found = await session.Client.Admin.FindHangingTransactionsAsync(partitions, olderThan, stop);
        var table = new Table(
            "Topic", "Partition", "Start", "Producer", "Epoch", "CoordinatorEpoch", "TransactionalId", "LastTimestamp",
            "Silent");
        foreach (var one in found)
        {
            table.Add(
                one.Partition.Topic, one.Partition.Partition, one.Producer.TransactionStart?.Value,
                one.Producer.Id.Value, one.Producer.Epoch, one.Producer.CoordinatorEpoch, one.TransactionalId,
                Times.Text(one.Producer.LastTimestampMs), TransactionCommand.Age(one.Producer.LastTimestampMs));
        }

        Document.Write(parsed, table);
        if (found.Count == 0)
            return TopicCommand.Code(topics.Count, missing);
        foreach (var one in found)
        {
            session.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"end it with 'barnabas transaction abort {one.Partition.Topic} -p {one.Partition.Partition} "
                + $"--start {one.Producer.TransactionStart?.Value}'"));
        }

        return ExitCode.Unhealthy;
    }
}
