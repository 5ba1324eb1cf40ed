using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas consume -g</c>: prints what a member of a group reads.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Topics">What it reads.</param>
/// <param name="Reset">Where partitions begin that the group has no position in; null for what the properties
/// say.</param>
/// <param name="Commits">Whether what was printed moves the group's position.</param>
/// <param name="Count">After how many records to end; null for never.</param>
internal sealed record GroupConsumption(
    string GroupId, IReadOnlyList<string> Topics, OffsetReset? Reset, bool Commits, long? Count)
{
    /// <summary>Joins, prints until the count or the wait ends, and leaves the group in good order.</summary>
    /// <exception cref="CliException">A topic does not exist.</exception>
    public async Task RunAsync(Session session, ReaderOptions reading, RecordPrinter printer, CancellationToken stop)
    {
        foreach (var topic in Topics)
            await session.TopicAsync(topic, stop);
        if (!Commits)
            session.Say("the group's position stays where it is: --commit moves it behind what is printed");
        var options = new ConsumerOptions(GroupId, Topics).With(session.Properties) with
        {
            GroupId = GroupId,
            AutoCommit = Commits,
            Reading = Reset is { } reset ? reading with { OffsetReset = reset } : reading,
            Rebalanced = (change, _) => Tell(session, change),
        };
        await using var consumer = Create(session.Client, options);
        await printer.RunAsync(consumer.ReadAllAsync(stop), Count);
        if (printer.Next is { } next)
            await EndAtAsync(consumer, next);
    }

    private static RawConsumer Create(KafkaClient client, ConsumerOptions options)
    {
        try
        {
            return client.CreateRawConsumer(options);
        }
        catch (ArgumentException fault)
        {
            throw CliException.Usage(fault.Message);
        }
    }

    /// <summary>More may have come than was to be printed: what was not is the group's to read again.</summary>
    private static async Task EndAtAsync(RawConsumer consumer, (Base.TopicPartition Partition, Base.Offset Offset) next)
    {
        try
        {
            await consumer.SeekAsync(next.Partition, OffsetSpec.At(next.Offset));
        }
        catch (InvalidOperationException)
        {
            // The partition went to another member meanwhile, which begins at what was committed.
        }
    }

    private Task Tell(Session session, RebalanceChange change)
    {
        if (session.IsVerbose)
        {
            session.Say($"group '{GroupId}': {change.Kind.ToString().ToLowerInvariant()} "
                + GroupCommand.Text(change.Partitions));
        }

        return Task.CompletedTask;
    }
}
