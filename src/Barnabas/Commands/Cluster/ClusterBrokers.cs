using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster brokers</c></summary>
internal static class ClusterBrokers
{
    public static Command Make() => Leaf.Make(
        "brokers", "show what each broker leads, holds and lacks, those that are fenced included", [], RunAsync).With(
        "barnabas cluster brokers", "barnabas cluster brokers -o json | jq '.[] | select(.fenced).broker'");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        var controller = (await admin.DescribeClusterAsync(stop)).Controller;
        var partitions = (await admin.ListTopicsAsync(stop)).SelectMany(topic => topic.Partitions).ToList();
        var table = new Table(
            "Broker", "Host", "Port", "Rack", "Leads", "Replicas", "Lagging", "Bytes", "Role", "Fenced");
        foreach (var (broker, isFenced) in await admin.DescribeBrokersAsync(stop))
        {
            var held = partitions.Where(partition => partition.Replicas.Contains(broker.Id)).ToList();
            table.Add(
                broker.Id.Value, broker.Host, broker.Port, broker.Rack,
                partitions.Count(partition => partition.Leader == broker.Id), held.Count,
                held.Count(partition => !partition.Isr.Contains(broker.Id)),
                isFenced ? null : await BytesAsync(admin, broker.Id, stop),
                broker.Id == controller ? "controller" : null, isFenced);
        }

        Document.Write(parsed, table);
        return ExitCode.Ok;
    }

    /// <summary>The bytes of all logs on a broker; null where it does not tell.</summary>
    private static async Task<long?> BytesAsync(Admin admin, BrokerId broker, CancellationToken stop)
    {
        try
        {
            var directories = await admin.DescribeLogDirsAsync(broker, stop);
            return directories.Sum(directory => directory.Replicas.Sum(replica => replica.Size));
        }
        catch (KafkaException fault) when (fault.IsRetriable || fault.Code == ErrorCode.UnsupportedVersion)
        {
            return null;
        }
    }
}
