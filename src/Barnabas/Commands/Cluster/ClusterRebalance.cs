using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster rebalance</c></summary>
internal static class ClusterRebalance
{
    private static readonly Option<long?> Throttle = MoveThrottle.Rate();
    private static readonly Option<bool> NoWait = MoveRun.NoWait();

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show what would move",
    };

    public static Command Make() => Leaf.Make(
        "rebalance", "spread replicas and leaders evenly over all brokers and racks", [Throttle, NoWait, DryRun],
        RunAsync).With(
        "barnabas cluster rebalance --dry-run", "barnabas cluster rebalance --throttle 50MB");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        if ((await admin.ListReassignmentsAsync(stop)).Count > 0)
        {
            throw new CliException(
                ExitCode.Failed, "partitions are on the move already; see 'barnabas reassign status'");
        }

        var racks = (await admin.DescribeClusterAsync(stop)).Brokers.ToDictionary(b => b.Id, b => b.Rack);
        var held = (await admin.ListTopicsAsync(stop))
            .SelectMany(topic => topic.Partitions.Select(partition => KeyValuePair.Create(
                new TopicPartition(topic.Name, partition.Index), partition.Replicas)))
            // Who lost brokers keeps its replicas there: they may come back.
            .Where(entry => entry.Value.All(racks.ContainsKey))
            .ToDictionary();
        var moves = ReplicaSpread.Plan(held, racks)
            .Where(entry => !entry.Value.SequenceEqual(held[entry.Key]))
            .Select(entry => new PlannedMove(entry.Key, held[entry.Key], entry.Value))
            .ToList();
        if (parsed.GetValue(DryRun))
            return MoveRun.Show(parsed, moves);
        session.Say($"{moves.Count} of {held.Count} partitions change");
        var run = new MoveRun(session, parsed.GetValue(Throttle));
        if (await run.StartAsync(moves, stop) is var code and not ExitCode.Ok)
            return code;
        if (parsed.GetValue(NoWait))
            return ExitCode.Ok;
        await run.WaitAsync(leaving: null, stop);
        await run.EndAsync(stop);
        await ElectAsync(admin, stop);
        return MoveRun.Show(parsed, moves);
    }

    private static async Task ElectAsync(Admin admin, CancellationToken stop)
    {
        foreach (var result in await admin.ElectLeadersAsync(ElectionType.Preferred, stop: stop))
        {
            // Nothing is wrong with a partition that its preferred replica leads, or cannot lead yet.
            if (result.Failure is { } failure && failure.Code is not (
                ErrorCode.ElectionNotNeeded or ErrorCode.PreferredLeaderNotAvailable))
            {
                Errors.Say($"{result.Partition}: {Errors.Words(failure)}", ExitCode.Failed);
            }
        }
    }
}
