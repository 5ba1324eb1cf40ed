using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas reassign status</c></summary>
internal static class ReassignStatus
{
    public static Command Make() => Leaf.Make(
        "status", "show the partitions that are on the move, and end their throttle when none is",
        [MoveThrottle.Preserve], RunAsync).With(
        "barnabas reassign status", "barnabas reassign status -o json | jq length");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var table = new Table("Topic", "Partition", "Replicas", "Adding", "Removing");
        var moves = await session.Client.Admin.ListReassignmentsAsync(stop);
        foreach (var moving in moves)
        {
            table.Add(
                moving.Partition.Topic, moving.Partition.Partition, moving.Replicas.Select(b => b.Value),
                moving.Adding.Select(b => b.Value), moving.Removing.Select(b => b.Value));
        }

        Document.Write(parsed, table);
        if (moves.Count == 0 && !parsed.GetValue(MoveThrottle.Preserve)
            && await MoveThrottle.ClearAsync(session.Client.Admin, stop))
        {
            session.Say("nothing moves any more: the throttle is taken away");
        }

        return ExitCode.Ok;
    }
}
