using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>A consumer that reads every partition of plain topics, in order and without a gap, whoever leads
/// it.</summary>
internal sealed class ClusterReader(ClusterHistory history, int number)
{
    private readonly ILink _link = history.NewLink();
    private readonly RandomSource _chance = history.NewChance(number);
    private readonly Dictionary<(TopicId, int), long> _positions = [];

    /// <summary>Reads until the history winds down.</summary>
    public async Task RunAsync()
    {
        while (!history.IsWindingDown)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50 + _chance.Next(300)), history.World);
            var topics = history.Topics.Where(
                static topic => topic.Deletion == Deletion.None && topic.Name is not "ledger").ToList();
            if (topics.Count == 0)
                continue;
            var topic = topics[_chance.Next(topics.Count)];
            await ReadAsync(topic, _chance.Next(topic.Partitions.Count));
        }

        await _link.CloseAsync();
    }

    private async Task ReadAsync(HistoryTopic topic, int partition)
    {
        var position = _positions.GetValueOrDefault((topic.Id, partition));
        var answer = await _link.TryAskAsync(new FetchRequest
        {
            ClusterId = null,
            MaxWaitMs = _chance.Next(200),
            MinBytes = 1,
            MaxBytes = 1 << 20,
            SessionEpoch = -1,
            Topics =
            [
                new()
                {
                    TopicId = topic.Id,
                    Partitions =
                    [
                        new()
                        {
                            Partition = partition,
                            FetchOffset = new Offset(position),
                            PartitionMaxBytes = 100 + _chance.Next(8000),
                        },
                    ],
                },
            ],
        });
        if (answer?.Responses is [{ Partitions: [{ ErrorCode: ErrorCode.None } data] }])
            _positions[(topic.Id, partition)] = Take(topic.Partitions[partition], data, position);
    }

    private static long Take(PartitionLedger ledger, FetchResponse.PartitionData data, long position)
    {
        foreach (var batch in StoredBatch.ReadAll(data.Records?.Memory ?? default))
        {
            Promise.Holds(
                batch.LastOffset < data.HighWatermark.Value, $"{ledger.Name}: served beyond the high watermark");
            Promise.Holds(
                batch.BaseOffset <= position && batch.LastOffset >= position,
                $"{ledger.Name}: {batch.BaseOffset} to {batch.LastOffset} was served at {position}");
            foreach (var (offset, value) in batch.Records)
                ledger.Saw(offset, value);
            position = batch.LastOffset + 1;
        }

        return position;
    }
}
