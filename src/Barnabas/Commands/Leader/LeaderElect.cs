using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas leader elect</c></summary>
internal static class LeaderElect
{
    private static readonly Argument<string[]> Names = TopicCommand.Names(isRequired: false);
    private static readonly Option<string?> Partitions = TopicCommand.Partitions();

    private static readonly Option<bool> Unclean = new("--unclean")
    {
        Description = "where there is no leader, take any replica that is alive: records may be lost",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show which partitions the wanted replica does not lead",
    };

    public static Command Make() => Leaf.Make(
        "elect", "give partitions back to their preferred leaders", [Names, Partitions, Unclean, DryRun], RunAsync)
        .With(
            "barnabas leader elect                              all topics",
            "barnabas leader elect orders -p 0,3",
            "barnabas leader elect orders --unclean             rather a leader than all records");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var (topics, missing) = await TopicCommand.FindAsync(session, parsed.GetValue(Names), stop);
        var type = parsed.GetValue(Unclean) ? ElectionType.Unclean : ElectionType.Preferred;
        var wanted = topics
            .SelectMany(t => TopicCommand.Partitions(t, parsed.GetValue(Partitions))
                .Select(p => (p, t.Partitions[p.Partition])))
            .Where(p => Needs(p.Item2, type))
            .ToDictionary(p => p.p, p => p.Item2);
        var outcomes = new Outcomes("Topic", "Partition", "Leader", "Replicas");
        if (parsed.GetValue(DryRun))
        {
            foreach (var (partition, view) in wanted)
                outcomes.Done("valid", Cells(partition, view));
        }
        else if (wanted.Count > 0)
        {
            await ElectAsync(session.Client.Admin, type, wanted, outcomes, stop);
        }

        var code = wanted.Count > 0 ? outcomes.Write(parsed) : ExitCode.Ok;
        if (wanted.Count == 0 && missing == 0)
            session.Say("every partition is led as it should be");
        return missing > 0 ? TopicCommand.Code(topics.Count, missing) : code;
    }

    private static bool Needs(PartitionView partition, ElectionType type) => type == ElectionType.Unclean
        ? partition.Leader == BrokerId.None
        : partition.Replicas.Count > 0 && partition.Leader != partition.Replicas[0];

    private static async Task ElectAsync(
        Admin admin, ElectionType type, Dictionary<TopicPartition, PartitionView> wanted, Outcomes outcomes,
        CancellationToken stop)
    {
        foreach (var result in await admin.ElectLeadersAsync(type, wanted.Keys, stop))
        {
            var cells = Cells(result.Partition, wanted[result.Partition]);
            if (result.Failure is not { } failure || failure.Code == ErrorCode.ElectionNotNeeded)
                outcomes.Done("elected", cells);
            else
                outcomes.Failed(failure, $"{result.Partition}: {Errors.Words(failure)}", cells);
        }
    }

    private static object?[] Cells(TopicPartition partition, PartitionView view) =>
    [
        partition.Topic, partition.Partition, view.Leader == BrokerId.None ? null : view.Leader.Value,
        view.Replicas.Select(replica => replica.Value),
    ];
}
