using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>Reads every partition from its start to its end, as a consumer would, and holds it against what clients
/// know.</summary>
internal sealed class LogReader(ILink link, IEnumerable<HistoryTopic> topics)
{
    /// <summary>Fails where something is lost, doubled, or was never sent.</summary>
    public async Task CheckAsync()
    {
        foreach (var topic in topics.Where(static topic => topic.Deletion != Deletion.Done))
        {
            for (var i = 0; i < topic.Partitions.Count; i++)
                await CheckAsync(topic, i);
        }

        await link.CloseAsync();
    }

    private async Task CheckAsync(HistoryTopic topic, int partition)
    {
        var (start, end) = (0L, long.MaxValue);
        var log = new List<StoredBatch>();
        for (var next = 0L; next < end;)
        {
            var data = await FetchAsync(topic, partition, next);
            if (data.ErrorCode == ErrorCode.OffsetOutOfRange && log.Count == 0 && data.LogStartOffset.Value > next)
            {
                next = start = data.LogStartOffset.Value;
                continue;
            }

            Promise.Holds(data.ErrorCode == ErrorCode.None, $"{topic.Name}-{partition}: {data.ErrorCode} at {next}");
            end = data.HighWatermark.Value;
            var batches = StoredBatch.ReadAll(data.Records?.Memory ?? default);
            Promise.Holds(
                batches.Count > 0 || next >= end, $"{topic.Name}-{partition}: nothing is served at {next} of {end}");
            // The log's start may lie within a batch.
            Promise.Holds(batches.Count == 0 || log.Count == 0 || batches[0].BaseOffset == next, "a gap");
            log.AddRange(batches);
            next = batches.Count == 0 ? next : batches[^1].LastOffset + 1;
        }

        topic.Partitions[partition].Check(log, start, end);
    }

    private async Task<FetchResponse.PartitionData> FetchAsync(HistoryTopic topic, int partition, long offset)
    {
        var answer = await link.AskAsync(PlainRequests.Fetch(topic.Id, partition, offset, 1 << 16));
        return answer.Responses[0].Partitions[0];
    }
}
