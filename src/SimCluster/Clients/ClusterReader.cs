using Barnabas.Base;

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
        // Chance is drawn in this order.
        var (wait, most) = (_chance.Next(200), 100 + _chance.Next(8000));
        var request = PlainRequests.Fetch(topic.Id, partition, position, most);
        request.MaxWaitMs = wait;
        var answer = await _link.TryAskAsync(request);
        if (answer?.Responses is [{ Partitions: [{ ErrorCode: ErrorCode.None } data] }])
            _positions[(topic.Id, partition)] = topic.Partitions[partition].SawServed(data, position);
    }
}
