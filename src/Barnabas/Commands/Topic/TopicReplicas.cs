using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic replicas</c></summary>
internal static class TopicReplicas
{
    private static readonly Argument<string[]> Names = TopicCommand.Names(isRequired: false);
    private static readonly Option<string?> Partitions = TopicCommand.Partitions();

    public static Command Make() => Leaf.Make(
        "replicas", "show each replica: its broker, directory, size, and whether it is in sync",
        [Names, Partitions], RunAsync).With(
        "barnabas topic replicas orders", "barnabas topic replicas -o json | jq 'sort_by(.size) | last'");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var (topics, missing) = await TopicCommand.FindAsync(session, parsed.GetValue(Names), stop);
        var wanted = topics.SelectMany(t => TopicCommand.Partitions(t, parsed.GetValue(Partitions))).ToHashSet();
        var stored = await StoredAsync(session.Client, wanted, stop);
        var table = new Table("Topic", "Partition", "Broker", "Role", "InSync", "Size", "Lag", "Directory", "Note");
        foreach (var topic in topics)
        {
            foreach (var partition in topic.Partitions.Where(p => wanted.Contains(new(topic.Name, p.Index))))
                Add(table, topic.Name, partition, stored);
        }

        if (topics.Count > 0 || missing == 0)
            Document.Write(parsed, table);
        return TopicCommand.Code(topics.Count, missing);
    }

    private static async Task<ILookup<(TopicPartition, BrokerId), Stored>> StoredAsync(
        KafkaClient client, HashSet<TopicPartition> wanted, CancellationToken stop)
    {
        var stored = new List<Stored>();
        foreach (var broker in (await client.Admin.DescribeClusterAsync(stop)).Brokers)
        {
            foreach (var directory in await client.Admin.DescribeLogDirsAsync(broker.Id, stop))
            {
                stored.AddRange(directory.Replicas.Where(r => wanted.Contains(r.Partition))
                    .Select(r => new Stored(directory, r)));
            }
        }

        return stored.ToLookup(s => (s.Replica.Partition, s.Directory.Broker));
    }

    private static void Add(
        Table table, string topic, PartitionView partition,
        ILookup<(TopicPartition, BrokerId), Stored> stored)
    {
        foreach (var broker in partition.Replicas)
        {
            var role = broker == partition.Leader ? "leader" : "follower";
            var isInSync = partition.Isr.Contains(broker);
            var found = stored[(new(topic, partition.Index), broker)].ToList();
            object?[] cells = [topic, partition.Index, broker.Value, role, isInSync];
            if (found.Count == 0)
                table.Add([.. cells, null, null, null, "not on any disk in service"]);
            foreach (var (directory, replica) in found)
            {
                var note = replica.IsFuture ? "moving here" : null;
                table.Add([.. cells, replica.Size, replica.OffsetLag, directory.Path, note]);
            }
        }
    }

    private sealed record Stored(LogDirectory Directory, StoredReplica Replica);
}
