using System.CommandLine;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster info</c></summary>
internal static class ClusterShow
{
    private static readonly Option<OutputKind> Output = GlobalOptions.Output();

    public static Command Make() => Leaf.Make("info", "show the cluster's id, controller and brokers", [Output], RunAsync);

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

        var offline = partitions.Count(p => p.Leader == BrokerId.None);
        var lagging = partitions.Count(p => p.Isr.Count < p.Replicas.Count);
        using var to = new StdOut();
        if (parsed.GetValue(Output) == OutputKind.Table)
        {
            to.WriteLine(
                $"cluster {cluster.ClusterId ?? "-"}   topics={topics.Count}   partitions={partitions.Count}"
                + $"   without-leader={offline}   under-replicated={lagging}");
            brokers.WriteText(to);
            return ExitCode.Ok;
        }

        using (var json = Json.Writer(to))
        {
            json.WriteStartObject();
            json.WriteString("clusterId", cluster.ClusterId);
            json.WriteNumber("controller", cluster.Controller.Value);
            json.WriteNumber("topics", topics.Count);
            json.WriteNumber("partitions", partitions.Count);
            json.WriteNumber("withoutLeader", offline);
            json.WriteNumber("underReplicated", lagging);
            json.WritePropertyName("brokers");
            brokers.WriteJson(json);
            json.WriteEndObject();
        }

        to.Write("\n"u8);
        return ExitCode.Ok;
    }
}
