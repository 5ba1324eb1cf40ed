using System.Text.Json;
using System.Text.Json.Nodes;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary>Which brokers are to hold which partitions, in the JSON that kafka-reassign-partitions writes and
/// takes.</summary>
internal static class AssignmentFile
{
    private const int Version = 1;
    private const string AnyDirectory = "any";

    /// <summary>Reads a file; <c>-</c> is standard input.</summary>
    /// <exception cref="CliException">It is no such file, names a partition twice, or a log directory, which cannot be
    /// chosen here.</exception>
    public static SortedDictionary<TopicPartition, IReadOnlyList<BrokerId>> Read(string path) =>
        Parse(path == "-" ? Console.In.ReadToEnd() : File.ReadAllText(path));

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="CliException">As <see cref="Read"/>.</exception>
    public static SortedDictionary<TopicPartition, IReadOnlyList<BrokerId>> Parse(string text)
    {
        var moves = new SortedDictionary<TopicPartition, IReadOnlyList<BrokerId>>();
        try
        {
            var file = JsonNode.Parse(text) as JsonObject ?? throw Bad("is no object");
            if ((int?)file["version"] is { } version && version != Version)
                throw Bad($"has version {version}, and {Version} is known");
            foreach (var entry in file["partitions"] as JsonArray ?? throw Bad("has no list of partitions"))
            {
                var (partition, replicas) = Entry(entry as JsonObject ?? throw Bad("names a partition that is none"));
                if (!moves.TryAdd(partition, replicas))
                    throw Bad($"names {partition} twice");
            }
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException)
        {
            throw Bad($"cannot be read: {fault.Message}");
        }

        return moves;
    }

    /// <summary>Such a file.</summary>
    public static JsonObject Of(IEnumerable<KeyValuePair<TopicPartition, IReadOnlyList<BrokerId>>> moves) =>
        new()
        {
            ["version"] = Version,
            ["partitions"] = new JsonArray([.. moves.Select(move => (JsonNode)new JsonObject
            {
                ["topic"] = move.Key.Topic,
                ["partition"] = move.Key.Partition,
                ["replicas"] = new JsonArray([.. move.Value.Select(broker => (JsonNode)broker.Value)]),
                ["log_dirs"] = new JsonArray([.. move.Value.Select(_ => (JsonNode)AnyDirectory)]),
            })]),
        };

    private static (TopicPartition Partition, IReadOnlyList<BrokerId> Replicas) Entry(JsonObject entry)
    {
        if ((string?)entry["topic"] is not { } topic || (int?)entry["partition"] is not { } index
            || entry["replicas"] is not JsonArray replicas)
        {
            throw Bad("has a partition without topic, partition or replicas");
        }

        var directories = (entry["log_dirs"] as JsonArray ?? []).Select(directory => (string?)directory);
        if (directories.Any(directory => directory != AnyDirectory))
            throw Bad($"names log directories for {topic}-{index}: brokers choose them");
        return (new(topic, index), [.. replicas.Select(
            broker => new BrokerId((int?)broker ?? throw Bad($"names a broker of {topic}-{index} that is none")))]);
    }

    private static CliException Bad(string what) => CliException.Usage($"the file {what}");
}
