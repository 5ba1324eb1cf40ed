using System.CommandLine;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas transaction abort</c></summary>
internal static class TransactionAbort
{
    private static readonly Argument<string> Topic = TopicCommand.Name();

    private static readonly Option<int> Partition = new("--partition", "-p")
    {
        Description = "the partition",
        HelpName = "N",
        Required = true,
    };

    private static readonly Option<long> Start = new("--start", "--start-offset")
    {
        Description = "where the transaction begins, as find-hanging and 'topic producers' show it",
        HelpName = "OFFSET",
        Required = true,
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only see whether there is such a transaction",
    };

    public static Command Make() => Leaf.Make(
        "abort", "abort an open transaction in one partition, past its coordinator: for one that hangs",
        [Topic, Partition, Start, DryRun], RunAsync).With("barnabas transaction abort orders -p 3 --start 1042");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var topic = await session.TopicAsync(parsed.GetValue(Topic)!, stop);
        var index = parsed.GetValue(Partition).ToString(CultureInfo.InvariantCulture);
        var partition = TopicCommand.Partitions(topic, index).Single();
        var start = new Offset(parsed.GetValue(Start));
        var producers = await session.Client.Admin.DescribeProducersAsync(partition, stop);
        var producer = producers.FirstOrDefault(p => p.TransactionStart == start) ?? throw Absent(partition, producers);
        if (!parsed.GetValue(DryRun))
            await session.Client.Admin.AbortTransactionAsync(partition, producer, stop);
        var table = new Table("Topic", "Partition", "Start", "Producer", "Epoch", "Status");
        table.Add(
            partition.Topic, partition.Partition, start.Value, producer.Id.Value, producer.Epoch,
            parsed.GetValue(DryRun) ? "valid" : "aborted");
        Document.Write(parsed, table);
        return ExitCode.Ok;
    }

    private static CliException Absent(TopicPartition partition, IReadOnlyList<ActiveProducer> producers)
    {
        var open = producers.Where(p => p.TransactionStart is not null)
            .Select(p => p.TransactionStart!.Value.Value.ToString(CultureInfo.InvariantCulture)).ToList();
        return new CliException(
            ExitCode.NotFound,
            $"no open transaction begins there in {partition}: "
            + (open.Count == 0 ? "none is open" : $"those open begin at {string.Join(", ", open)}"));
    }
}
