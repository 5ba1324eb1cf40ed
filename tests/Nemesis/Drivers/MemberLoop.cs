using System.Collections.Concurrent;
using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>A member of a group of the managed client's: reads its share, then commits it.</summary>
/// <param name="commits">Where commits and positions are written down: a history of its own.</param>
/// <param name="handled">What members have handled, by number of the partition and offset.</param>
/// <param name="client">What it is made from.</param>
internal sealed class MemberLoop(
    Recorder commits, ConcurrentDictionary<(int Key, long Offset), long> handled, KafkaClient client)
{
    /// <summary>The group.</summary>
    public const string Group = "members";

    private const int PiecesOfAClient = 400;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads and commits until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await LiveAsync(stop);
            }
            catch (KafkaException fault)
            {
                commits.Note($"member: {fault.Message}");
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    private async Task LiveAsync(CancellationToken stop)
    {
        var process = commits.NewProcess();
        await using var consumer = client.CreateRawConsumer(new ConsumerOptions(Group, Topics.Managed)
        {
            AutoCommit = false,
            Reading = Pieces.Reading,
            Rebalanced = (change, _) => change.Kind == RebalanceKind.Assigned
                ? LookAsync(process, change.Partitions)
                : Task.CompletedTask,
        });
        await using var pieces = new Pieces(consumer.ReadAllAsync);
        for (var piece = 0; piece < PiecesOfAClient && !stop.IsCancellationRequested;)
        {
            if (await pieces.NextAsync() is not { Count: > 0 } got)
                continue;
            foreach (var record in got)
                handled[(Topics.KeyOf(record.Partition), record.Offset)] = record.Content.Value;
            await CommitAsync(consumer, process, got[0].Partition, got[^1].Offset + 1);
            await Task.Delay(Pause, CancellationToken.None);
            piece++;
        }
    }

    private async Task CommitAsync(RawConsumer consumer, int process, TopicPartition partition, long offset)
    {
        var (began, outcome) = (Recorder.Now, Outcome.Ok);
        try
        {
            await consumer.CommitAsync(
                new Dictionary<TopicPartition, CommittedOffset> { [partition] = new(new Offset(offset)) });
        }
        catch (KafkaException fault)
        {
            commits.Note($"member, committing: {fault.Code.KafkaName()}");
            outcome = fault.MayHaveBeenApplied ? Outcome.Unknown : Outcome.Failed;
        }

        commits.Add(new(process, outcome, began, Recorder.Now, [Step.Commit(Topics.KeyOf(partition), offset)]));
    }

    /// <summary>Where the group stands, as the member that begins there is told.</summary>
    private async Task LookAsync(int process, IReadOnlyList<TopicPartition> partitions)
    {
        var began = Recorder.Now;
        try
        {
            var found = await client.Admin.GetGroupOffsetsAsync(Group);
            var steps = partitions.Select(partition => Step.Position(
                Topics.KeyOf(partition),
                found.TryGetValue(partition, out var at) ? at.Offset.Value : Step.NoOffset));
            commits.Add(new(process, Outcome.Ok, began, Recorder.Now, [.. steps]));
        }
        catch (KafkaException fault)
        {
            commits.Note($"member, asking for positions: {fault.Code.KafkaName()}");
        }
    }
}
