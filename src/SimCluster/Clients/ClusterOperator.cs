using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>Whoever creates topics and deletes them, moves replicas and has leaders elected.</summary>
internal sealed class ClusterOperator(ClusterHistory history, int number)
{
    private const int MostExtras = 2;
    private const string Extra = "extra";
    private readonly ILink _link = history.NewLink();
    private readonly RandomSource _chance = history.NewChance(number);
    private int _unanswered;

    private short Replicas => (short)Math.Min(history.Nodes.Count, 3);

    /// <summary>Creates the topics that stay, however often it takes.</summary>
    public async Task CreateAsync(params (string Name, int Partitions)[] topics)
    {
        var left = topics.ToList();
        while (left.Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), history.World);
            await _link.TryAskAsync(new CreateTopicsRequest
            {
                TimeoutMs = 5_000,
                Topics = [.. left.Select(topic => Creation(topic.Name, topic.Partitions))],
            });
            var metadata = await _link.TryAskAsync(new MetadataRequest
            {
                Topics = [.. left.Select(
                    static topic => new MetadataRequest.MetadataRequestTopic { Name = topic.Name })],
                AllowAutoTopicCreation = false,
            });
            foreach (var found in metadata?.Topics ?? [])
            {
                var at = left.FindIndex(t => t.Name == found.Name);
                if (found.ErrorCode != ErrorCode.None || at < 0)
                    continue;
                history.Add(new HistoryTopic(left[at].Name, found.TopicId) { IsKept = true }, left[at].Partitions);
                left.RemoveAt(at);
            }
        }
    }

    /// <summary>Goes on until the history winds down.</summary>
    public async Task RunAsync()
    {
        while (!history.IsWindingDown)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(4000)), history.World);
            switch (_chance.Next(5))
            {
                case 0:
                    await CreateExtraAsync();
                    break;
                case 1:
                    await DeleteExtraAsync();
                    break;
                case 2:
                    await ElectAsync();
                    break;
                default:
                    await ReassignAsync();
                    break;
            }
        }

        await _link.CloseAsync();
    }

    /// <summary>Holds the topics there are against what was acknowledged.</summary>
    public void Check()
    {
        foreach (var topic in history.Topics)
        {
            var isThere = history.Watch.State.TryGetTopic(topic.Id, out _);
            var name = $"{topic.Name} ({topic.Id})";
            Promise.Holds(isThere || topic.Deletion != Deletion.None, $"{name} was created and is gone");
            Promise.Holds(!isThere || topic.Deletion != Deletion.Done, $"{name} was deleted and is back");
        }

        var strange = history.Watch.State.Topics.Count(
            t => !t.Value.IsInternal && history.Topics.All(known => known.Id != t.Value.Id));
        Promise.Holds(strange <= _unanswered, $"there are {strange} topics that nobody created");
    }

    private async Task CreateExtraAsync()
    {
        if (history.Topics.Count(static topic => topic is { Name: Extra, Deletion: Deletion.None }) >= MostExtras)
            return;
        var answer = await _link.TryAskAsync(
            new CreateTopicsRequest { TimeoutMs = 5_000, Topics = [Creation(Extra, 1)] });
        if (answer?.Topics[0] is { ErrorCode: ErrorCode.None } created)
            history.Add(new HistoryTopic(Extra, created.TopicId), 1);
        // A broker asks the controller again where no answer came: that there is such a topic may be its own doing.
        else
            _unanswered++;
        history.Say($"create {Extra}: {answer?.Topics[0].ErrorCode.ToString() ?? "no answer"}");
    }

    private async Task DeleteExtraAsync()
    {
        if (history.Topics.FirstOrDefault(static t => t is { Name: Extra, Deletion: Deletion.None }) is not { } topic)
            return;
        topic.Deletion = Deletion.Unknown;
        var answer = await _link.TryAskAsync(new DeleteTopicsRequest
        {
            TimeoutMs = 5_000,
            Topics = [new() { Name = null, TopicId = topic.Id }],
        });
        if (answer?.Responses[0].ErrorCode == ErrorCode.None)
            topic.Deletion = Deletion.Done;
        history.Say($"delete {Extra}: {answer?.Responses[0].ErrorCode.ToString() ?? "no answer"}");
    }

    private async Task ElectAsync()
    {
        var answer = await _link.TryAskAsync(
            new ElectLeadersRequest { ElectionType = 0, TimeoutMs = 5_000, TopicPartitions = null });
        history.Say($"elect preferred leaders: {answer?.ErrorCode.ToString() ?? "no answer"}");
    }

    private async Task ReassignAsync()
    {
        var topics = history.Topics.Where(static topic => topic.IsKept).ToList();
        var topic = topics[_chance.Next(topics.Count)];
        var partition = _chance.Next(topic.Partitions.Count);
        var brokers = Enumerable.Range(1, history.Nodes.Count).OrderBy(_ => _chance.Next(1000)).Take(Replicas);
        List<BrokerId>? wanted = _chance.Next(4) == 0 ? null : [.. brokers.Select(static b => new BrokerId(b))];
        var answer = await _link.TryAskAsync(new AlterPartitionReassignmentsRequest
        {
            TimeoutMs = 5_000,
            Topics =
            [
                new() { Name = topic.Name, Partitions = [new() { PartitionIndex = partition, Replicas = wanted }] },
            ],
        });
        history.Say(
            $"reassign {topic.Name}-{partition} to {(wanted is null ? "nothing" : string.Join(", ", wanted))}: "
            + (answer?.Responses.FirstOrDefault()?.Partitions[0].ErrorCode.ToString() ?? "no answer"));
    }

    private CreateTopicsRequest.CreatableTopic Creation(string name, int partitions) =>
        new() { Name = name, NumPartitions = partitions, ReplicationFactor = Replicas };
}
