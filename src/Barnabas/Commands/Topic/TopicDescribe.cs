using System.CommandLine;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic describe</c></summary>
internal static class TopicDescribe
{
    private static readonly Argument<string[]> Names = TopicCommand.Names(isRequired: false);
    private static readonly Option<OutputKind> Output = GlobalOptions.Output();

    public static Command Make() => Leaf.Make(
        "describe", "show partitions, leaders, replicas and offsets", [Names, Output], RunAsync).With(
        "barnabas topic describe orders", "barnabas topic describe orders -o json | jq .[0].partitions");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        var names = parsed.GetValue(Names) is { Length: > 0 } given
            ? given
            : [.. (await admin.ListTopicsAsync(stop)).Where(t => !t.IsInternal).Select(t => t.Name)];
        var topics = await admin.DescribeTopicsAsync(names, stop);
        var code = ExitCode.Ok;
        var described = new List<(TopicView Topic, Table Partitions, string Configs)>();
        for (var i = 0; i < names.Length; i++)
        {
            if (topics[i] is { } topic)
                described.Add((topic, await PartitionsAsync(admin, topic, stop), await ConfigsAsync(admin, topic, stop)));
            else
                code = Errors.Say((await session.AbsentAsync(names[i], stop)).Message, ExitCode.NotFound);
        }

        Write(described, parsed.GetValue(Output));
        return code != ExitCode.Ok && described.Count > 0 ? ExitCode.PartlyFailed : code;
    }

    private static async Task<Table> PartitionsAsync(Admin admin, TopicView topic, CancellationToken stop)
    {
        var led = topic.Available.Select(i => new TopicPartition(topic.Name, i)).ToList();
        var starts = await admin.ListOffsetsAsync(led.Select(p => (p, OffsetSpec.Earliest)), stop: stop);
        var ends = await admin.ListOffsetsAsync(led.Select(p => (p, OffsetSpec.Latest)), stop: stop);
        var table = new Table("Partition", "Leader", "Epoch", "Replicas", "Isr", "Start", "End", "Note");
        foreach (var partition in topic.Partitions)
        {
            var of = new TopicPartition(topic.Name, partition.Index);
            table.Add(
                partition.Index, partition.Leader == BrokerId.None ? null : partition.Leader.Value,
                partition.LeaderEpoch.Value, partition.Replicas.Select(b => b.Value), partition.Isr.Select(b => b.Value),
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

    private static async Task<string> ConfigsAsync(Admin admin, TopicView topic, CancellationToken stop)
    {
        var configs = await admin.DescribeConfigsAsync(ConfigResource.Topic(topic.Name), stop: stop);
        return string.Join(' ', configs.Where(c => c.Source == ConfigSource.Topic).Select(c => $"{c.Name}={c.Value}"));
    }

    private static void Write(List<(TopicView Topic, Table Partitions, string Configs)> described, OutputKind kind)
    {
        using var to = new StdOut();
        if (kind == OutputKind.Json)
        {
            WriteJson(to, described);
            return;
        }

        foreach (var (topic, partitions, configs) in described)
        {
            var count = topic.Partitions.Count.ToString(CultureInfo.InvariantCulture);
            to.WriteLine($"{topic.Name}   id={topic.Id}   partitions={count}   {configs}".TrimEnd());
            partitions.WriteText(to);
            if (topic != described[^1].Topic)
                to.WriteLine("");
        }
    }

    private static void WriteJson(StdOut to, List<(TopicView Topic, Table Partitions, string Configs)> described)
    {
        using (var json = Json.Writer(to))
        {
            json.WriteStartArray();
            foreach (var (topic, partitions, _) in described)
            {
                json.WriteStartObject();
                json.WriteString("topic", topic.Name);
                json.WriteString("id", topic.Id.ToString());
                json.WriteBoolean("internal", topic.IsInternal);
                json.WritePropertyName("partitions");
                partitions.WriteJson(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        to.Write("\n"u8);
    }
}
