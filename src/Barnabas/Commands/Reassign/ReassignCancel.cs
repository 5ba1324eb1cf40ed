using System.CommandLine;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas reassign cancel</c></summary>
internal static class ReassignCancel
{
    private static readonly Argument<string[]> Names = TopicCommand.Names(isRequired: false);
    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show which moves would stop",
    };

    public static Command Make() => Leaf.Make(
        "cancel", "stop moves, and go back to the replicas there were", [Names, MoveThrottle.Preserve, DryRun],
        RunAsync).With(
        "barnabas reassign cancel", "barnabas reassign cancel orders");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var names = parsed.GetValue(Names) is { Length: > 0 } given ? given.ToHashSet(StringComparer.Ordinal) : null;
        var moving = (await session.Client.Admin.ListReassignmentsAsync(stop))
            .Where(move => names?.Contains(move.Partition.Topic) ?? true)
            .Select(move => move.Partition)
            .ToList();
        var outcomes = new Outcomes("Topic", "Partition");
        if (moving.Count == 0)
        {
            session.Say("nothing moves");
            await EndThrottleAsync(session, stop);
            return ExitCode.Ok;
        }

        if (parsed.GetValue(DryRun))
        {
            foreach (var partition in moving)
                outcomes.Done("valid", partition.Topic, partition.Partition);
            return outcomes.Write(parsed);
        }

        var asked = moving.ToDictionary(partition => partition, _ => (IReadOnlyList<BrokerId>?)null);
        foreach (var result in await session.Client.Admin.ReassignPartitionsAsync(asked, stop))
        {
            object?[] cells = [result.Partition.Topic, result.Partition.Partition];
            if (result.Failure is not { } failure || failure.Code == ErrorCode.NoReassignmentInProgress)
                outcomes.Done("cancelled", cells);
            else
                outcomes.Failed(failure, $"{result.Partition}: {Errors.Words(failure)}", cells);
        }

        await EndThrottleAsync(session, stop);
        return outcomes.Write(parsed);
    }

    private static async Task EndThrottleAsync(Session session, CancellationToken stop)
    {
        if (session.Parsed.GetValue(MoveThrottle.Preserve) || session.Parsed.GetValue(DryRun))
            return;
        if (await MoveThrottle.ClearAsync(session.Client.Admin, stop))
            session.Say("the throttle is taken away");
    }
}
