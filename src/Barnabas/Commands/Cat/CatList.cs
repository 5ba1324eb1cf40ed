using System.CommandLine;
using System.Text.Json.Nodes;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cat -L</c>: brokers, topics and partitions, in kcat's words.</summary>
internal static class CatList
{
    public static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var cluster = await session.Client.Admin.DescribeClusterAsync(stop);
        var wanted = parsed.GetValue(CatOptions.Topic) ?? [];
        List<(string Name, TopicView? Topic)> topics = wanted.Length == 0
            ? (await session.Client.Admin.ListTopicsAsync(stop)).Select(t => (t.Name, Topic: (TopicView?)t)).ToList()
            : wanted.Zip(await session.Client.Admin.DescribeTopicsAsync(wanted, stop)).ToList();
        using var to = new StdOut();
        if (parsed.GetValue(CatOptions.AsJson))
        {
            Document.Compact(to, ToJson(cluster, wanted, topics));
            to.Write("\n"u8);
        }
        else
        {
            Write(to, cluster, wanted, topics);
        }

        return topics.Exists(t => t.Topic is null) ? ExitCode.NotFound : ExitCode.Ok;
    }

    private static void Write(
        StdOut to, ClusterDescription cluster, string[] wanted, List<(string Name, TopicView? Topic)> topics)
    {
        var what = wanted.Length == 0 ? "all topics" : string.Join(", ", wanted);
        var origin = Origin(cluster);
        to.WriteLine($"Metadata for {what} (from broker {origin.Id}: {origin}/{origin.Id}):");
        to.WriteLine($" {cluster.Brokers.Count} brokers:");
        foreach (var broker in cluster.Brokers)
        {
            var role = broker.Id == cluster.Controller ? " (controller)" : "";
            to.WriteLine($"  broker {broker.Id} at {broker}{role}");
        }

        to.WriteLine($" {topics.Count} topics:");
        foreach (var (name, topic) in topics)
        {
            var error = topic is null ? " Broker: Unknown topic or partition" : "";
            to.WriteLine($"  topic \"{name}\" with {topic?.Partitions.Count ?? 0} partitions:{error}");
            foreach (var partition in topic?.Partitions ?? [])
            {
                var state = partition.Leader == BrokerId.None ? ", Broker: Leader not available" : "";
                to.WriteLine(
                    $"    partition {partition.Index}, leader {partition.Leader}, "
                    + $"replicas: {string.Join(',', partition.Replicas)}, "
                    + $"isrs: {string.Join(',', partition.Isr)}{state}");
            }
        }
    }

    private static JsonObject ToJson(
        ClusterDescription cluster, string[] wanted, List<(string Name, TopicView? Topic)> topics) => new()
        {
            ["originating_broker"] = new JsonObject
            {
                ["id"] = Origin(cluster).Id.Value,
                ["name"] = $"{Origin(cluster)}/{Origin(cluster).Id}",
            },
            ["query"] = new JsonObject { ["topic"] = wanted.Length == 0 ? "*" : string.Join(',', wanted) },
            ["controllerid"] = cluster.Controller.Value,
            ["brokers"] = Array(cluster.Brokers, b => new JsonObject { ["id"] = b.Id.Value, ["name"] = b.ToString() }),
            ["topics"] = Array(topics, ToJson),
        };

    private static JsonObject ToJson((string Name, TopicView? Topic) of)
    {
        var json = new JsonObject { ["topic"] = of.Name };
        if (of.Topic is null)
            json["error"] = "Broker: Unknown topic or partition";
        json["partitions"] = Array(of.Topic?.Partitions ?? [], partition =>
        {
            var shown = new JsonObject { ["partition"] = partition.Index };
            if (partition.Leader == BrokerId.None)
                shown["error"] = "Broker: Leader not available";
            shown["leader"] = partition.Leader.Value;
            shown["replicas"] = Array(partition.Replicas, Broker);
            shown["isrs"] = Array(partition.Isr, Broker);
            return shown;
        });
        return json;
    }

    private static JsonObject Broker(BrokerId id) => new() { ["id"] = id.Value };

    private static JsonArray Array<T>(IEnumerable<T> elements, Func<T, JsonObject> of) =>
        new([.. elements.Select(e => (JsonNode)of(e))]);

    /// <summary>The broker that answered: where there are several, the first stands for them.</summary>
    private static BrokerAddress Origin(ClusterDescription cluster) => cluster.Brokers[0];
}
