using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic describe</c></summary>
internal static class TopicDescribe
{
    private static readonly Argument<string[]> Names = TopicCommand.Names(isRequired: false);
    public static Command Make() => Leaf.Make(
        "describe", "show partitions, leaders, replicas and how far they are behind, and offsets", [Names],
        RunAsync).With(
        "barnabas topic describe orders", "barnabas topic describe orders -o json | jq .[0].partitions");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        var (topics, missing) = await TopicCommand.FindAsync(session, parsed.GetValue(Names), stop);
        var described = new List<Described>();
        foreach (var topic in topics)
        {
            var partitions = await PartitionsAsync(admin, topic, stop);
            described.Add(new(topic, partitions, await ConfigsAsync(admin, topic, stop)));
        }

        if (topics.Count > 0 || missing == 0)
            Document.Write(parsed, () => ToJson(described), (to, isWide) => WriteText(to, described, isWide));
        return TopicCommand.Code(topics.Count, missing);
    }

    private static async Task<Table> PartitionsAsync(Admin admin, TopicView topic, CancellationToken stop)
    {
        var led = topic.Available.Select(i => new TopicPartition(topic.Name, i)).ToList();
        var starts = await admin.ListOffsetsAsync(led.Select(p => (p, OffsetSpec.Earliest)), stop: stop);
        var ends = await admin.ListOffsetsAsync(led.Select(p => (p, OffsetSpec.Latest)), stop: stop);
        var eligible = await admin.DescribeEligibleAsync([topic.Name], stop);
        var lags = await ReplicaLag.FindAsync(admin, topic, stop);
        var table = new Table(
            "Partition", "Leader", Column.Wide("Epoch"), "Replicas", "Isr", "Elr", "Lag", "Start", "End", "Note");
        foreach (var partition in topic.Partitions)
        {
            var of = new TopicPartition(topic.Name, partition.Index);
            table.Add(
                partition.Index, partition.Leader == BrokerId.None ? null : partition.Leader.Value,
                partition.LeaderEpoch.Value,
                partition.Replicas.Select(b => b.Value),
                partition.Isr.Select(b => b.Value),
                eligible.TryGetValue(of, out var may) ? may.Eligible.Select(b => b.Value) : null,
                partition.Replicas.Select(b => lags.TryGetValue((of, b), out var lag) ? lag : (long?)null),
                starts.TryGetValue(of, out var start) ? start.Offset.Value : null,
                ends.TryGetValue(of, out var end) ? end.Offset.Value : null, Note(partition));
        }

        return table;
    }

    private static string? Note(PartitionView partition)
    {
        if (partition.Leader == BrokerId.None)
            return "no leader";
        var missing = partition.Replicas.Except(partition.Isr).ToList();
        return missing.Count == 0 ? null : $"under-replicated: {string.Join(',', missing)} not in sync";
    }

    private static async Task<List<ConfigEntry>> ConfigsAsync(Admin admin, TopicView topic, CancellationToken stop)
    {
        var configs = await admin.DescribeConfigsAsync(ConfigResource.Topic(topic.Name), stop: stop);
        return [.. configs.Where(c => c.Source == ConfigSource.Topic)];
    }

    private static void WriteText(StdOut to, List<Described> described, bool isWide)
    {
        foreach (var (topic, partitions, configs) in described)
        {
            var count = topic.Partitions.Count.ToString(CultureInfo.InvariantCulture);
            var set = string.Join("  ", configs.Select(c => $"{c.Name}={c.Value}"));
            to.WriteLine($"{topic.Name}  id={topic.Id}  partitions={count}  {set}".TrimEnd());
            partitions.WriteText(to, isWide);
            if (topic != described[^1].Topic)
                to.WriteLine("");
        }
    }

    private static JsonArray ToJson(List<Described> described) => new([.. described.Select(d => (JsonNode)new JsonObject
    {
        ["topic"] = d.Topic.Name,
        ["id"] = d.Topic.Id.ToString(),
        ["internal"] = d.Topic.IsInternal,
        ["configs"] = new JsonObject(d.Configs.Select(c => KeyValuePair.Create(c.Name, (JsonNode?)c.Value))),
        ["partitions"] = d.Partitions.ToJson(),
    })]);

    private sealed record Described(TopicView Topic, Table Partitions, List<ConfigEntry> Configs);
}
