using System.CommandLine;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas reassign start</c></summary>
internal static class ReassignStart
{
    private static readonly Argument<string> Path = new("file")
    {
        Description = "the plan, as 'reassign plan' or kafka-reassign-partitions writes it; - for standard input",
        HelpName = "FILE",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show what would move",
    };

    private static readonly Option<long?> Throttle = MoveThrottle.Rate();

    public static Command Make() => Leaf.Make(
        "start", "have partitions move as a plan says", [Path, Throttle, DryRun], RunAsync).With(
        "barnabas reassign start plan.json",
        "barnabas reassign start plan.json --throttle 50MB",
        "barnabas reassign plan --brokers 1,2,3 -o json | barnabas reassign start -");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var moves = AssignmentFile.Read(parsed.GetValue(Path)!);
        await using var session = await Session.OpenAsync(parsed, stop);
        var outcomes = new Outcomes("Topic", "Partition", "Replicas");
        if (parsed.GetValue(DryRun))
        {
            foreach (var (partition, replicas) in moves)
                outcomes.Done("valid", Cells(partition, replicas));
            return outcomes.Write(parsed);
        }

        if (parsed.GetValue(Throttle) is { } rate)
        {
            await MoveThrottle.SetAsync(session.Client.Admin, await PlannedAsync(session, moves, stop), rate, stop);
            session.Say($"copies take {Sizes.Text(rate)} a second at most on each broker");
        }

        var asked = moves.ToDictionary(move => move.Key, move => (IReadOnlyList<BrokerId>?)move.Value);
        foreach (var result in await session.Client.Admin.ReassignPartitionsAsync(asked, stop))
        {
            var cells = Cells(result.Partition, moves[result.Partition]);
            if (result.Failure is { } failure)
                outcomes.Failed(failure, $"{result.Partition}: {Errors.Words(failure)}", cells);
            else
                outcomes.Done("started", cells);
        }

        session.Say("see how far they are with 'barnabas reassign status'");
        return outcomes.Write(parsed);
    }

    private static async Task<List<PlannedMove>> PlannedAsync(
        Session session, SortedDictionary<TopicPartition, IReadOnlyList<BrokerId>> moves, CancellationToken stop)
    {
        var names = moves.Keys.Select(partition => partition.Topic).Distinct().ToArray();
        var topics = await session.Client.Admin.DescribeTopicsAsync(names, stop);
        var held = topics.SelectMany(topic => topic?.Partitions.Select(partition => KeyValuePair.Create(
            new TopicPartition(topic.Name, partition.Index), partition.Replicas)) ?? []).ToDictionary();
        return
        [
            .. from move in moves
               where held.ContainsKey(move.Key)
               select new PlannedMove(move.Key, held[move.Key], move.Value),
        ];
    }

    private static object?[] Cells(TopicPartition partition, IReadOnlyList<BrokerId> replicas) =>
        [partition.Topic, partition.Partition, replicas.Select(replica => replica.Value)];
}
