using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster health</c></summary>
internal static class ClusterHealth
{
    public static Command Make() => Leaf.Make(
        "health", "check brokers, partitions, disks and configs; the exit code tells whether all is well", [],
        RunAsync).With(
        "barnabas cluster health", "barnabas cluster health -o json",
        "until barnabas cluster health -q; do sleep 5; done");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        var findings = new List<Finding>();
        await BrokersAsync(session, findings, stop);
        await new ClusterChecks(admin, await admin.DescribeClusterAsync(stop), findings).RunAsync(stop);
        Finding.Write(parsed, findings);
        return findings.Exists(finding => finding.Verdict == Verdict.Fail) ? ExitCode.Unhealthy : ExitCode.Ok;
    }

    private static async Task BrokersAsync(Session session, List<Finding> findings, CancellationToken stop)
    {
        var brokers = await session.Client.Admin.DescribeBrokersAsync(stop);
        var fenced = brokers.Where(broker => broker.IsFenced).Select(broker => $"{broker.Address.Id}").ToList();
        findings.Add(fenced.Count == 0
            ? new(Verdict.Ok, "brokers", $"all {brokers.Count} brokers are in service")
            : new(
                Verdict.Fail, "brokers", $"{fenced.Count} of {brokers.Count} brokers are fenced: "
                    + string.Join(", ", fenced),
                "start them, or see 'barnabas cluster decommission' if they will not come back"));
    }
}
