using System.CommandLine;
using System.Text.Json.Nodes;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster info</c></summary>
internal static class ClusterShow
{
    public static Command Make() => Leaf.Make("info", "show the cluster's id, controller and brokers", [], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var cluster = await session.Client.Admin.DescribeClusterAsync(stop);
        var topics = await session.Client.Admin.ListTopicsAsync(stop);
        var partitions = topics.SelectMany(t => t.Partitions).ToList();
        var brokers = new Table("Broker", "Host", "Port", "Rack", "Leads", "Role");
        foreach (var broker in cluster.Brokers)
        {
            brokers.Add(
                broker.Id.Value, broker.Host, broker.Port, broker.Rack, partitions.Count(p => p.Leader == broker.Id),
                broker.Id == cluster.Controller ? "controller" : null);
        }

        Document.Write(
            parsed,
            () => new JsonObject
            {
                ["clusterId"] = cluster.ClusterId,
                ["controller"] = cluster.Controller.Value,
                ["topics"] = topics.Count,
                ["partitions"] = partitions.Count,
                ["withoutLeader"] = partitions.Count(p => p.Leader == BrokerId.None),
                ["underReplicated"] = partitions.Count(p => p.Isr.Count < p.Replicas.Count),
                ["brokers"] = brokers.ToJson(),
            },
            (to, isWide) =>
            {
                to.WriteLine(
                    $"cluster {cluster.ClusterId ?? "-"}  topics={topics.Count}  partitions={partitions.Count}"
                    + $"  without-leader={partitions.Count(p => p.Leader == BrokerId.None)}"
                    + $"  under-replicated={partitions.Count(p => p.Isr.Count < p.Replicas.Count)}");
                brokers.WriteText(to, isWide);
            });
        return ExitCode.Ok;
    }
}
