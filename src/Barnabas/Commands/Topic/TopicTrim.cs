using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic trim</c></summary>
internal static class TopicTrim
{
    private static readonly Argument<string> Name = TopicCommand.Name();

    private static readonly Option<string?> Partitions = TopicCommand.Partitions();

    private static readonly Option<string> Before = new("--before")
    {
        Description = "the first record to keep: N, -N, @TIME, or latest to keep none",
        HelpName = "WHERE",
        Required = true,
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show what would go",
    };

    public static Command Make() => Leaf.Make(
        "trim", "delete the oldest records of a topic", [Name, Before, Partitions, DryRun], RunAsync).With(
        "barnabas topic trim orders --before @7d              what is older than a week",
        "barnabas topic trim orders --before 1000 -p 0",
        "barnabas topic trim orders --before latest --dry-run");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var range = ConsumeRange.Parse(parsed.GetValue(Before)!, toEnd: false, DateTimeOffset.UtcNow);
        if (range.Until is not null)
            throw CliException.Usage($"'{parsed.GetValue(Before)}' is a range: one place is wanted");
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        var topic = await session.TopicAsync(parsed.GetValue(Name)!, stop);
        var partitions = TopicCommand.Partitions(topic, parsed.GetValue(Partitions)).ToList();
        var starts = await admin.ListOffsetsAsync(partitions.Select(p => (p, OffsetSpec.Earliest)), stop: stop);
        var ends = await admin.ListOffsetsAsync(partitions.Select(p => (p, OffsetSpec.Latest)), stop: stop);
        var places = await admin.ListOffsetsAsync(partitions.Select(p => (p, range.From)), stop: stop);
        var outcomes = new Outcomes("Partition", "Start", "End", "Deleted");
        foreach (var partition in partitions)
        {
            var (start, end) = (starts[partition].Offset, ends[partition].Offset);
            // A time behind all records has no offset: every record is older.
            var before = places[partition].Offset is { Value: >= 0 } found ? found : end;
            await TrimAsync(new(admin, outcomes, parsed.GetValue(DryRun)), partition, (start, before, end), stop);
        }

        return outcomes.Write(parsed);
    }

    private static async Task TrimAsync(
        Run run, TopicPartition partition, (Offset Start, Offset Before, Offset End) at, CancellationToken stop)
    {
        if (at.Before <= at.Start)
        {
            run.Outcomes.Done("unchanged", partition.Partition, at.Start.Value, at.End.Value, 0);
            return;
        }

        if (run.IsDryRun)
        {
            run.Outcomes.Done(
                "valid", partition.Partition, at.Before.Value, at.End.Value, at.Before.Value - at.Start.Value);
            return;
        }

        try
        {
            var start = await run.Admin.DeleteRecordsAsync(partition, at.Before, stop);
            run.Outcomes.Done(
                "trimmed", partition.Partition, start.Value, at.End.Value, start.Value - at.Start.Value);
        }
        catch (KafkaException fault)
        {
            run.Outcomes.Failed(fault, Explain(fault, partition), partition.Partition, at.Start.Value, at.End.Value, 0);
        }
    }

    private static string Explain(KafkaException fault, TopicPartition partition) => fault.Code switch
    {
        ErrorCode.PolicyViolation =>
            $"{partition}: {Errors.Words(fault)}\nonly topics whose cleanup.policy has delete can be trimmed",
        ErrorCode.OffsetOutOfRange =>
            $"{partition}: {Errors.Words(fault)}\nsee where it ends with 'barnabas topic offsets'",
        _ => $"{partition}: {Errors.Words(fault)}",
    };

    private sealed record Run(Admin Admin, Outcomes Outcomes, bool IsDryRun);
}
