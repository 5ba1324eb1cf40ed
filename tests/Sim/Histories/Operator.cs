using Barnabas.Base;
using Barnabas.SimCluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>Whoever creates topics, deletes them, gives them partitions and changes their configs.</summary>
internal sealed class Operator(History history, int number)
{
    private const int MostTopics = 4;
    private static readonly string[] Names = ["orders", "payments", "a.b", "x"];
    private static readonly (string Name, string[] Values)[] Changeable =
    [
        ("internal.segment.bytes", ["1500", "3000", "8000"]),
        ("max.message.bytes", ["300", "100000"]),
        ("flush.messages", ["1", "5", "100"]),
        ("retention.ms", ["10000", "3600000"]),
        ("message.timestamp.type", ["CreateTime", "LogAppendTime"]),
        ("compression.type", ["producer", "gzip", "uncompressed"]),
    ];

    private readonly Link _link = new(history.World);
    private readonly RandomSource _chance = history.NewChance(number);

    /// <summary>Goes on until the history winds down.</summary>
    public async Task RunAsync()
    {
        while (!history.IsWindingDown)
        {
            var topic = history.AnyTopic(_chance);
            switch (_chance.Next(8))
            {
                case 0 when topic is { IsKept: false }:
                    await DeleteAsync(topic);
                    break;
                case 1 when topic is not null:
                    await GrowAsync(topic);
                    break;
                case < 5 when topic is not null:
                    await ConfigureAsync(topic);
                    break;
                default:
                    await CreateAsync();
                    break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(_chance.Next(2500)), history.World);
        }

        await _link.CloseAsync();
    }

    /// <summary>Creates a topic that stays, however often it takes.</summary>
    public async Task<HistoryTopic> CreateKeptAsync(string name, int partitions)
    {
        while (true)
        {
            var answer = await _link.AskAsync(Creation(name, partitions));
            if (answer.Topics[0].ErrorCode == ErrorCode.None)
                return history.Add(new HistoryTopic(name, answer.Topics[0].TopicId) { IsKept = true }, partitions);
            // It may have been created by a request that nobody answered.
            var metadata = await _link.AskAsync(new MetadataRequest { Topics = [new() { Name = name }] });
            if (metadata.Topics[0].ErrorCode == ErrorCode.None)
                return history.Add(new HistoryTopic(name, metadata.Topics[0].TopicId) { IsKept = true }, partitions);
            await Task.Delay(TimeSpan.FromMilliseconds(200), history.World);
        }
    }

    /// <summary>Holds what the cluster says of its topics and configs against what was acknowledged.</summary>
    public async Task CheckAsync()
    {
        var metadata = await _link.AskAsync(new MetadataRequest { Topics = null, AllowAutoTopicCreation = false });
        var found = metadata.Topics.Where(static t => !t.IsInternal)
            .ToDictionary(static t => t.TopicId, static t => t.Partitions.Count);
        foreach (var topic in history.All)
        {
            var isThere = found.Remove(topic.Id, out var partitions);
            var name = $"{topic.Name} ({topic.Id})";
            Assert.True(isThere || topic.Deletion != Deletion.None, $"{name} was created and is gone");
            Assert.True(!isThere || topic.Deletion != Deletion.Done, $"{name} was deleted and is back");
            if (!isThere)
                topic.Deletion = Deletion.Done;
            else
                Assert.True(partitions >= topic.Partitions.Count, $"{topic.Name} has {partitions} partitions");
            if (isThere)
                await CheckConfigsAsync(topic);
        }

        Assert.True(found.Count <= history.UnansweredCreations, "there are topics that nobody created");
    }

    private async Task CreateAsync()
    {
        if (history.Topics.Count() >= MostTopics)
            return;
        var name = Names[_chance.Next(Names.Length)];
        var partitions = 1 + _chance.Next(3);
        var answer = await _link.TryAskAsync(Creation(name, partitions));
        if (answer is null)
        {
            history.UnansweredCreations++;
            return;
        }

        var created = answer.Topics[0];
        if (created.ErrorCode == ErrorCode.None)
        {
            history.Add(new HistoryTopic(name, created.TopicId), partitions);
            return;
        }

        if (created.ErrorCode != ErrorCode.TopicAlreadyExists)
            history.UnansweredCreations++;
        Assert.True(
            created.ErrorCode is ErrorCode.TopicAlreadyExists or ErrorCode.NotController or ErrorCode.KafkaStorageError,
            $"CreateTopics got {created.ErrorCode}");
    }

    private async Task DeleteAsync(HistoryTopic topic)
    {
        topic.Deletion = Deletion.Unknown;
        var answer = await _link.TryAskAsync(new DeleteTopicsRequest
        {
            TimeoutMs = 5_000,
            Topics = [new() { Name = null, TopicId = topic.Id }],
        });
        if (answer?.Responses[0].ErrorCode == ErrorCode.None)
            topic.Deletion = Deletion.Done;
    }

    private async Task GrowAsync(HistoryTopic topic)
    {
        var count = topic.Partitions.Count + 1;
        if (count > 4)
            return;
        var answer = await _link.TryAskAsync(new CreatePartitionsRequest
        {
            TimeoutMs = 5_000,
            Topics = [new() { Name = topic.Name, Count = count, Assignments = null }],
        });
        if (answer?.Results[0].ErrorCode == ErrorCode.None && topic.Deletion == Deletion.None)
            topic.Grow(count);
    }

    private async Task ConfigureAsync(HistoryTopic topic)
    {
        var (name, values) = Changeable[_chance.Next(Changeable.Length)];
        var value = values[_chance.Next(values.Length)];
        if (!topic.Configs.TryGetValue(name, out var ledger))
            topic.Configs.Add(name, ledger = new ConfigLedger());
        ledger.Send(value);
        var answer = await _link.TryAskAsync(new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new() { ResourceType = 2, ResourceName = topic.Name, Configs = [new() { Name = name, Value = value }] },
            ],
        });
        if (answer?.Responses[0].ErrorCode == ErrorCode.None)
            ledger.Acknowledge(value);
    }

    private async Task CheckConfigsAsync(HistoryTopic topic)
    {
        var answer = await _link.AskAsync(new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = 2, ResourceName = topic.Name, ConfigurationKeys = null }],
        });
        var now = answer.Results[0].Configs.ToDictionary(static c => c.Name, static c => c.Value);
        foreach (var (name, ledger) in topic.Configs)
            Assert.True(ledger.MayBe(now[name]), $"{topic.Name}: {name} is {now[name]}, which nobody was told");
    }

    private static CreateTopicsRequest Creation(string name, int partitions) => new()
    {
        TimeoutMs = 5_000,
        Topics = [new() { Name = name, NumPartitions = partitions, ReplicationFactor = 1, Configs = Small() }],
    };

    private static List<CreateTopicsRequest.CreatableTopicConfig> Small() =>
    [
        new() { Name = "internal.segment.bytes", Value = "3000" },
        new() { Name = "index.interval.bytes", Value = "200" },
        new() { Name = "segment.index.bytes", Value = "1200" },
        new() { Name = "file.delete.delay.ms", Value = "1000" },
        new() { Name = "retention.ms", Value = "3600000" },
        new() { Name = "segment.ms", Value = "20000" },
    ];
}
