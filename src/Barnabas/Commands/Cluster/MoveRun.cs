using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>Carries out moves of partitions: it starts them, tells how far they are, and ends their throttle.</summary>
/// <param name="session">The command's hold on the cluster.</param>
/// <param name="rate">The quota of each broker, in bytes a second; null for none.</param>
internal sealed class MoveRun(Session session, long? rate)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private int _told = -1;

    /// <summary>Whether to come back as soon as the moves have begun.</summary>
    public static Option<bool> NoWait() => new("--no-wait")
    {
        Description = "come back when the moves have begun; 'reassign status' tells how far they are",
    };

    /// <summary>What is planned, and nothing done.</summary>
    public static int Show(ParseResult parsed, IEnumerable<PlannedMove> moves)
    {
        var table = new Table("Topic", "Partition", "Replicas", "Planned");
        foreach (var move in moves)
        {
            table.Add(
                move.Partition.Topic, move.Partition.Partition, move.From.Select(broker => broker.Value),
                move.To.Select(broker => broker.Value));
        }

        Document.Write(parsed, table);
        return ExitCode.Ok;
    }

    /// <summary>Begins moves.</summary>
    /// <returns>Ok; or the exit code of the moves that were refused, which has been said why.</returns>
    public async Task<int> StartAsync(IReadOnlyCollection<PlannedMove> moves, CancellationToken stop)
    {
        if (moves.Count == 0)
            return ExitCode.Ok;
        var admin = session.Client.Admin;
        if (rate is { } most)
            await MoveThrottle.SetAsync(admin, moves, most, stop);
        var asked = moves.ToDictionary(move => move.Partition, move => (IReadOnlyList<BrokerId>?)move.To);
        var failures = new List<KafkaException?>();
        foreach (var result in await admin.ReassignPartitionsAsync(asked, stop))
        {
            failures.Add(result.Failure);
            if (result.Failure is { } failure)
                Errors.Say($"{result.Partition}: {Errors.Words(failure)}", ExitCode.Failed);
        }

        return ExitCode.Of(failures);
    }

    /// <summary>Waits until no partition moves, or those of one broker do no more.</summary>
    /// <param name="leaving">The brokers whose partitions are waited for; null for all that move.</param>
    /// <param name="stop">Ends the wait; the moves go on.</param>
    public async Task WaitAsync(IReadOnlyCollection<BrokerId>? leaving, CancellationToken stop)
    {
        while (true)
        {
            var moving = (await session.Client.Admin.ListReassignmentsAsync(stop))
                .Count(move => leaving is null || move.Removing.Any(leaving.Contains));
            if (moving == 0)
                return;
            Tell(moving);
            await Task.Delay(Pause, stop);
        }
    }

    /// <summary>Takes the throttle away, where nothing moves any more.</summary>
    public async Task EndAsync(CancellationToken stop)
    {
        if (await MoveThrottle.ClearAsync(session.Client.Admin, stop))
            session.Say("the throttle is taken away");
    }

    private void Tell(int moving)
    {
        if (moving == _told)
            return;
        _told = moving;
        session.Say($"{moving} partitions are on their way");
    }
}
