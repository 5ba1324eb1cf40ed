using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>Whether the cluster is well: its controller, brokers, partitions, disks and configs.</summary>
internal sealed class ClusterChecks(Admin admin, ClusterDescription cluster, List<Finding> findings)
{
    private const double NearlyFull = 0.85;
    private const double AlmostFull = 0.95;

    /// <summary>Runs them all.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Controller();
        await ApisAsync(stop);
        await PartitionsAsync(stop);
        await DisksAsync(stop);
        await ConfigsAsync(stop);
    }

    private void Controller() => findings.Add(cluster.Controller == BrokerId.None
        ? new(
            Verdict.Fail, "controller", "the cluster has no controller",
            "start the missing controllers: a majority must run")
        : new(Verdict.Ok, "controller", $"broker {cluster.Controller} leads {cluster.Brokers.Count} brokers"));

    private async Task ApisAsync(CancellationToken stop)
    {
        var served = new List<int>();
        foreach (var broker in cluster.Brokers)
            served.Add((await admin.DescribeApisAsync(broker.Id, stop)).Count);
        findings.Add(served.Distinct().Count() <= 1
            ? new(Verdict.Ok, "apis", $"every broker serves {served.FirstOrDefault()} APIs")
            : new(
                Verdict.Warn, "apis", $"brokers serve different numbers of APIs: {string.Join(", ", served)}",
                "bring all brokers to one version; see 'barnabas cluster api-versions'"));
    }

    private async Task PartitionsAsync(CancellationToken stop)
    {
        var topics = await admin.ListTopicsAsync(stop);
        var all = topics
            .SelectMany(t => t.Partitions.Select(p => (Name: $"{t.Name}-{p.Index}", Partition: p))).ToList();
        var leaderless = all.Where(p => p.Partition.Leader == BrokerId.None).Select(p => p.Name).ToList();
        var lagging = all.Where(p => p.Partition.Isr.Count < p.Partition.Replicas.Count).Select(p => p.Name).ToList();
        var single = topics.Count(t => t.Partitions.Any(p => p.Replicas.Count == 1));
        if (leaderless.Count > 0)
        {
            findings.Add(new(
                Verdict.Fail, "leaders", $"{leaderless.Count} partitions have no leader: {Some(leaderless)}",
                "start the brokers that have their replicas; see 'barnabas topic describe'"));
        }

        if (lagging.Count > 0)
        {
            findings.Add(new(
                Verdict.Warn, "replicas", $"{lagging.Count} partitions are under-replicated: {Some(lagging)}",
                "see which brokers are missing with 'barnabas topic describe'"));
        }

        if (cluster.Brokers.Count > 1 && single > 0)
        {
            findings.Add(new(
                Verdict.Warn, "single", $"{single} topics have one replica only: what their broker loses is lost",
                "create topics with -r 3, and move these"));
        }

        if (leaderless.Count == 0 && lagging.Count == 0)
        {
            findings.Add(new(
                Verdict.Ok, "partitions", $"{all.Count} partitions of {topics.Count} topics have all their replicas"));
        }
    }

    private async Task DisksAsync(CancellationToken stop)
    {
        foreach (var broker in cluster.Brokers)
        {
            try
            {
                foreach (var directory in await admin.DescribeLogDirsAsync(broker.Id, stop))
                    findings.Add(Disk(directory));
            }
            catch (KafkaException fault) when (fault.Code == ErrorCode.UnsupportedVersion)
            {
                findings.Add(new(Verdict.Skip, "disk", $"broker {broker.Id} does not tell of its log directories"));
            }
        }
    }

    private static Finding Disk(LogDirectory directory)
    {
        var name = $"broker {directory.Broker} {directory.Path}";
        if (directory.Failure is { } failure)
        {
            return new(
                Verdict.Fail, "disk", $"{name} is out of service: {Errors.Words(failure)}",
                "read the broker's log, mend the disk, and start the broker again");
        }

        if (directory is not { TotalBytes: > 0 and var total, UsableBytes: { } free })
            return new(Verdict.Ok, "disk", $"{name} is in service");
        var used = 1 - ((double)free / total);
        var detail = $"{name}: {Sizes.Text(free)} of {Sizes.Text(total)} are free";
        return used < NearlyFull
            ? new(Verdict.Ok, "disk", detail)
            : new(
                used < AlmostFull ? Verdict.Warn : Verdict.Fail, "disk", detail,
                "lower retention.ms or retention.bytes of large topics (see 'barnabas topic replicas'), or add a disk");
    }

    private async Task ConfigsAsync(CancellationToken stop)
    {
        foreach (var broker in cluster.Brokers)
        {
            var configs = (await admin.DescribeConfigsAsync(
                new(ConfigResourceType.Broker, broker.Id.ToString()), stop: stop)).ToDictionary(c => c.Name);
            var name = $"broker {broker.Id}";
            if (configs.GetValueOrDefault("unclean.leader.election.enable")?.Value == "true")
            {
                findings.Add(new(
                    Verdict.Warn, "config", $"{name} may elect a leader that lacks acknowledged records",
                    "barnabas config set broker default unclean.leader.election.enable=false"));
            }

            if (Number(configs, "default.replication.factor") > 1 && Number(configs, "min.insync.replicas") < 2)
            {
                findings.Add(new(
                    Verdict.Warn, "config", $"{name} acknowledges what one replica alone has (min.insync.replicas=1)",
                    "barnabas config set broker default min.insync.replicas=2"));
            }
        }
    }

    private static long Number(Dictionary<string, ConfigEntry> configs, string key) =>
        long.TryParse(configs.GetValueOrDefault(key)?.Value, out var number) ? number : 0;

    private static string Some(List<string> names) =>
        string.Join(", ", names.Take(3)) + (names.Count > 3 ? $" and {names.Count - 3} more" : "");
}
