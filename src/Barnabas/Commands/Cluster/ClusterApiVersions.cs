using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster api-versions</c></summary>
internal static class ClusterApiVersions
{
    public static Command Make() => Leaf.Make(
        "api-versions", "show the APIs that brokers serve", [], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var cluster = await session.Client.Admin.DescribeClusterAsync(stop);
        var table = new Table("Broker", "Key", "Api", "First", "Last");
        foreach (var broker in cluster.Brokers)
        {
            foreach (var api in await session.Client.Admin.DescribeApisAsync(broker.Id, stop))
            {
                table.Add(
                    broker.Id.Value, (int)api.Key, api.Key.ToString(), (int)api.FirstVersion, (int)api.LastVersion);
            }
        }

        Document.Write(parsed, table);
        return ExitCode.Ok;
    }
}
