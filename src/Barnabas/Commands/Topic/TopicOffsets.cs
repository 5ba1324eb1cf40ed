using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic offsets</c></summary>
internal static class TopicOffsets
{
    private static readonly Argument<string[]> Names = TopicCommand.Names(isRequired: false);
    private static readonly Option<string?> Partitions = TopicCommand.Partitions();

    private static readonly Option<string?> At = new("--at", "--time")
    {
        Description = "the offset of a place instead: earliest, latest, max-timestamp, N, -N, @TIME",
        HelpName = "WHERE",
    };

    public static Command Make() => Leaf.Make(
        "offsets", "show where partitions begin and end, or where a place in them is",
        [Names, Partitions, At], RunAsync).With(
        "barnabas topic offsets orders", "barnabas topic offsets orders --at @1h",
        "barnabas topic offsets -o json | jq 'map(.records) | add'");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var place = parsed.GetValue(At) is { } at ? Place(at) : (OffsetSpec?)null;
        await using var session = await Session.OpenAsync(parsed, stop);
        var (topics, missing) = await TopicCommand.FindAsync(session, parsed.GetValue(Names), stop);
        var partitions = topics.SelectMany(t => TopicCommand.Partitions(t, parsed.GetValue(Partitions))).ToList();
        var table = place is { } where
            ? await PlacesAsync(session.Client.Admin, partitions, where, stop)
            : await RangesAsync(session.Client.Admin, partitions, stop);
        if (topics.Count > 0 || missing == 0)
            Document.Write(parsed, table);
        return TopicCommand.Code(topics.Count, missing);
    }

    private static OffsetSpec Place(string text) => text is "max-timestamp"
        ? OffsetSpec.MaxTimestamp
        : ConsumeRange.Parse(text, toEnd: false, DateTimeOffset.UtcNow) is { Until: null } range
            ? range.From
            : throw CliException.Usage($"'{text}' is a range: one place is wanted");

    private static async Task<Table> RangesAsync(
        Admin admin, List<TopicPartition> partitions, CancellationToken stop)
    {
        var starts = await admin.ListOffsetsAsync(partitions.Select(p => (p, OffsetSpec.Earliest)), stop: stop);
        var stable = await admin.ListOffsetsAsync(
            partitions.Select(p => (p, OffsetSpec.Latest)), IsolationLevel.ReadCommitted, stop);
        var ends = await admin.ListOffsetsAsync(partitions.Select(p => (p, OffsetSpec.Latest)), stop: stop);
        var table = new Table("Topic", "Partition", "Start", "End", "Records", Column.Wide("Stable"));
        foreach (var partition in partitions)
        {
            var (start, end) = (starts[partition].Offset.Value, ends[partition].Offset.Value);
            table.Add(partition.Topic, partition.Partition, start, end, end - start, stable[partition].Offset.Value);
        }

        return table;
    }

    private static async Task<Table> PlacesAsync(
        Admin admin, List<TopicPartition> partitions, OffsetSpec place, CancellationToken stop)
    {
        var found = await admin.ListOffsetsAsync(partitions.Select(p => (p, place)), stop: stop);
        var table = new Table("Topic", "Partition", "Offset", "Timestamp");
        foreach (var partition in partitions)
        {
            var at = found[partition];
            table.Add(
                partition.Topic, partition.Partition, at.Offset.Value < 0 ? null : at.Offset.Value,
                at.TimestampMs < 0 ? null : Times.Text(at.TimestampMs));
        }

        return table;
    }
}
