using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas doctor</c></summary>
internal static class DoctorCommand
{
    public static Command Make() => Leaf.Make(
        "doctor", "check the way to the cluster, the cluster and this machine; what is wrong comes with its fix", [],
        RunAsync).With(
        "barnabas doctor", "barnabas doctor -b kafka-1:9092 -o json",
        "barnabas doctor > report.txt || mail -s 'the cluster is not well' ops < report.txt");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var findings = new List<Finding>();
        var addresses = parsed.GetValue(GlobalOptions.BootstrapServer)!.Split(',', StringSplitOptions.TrimEntries);
        var wait = parsed.GetValue(GlobalOptions.Wait);
        var isReached = await AddressChecks.BootstrapAsync(addresses, wait, findings, stop);
        if (isReached)
        {
            await using var session = await Session.OpenAsync(parsed, stop);
            var cluster = await session.Client.Admin.DescribeClusterAsync(stop);
            await AddressChecks.AdvertisedAsync(cluster.Brokers, wait, findings, stop);
            await new ClusterChecks(session.Client.Admin, cluster, findings).RunAsync(stop);
        }

        HostChecks.Run(findings);
        Document.Write(parsed, () => ToTable(findings).ToJson(), (to, _) => WriteText(to, findings));
        if (!isReached)
            return ExitCode.Unreachable;
        return findings.Exists(f => f.Verdict == Verdict.Fail) ? ExitCode.Unhealthy : ExitCode.Ok;
    }

    private static Table ToTable(List<Finding> findings)
    {
        var table = new Table("Check", "Verdict", "Detail", "Fix");
        foreach (var finding in findings)
            table.Add(finding.Check, finding.Verdict.ToString().ToLowerInvariant(), finding.Detail, finding.Fix);
        return table;
    }

    private static void WriteText(StdOut to, List<Finding> findings)
    {
        var width = findings.Max(f => f.Check.Length);
        foreach (var finding in findings)
        {
            to.WriteLine($"{finding.Word,-4}  {finding.Check.PadRight(width)}  {finding.Detail}");
            if (finding.Fix is { } fix)
                to.WriteLine($"{"",-4}  {"".PadRight(width)}  fix: {fix}");
        }
    }
}
