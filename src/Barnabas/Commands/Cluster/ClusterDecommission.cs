using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster decommission</c></summary>
internal static class ClusterDecommission
{
    private static readonly Argument<int[]> Brokers = new("broker")
    {
        Description = "the brokers' ids",
        HelpName = "BROKER",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<long?> Throttle = MoveThrottle.Rate();
    private static readonly Option<bool> NoWait = MoveRun.NoWait();

    private static readonly Option<bool> Unregister = new("--unregister")
    {
        Description = "have the cluster forget the brokers once they hold nothing; one that still runs then stops",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show where the partitions would go",
    };

    public static Command Make() => Leaf.Make(
        "decommission", "move all partitions away from brokers; begun again it goes on where it was",
        [Brokers, Throttle, NoWait, Unregister, DryRun], RunAsync).With(
        "barnabas cluster decommission 3 --dry-run", "barnabas cluster decommission 3 --throttle 50MB",
        "barnabas cluster decommission 3 --unregister");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var leaving = parsed.GetValue(Brokers)!.Select(id => new BrokerId(id)).ToHashSet();
        var registered = await session.Client.Admin.DescribeBrokersAsync(stop);
        foreach (var id in leaving.Where(id => registered.All(broker => broker.Address.Id != id)))
            throw new CliException(ExitCode.NotFound, $"there is no broker {id}");
        var staying = registered.Where(broker => !broker.IsFenced && !leaving.Contains(broker.Address.Id))
            .ToDictionary(broker => broker.Address.Id, broker => broker.Address.Rack);
        if (parsed.GetValue(DryRun))
            return MoveRun.Show(parsed, await PlanAsync(session.Client.Admin, leaving, staying, stop));

        var run = new MoveRun(session, parsed.GetValue(Throttle));
        // Topics may have come to be on these brokers while others moved.
        while (await PlanAsync(session.Client.Admin, leaving, staying, stop) is { Count: > 0 } moves)
        {
            if (await run.StartAsync(moves, stop) is var code and not ExitCode.Ok)
                return code;
            if (parsed.GetValue(NoWait))
                return ExitCode.Ok;
            await run.WaitAsync(leaving, stop);
        }

        if (!parsed.GetValue(NoWait))
            await run.WaitAsync(leaving, stop);
        await run.EndAsync(stop);
        return await EndAsync(session, leaving, stop);
    }

    /// <summary>The moves that are left: of partitions these brokers hold and are not leaving already.</summary>
    private static async Task<List<PlannedMove>> PlanAsync(
        Admin admin, HashSet<BrokerId> leaving, Dictionary<BrokerId, string?> staying, CancellationToken stop)
    {
        var gone = (await admin.ListReassignmentsAsync(stop))
            .Where(move => move.Replicas.Where(leaving.Contains).All(move.Removing.Contains))
            .Select(move => move.Partition)
            .ToHashSet();
        var held = (await admin.ListTopicsAsync(stop))
            .SelectMany(topic => topic.Partitions.Select(partition => KeyValuePair.Create(
                new TopicPartition(topic.Name, partition.Index), partition.Replicas)))
            .ToDictionary();
        var toMove = held.Where(entry => entry.Value.Any(leaving.Contains) && !gone.Contains(entry.Key))
            .Select(entry => entry.Key)
            .ToHashSet();
        if (toMove.FirstOrDefault(partition => held[partition].Count > staying.Count) is { Topic: not null } large)
        {
            throw CliException.Usage(
                $"{large} has {held[large].Count} replicas, and {staying.Count} brokers in service are left to it");
        }

        var plan = ReplicaSpread.Evacuate(held, toMove, staying);
        return [.. plan.Select(entry => new PlannedMove(entry.Key, held[entry.Key], entry.Value))];
    }

    private static async Task<int> EndAsync(Session session, HashSet<BrokerId> leaving, CancellationToken stop)
    {
        var outcomes = new Outcomes("Broker");
        foreach (var broker in leaving.Order())
        {
            if (!session.Parsed.GetValue(Unregister))
            {
                outcomes.Done("empty", broker.Value);
                continue;
            }

            try
            {
                await session.Client.Admin.UnregisterBrokerAsync(broker, stop);
                outcomes.Done("forgotten", broker.Value);
            }
            catch (KafkaException fault)
            {
                outcomes.Failed(fault, $"broker {broker}: {Errors.Words(fault)}", broker.Value);
            }
        }

        return outcomes.Write(session.Parsed);
    }
}
