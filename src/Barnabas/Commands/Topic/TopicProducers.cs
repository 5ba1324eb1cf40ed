using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic producers</c></summary>
internal static class TopicProducers
{
    private static readonly Argument<string[]> Names = TopicCommand.Names();
    private static readonly Option<string?> Partitions = TopicCommand.Partitions();

    public static Command Make() => Leaf.Make(
        "producers", "show who wrote to partitions not long ago, and open transactions",
        [Names, Partitions], RunAsync).With(
        "barnabas topic producers orders -p 0");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var (topics, missing) = await TopicCommand.FindAsync(session, parsed.GetValue(Names), stop);
        var table = new Table(
            "Producer", "Topic", "Partition", "Epoch", "LastSequence", "LastTimestamp", "TransactionStart",
            Column.Wide("CoordinatorEpoch"));
        foreach (var partition in topics.SelectMany(t => TopicCommand.Partitions(t, parsed.GetValue(Partitions))))
        {
            foreach (var producer in await session.Client.Admin.DescribeProducersAsync(partition, stop))
            {
                table.Add(
                    producer.Id.Value, partition.Topic, partition.Partition, producer.Epoch,
                    producer.LastSequence < 0 ? null : producer.LastSequence,
                    producer.LastTimestampMs < 0 ? null : Times.Text(producer.LastTimestampMs),
                    producer.TransactionStart?.Value, producer.CoordinatorEpoch);
            }
        }

        if (topics.Count > 0)
            Document.Write(parsed, table);
        return TopicCommand.Code(topics.Count, missing);
    }
}
