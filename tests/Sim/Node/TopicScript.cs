using System.Text;
using Barnabas.Base;
using Barnabas.Records;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Node;

/// <summary>A short life of a node with something of everything in it, always the same until a fault comes: start,
/// topics, idempotent writes over several segments, reads, configs, checkpoints, retention, a deletion, a clean stop,
/// and a second start and stop.</summary>
internal sealed class TopicScript(int seed) : Script(
    seed, "auto.create.topics.enable=false", "replica.high.watermark.checkpoint.interval.ms=1000",
    "log.retention.check.interval.ms=1500", "num.recovery.threads.per.data.dir=1")
{
    private readonly List<HistoryTopic> _topics = [];
    private readonly Dictionary<TopicId, int> _sequences = [];

    /// <summary>Records acknowledged.</summary>
    public int Acknowledged => _topics.Sum(static topic => topic.Partitions.Sum(static p => p.Acknowledged));

    /// <inheritdoc/>
    protected override Task CheckAsync(SimulatedNode node) =>
        new LogReader(new Link(node.World), _topics.Where(static t => t.Deletion == Deletion.None)).CheckAsync();

    /// <inheritdoc/>
    protected override async Task LiveAsync()
    {
        await StartAsync();
        var orders = await CreateAsync("orders");
        var gone = await CreateAsync("gone");
        for (var i = 0; i < 8; i++)
        {
            await ProduceAsync(orders, i);
            if (i % 3 == 0)
                await ProduceAsync(gone, i);
        }

        await ConfigureAsync("orders");
        // Checkpoints and a retention round come by.
        await Task.Delay(TimeSpan.FromSeconds(2), World);
        await ReadAsync(orders);
        await DeleteAsync(gone);
        await ProduceAsync(orders, 8);
        await StopAsync();
        await StartAsync();
        await ProduceAsync(orders, 9);
        await StopAsync();
    }

    private async Task<HistoryTopic?> CreateAsync(string name)
    {
        var answer = await TryAskAsync(new CreateTopicsRequest
        {
            TimeoutMs = 5_000,
            Topics =
            [
                new()
                {
                    Name = name,
                    NumPartitions = 1,
                    ReplicationFactor = 1,
                    Configs =
                    [
                        new() { Name = "internal.segment.bytes", Value = "700" },
                        new() { Name = "index.interval.bytes", Value = "200" },
                        new() { Name = "segment.index.bytes", Value = "1200" },
                        new() { Name = "file.delete.delay.ms", Value = "100" },
                    ],
                },
            ],
        });
        if (answer?.Topics[0].ErrorCode != ErrorCode.None)
            return null;
        var topic = new HistoryTopic(name, answer.Topics[0].TopicId);
        topic.Grow(1);
        _topics.Add(topic);
        return topic;
    }

    private async Task ProduceAsync(HistoryTopic? topic, int number)
    {
        if (topic is null)
            return;
        var sequence = _sequences.GetValueOrDefault(topic.Id);
        string[] values = [$"{number}/a/{new string('x', 40)}", $"{number}/b/{new string('y', 90)}"];
        foreach (var value in values)
            topic.Partitions[0].Send(value);
        var answer = await TryAskAsync(
            PlainRequests.Produce(topic.Id, partition: 0, Batch(sequence, values), timeoutMs: 3_000));
        if (answer?.Responses[0].PartitionResponses[0] is not { } part)
            return;
        Errors.Add(part.ErrorCode);
        if (part.ErrorCode != ErrorCode.None)
            return;
        for (var i = 0; i < values.Length; i++)
            topic.Partitions[0].Acknowledge(values[i], part.BaseOffset.Value + i);
        _sequences[topic.Id] = sequence + values.Length;
    }

    private async Task ReadAsync(HistoryTopic? topic)
    {
        if (topic is null)
            return;
        var answer = await TryAskAsync(Unit.Node.NodeStory.Fetch(topic.Id, 0));
        var data = answer?.Responses[0].Partitions[0];
        foreach (var batch in StoredBatch.ReadAll(data?.Records?.Memory ?? default))
        {
            foreach (var (offset, value) in batch.Records)
                topic.Partitions[0].Saw(offset, value);
        }
    }

    private async Task ConfigureAsync(string topic) => await TryAskAsync(new IncrementalAlterConfigsRequest
    {
        Resources =
        [
            new()
            {
                ResourceType = 2,
                ResourceName = topic,
                Configs = [new() { Name = "internal.segment.bytes", Value = "900" }],
            },
        ],
    });

    private async Task DeleteAsync(HistoryTopic? topic)
    {
        if (topic is null)
            return;
        topic.Deletion = Deletion.Unknown;
        await TryAskAsync(new DeleteTopicsRequest { TimeoutMs = 5_000, Topics = [new() { TopicId = topic.Id }] });
    }

    private static byte[] Batch(int sequence, string[] values)
    {
        using var builder = new BatchBuilder();
        foreach (var value in values)
            builder.Append(1_767_225_600_000, default, Encoding.UTF8.GetBytes(value));
        return builder.Build(new BatchOptions
        {
            ProducerId = new(1),
            ProducerEpoch = 0,
            BaseSequence = sequence,
        }).ToArray();
    }
}
