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
        Finding.Write(parsed, findings);
        if (!isReached)
            return ExitCode.Unreachable;
        return findings.Exists(f => f.Verdict == Verdict.Fail) ? ExitCode.Unhealthy : ExitCode.Ok;
    }
}
