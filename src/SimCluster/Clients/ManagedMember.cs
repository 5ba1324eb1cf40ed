using System.Text;
using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Sim;

namespace Barnabas.SimCluster;

/// <summary>Our own client as a member, in a process of its own: it reads, commits what it has handled, is slow at
/// times, is killed, and starts anew.</summary>
internal sealed class ManagedMember(IGroupHistory history, int number, string? instance)
{
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(5);
    private readonly RandomSource _chance = history.NewChance(number);

    private GroupLedger Ledger => history.Readers;

    /// <summary>Goes on until the group has come to the end of the topic.</summary>
    public async Task RunAsync()
    {
        var topic = await history.WorkAsync();
        while (!history.IsRead)
        {
            var process = history.World.NewProcess();
            var host = process.NewHost(new SimDisk(0));
            var lane = host.Lanes.NewLane("application");
            using var stop = new CancellationTokenSource();
            var life = lane.RunAsync(() => LiveAsync(host, topic, stop.Token));
            var end = history.World.Age + TimeSpan.FromMilliseconds(2_000 + _chance.Next(15_000));
            while (!life.IsCompleted && !history.IsRead && history.World.Age < end)
                await PauseAsync(500);
            if (history.IsWindingDown || life.IsCompleted || _chance.Next(2) == 0)
            {
                lane.Post(stop.Cancel);
                await life;
            }

            process.Kill();
            await PauseAsync(2_000);
        }
    }

    private async Task<bool> LiveAsync(Host host, HistoryTopic topic, CancellationToken stop)
    {
        var options = new KafkaClientOptions
        {
            BootstrapServers = [.. history.Bootstrap],
            AllowAutoCreateTopics = false,
        };
        await using var client = new KafkaClient(options, host);
        var positions = new Dictionary<TopicPartition, long>();
        await using var consumer = client.CreateRawConsumer(Options(topic.Name, positions));
        try
        {
            await foreach (var fetched in consumer.ReadAllAsync(stop))
            {
                Take(topic, fetched);
                if (LastOf(fetched) is >= 0 and var last)
                    positions[fetched.Partition] = last + 1;
                if (history.IsWindingDown || _chance.Next(3) == 0)
                    await CommitAsync(consumer, positions);
                if (_chance.Next(history.IsWindingDown ? 1000 : 30) == 0)
                    await Task.Delay(LongestPoll * _chance.Next(3) / 2, host.Time, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The operator stops it.
        }
        catch (KafkaException fault) when (fault.Code == ErrorCode.FencedInstanceId && instance is not null)
        {
            // Its join was answered and the coordinator lost before the generation was kept: the name is then, in
            // Apache Kafka too, still the one's that had it before. Whoever runs it starts it anew.
        }

        return true;
    }

    private ConsumerOptions Options(string topic, Dictionary<TopicPartition, long> positions) =>
        new(history.Readers.Name, topic)
        {
            InstanceId = instance,
            Assignors = [history.Assignor],
            SessionTimeout = TimeSpan.FromMilliseconds(GroupWire.SessionMs),
            HeartbeatInterval = TimeSpan.FromMilliseconds(500),
            MaxPollInterval = LongestPoll,
            AutoCommit = _chance.Next(2) == 0,
            AutoCommitInterval = TimeSpan.FromMilliseconds(1 + _chance.Next(2_000)),
            Reading = new() { OffsetReset = OffsetReset.Earliest },
            Rebalanced = (change, _) =>
            {
                foreach (var partition in change.Partitions)
                    positions.Remove(partition);
                return Task.CompletedTask;
            },
        };

    private void Take(HistoryTopic topic, FetchedRecords fetched)
    {
        foreach (var record in fetched)
        {
            var partition = fetched.Partition.Partition;
            topic.Partitions[partition].Saw(record.Offset.Value, Encoding.UTF8.GetString(record.Value.Span));
            Ledger.Handle(partition, record.Offset.Value);
        }
    }

    private static long LastOf(FetchedRecords fetched)
    {
        var last = -1L;
        foreach (var record in fetched)
            last = record.Offset.Value;
        return last;
    }

    private async Task CommitAsync(RawConsumer consumer, Dictionary<TopicPartition, long> positions)
    {
        var offsets = positions.ToDictionary(
            static p => p.Key, static p => new CommittedOffset(new Offset(p.Value)));
        var floors = history.Floors();
        try
        {
            if (_chance.Next(2) == 0)
            {
                await consumer.CommitAsync();
                return;
            }

            await consumer.CommitAsync(offsets);
            foreach (var (partition, offset) in offsets)
                Ledger.Acknowledge(partition.Partition, offset.Offset.Value, floors[partition.Partition]);
        }
        catch (KafkaException fault) when (!fault.IsFatal)
        {
            // The partitions are others' by now, or nobody answers.
        }
    }

    private Task PauseAsync(int mostMs) =>
        Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(mostMs)), history.World);
}
