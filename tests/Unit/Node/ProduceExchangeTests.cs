using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Produce requests that are served by objects which served others, and those whose clients cannot
/// wait.</summary>
public sealed class ProduceExchangeTests
{
    private const int Partitions = 4;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_answer_is_about_what_its_request_asked(int seed)
    {
        var story = new NodeStory(seed);
        var written = new Dictionary<(TopicId, int, long), string>();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var first = await story.DialAsync("first");
            await using var second = await story.DialAsync("second");
            TopicId[] topics =
            [
                await NodeStory.CreateAsync(first, "orders", Partitions),
                await NodeStory.CreateAsync(first, "payments", Partitions),
            ];
            var random = new Random(seed);
            var asked = new List<Task>();
            for (var i = 0; i < 100; i++)
            {
                asked.Add(AskAsync(i % 2 == 0 ? first : second, topics, random, $"{seed}.{i}", written));
                if (random.Next(10) == 0)
                    await Task.WhenAll(asked);
            }

            await Task.WhenAll(asked);
            // What was written with acks=1 is read once it is on disk.
            await Task.Delay(TimeSpan.FromSeconds(1), story.World);
            foreach (var group in written.GroupBy(entry => (entry.Key.Item1, entry.Key.Item2)))
            {
                var fetched = await NodeStory.AskAsync(
                    first, NodeStory.Fetch(group.Key.Item1, 0, partition: group.Key.Item2));
                var values = NodeStory.ValuesOf(fetched.Responses[0].Partitions[0]);
                Assert.Equal(group.Count(), values.Count);
                foreach (var (place, value) in group)
                    Assert.Equal(value, values[(int)place.Item3]);
            }
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void Whose_patience_ends_is_told_so_and_the_batch_is_committed_later()
    {
        var story = new ClusterStory(1, "replica.lag.time.max.ms=20000", "broker.session.timeout.ms=60000");
        story.Tell(async () =>
        {
            var (topic, leader, follower) = await ReplicatedAsync(story);
            await using var peer = await story.DialAsync(leader);
            await ProduceAsync(peer, topic, "a");
            story.Pause(follower);
            var begun = story.World.Age;
            var patient = NodeStory.AskAsync(peer, Timed(topic, "b", 7000));
            var impatient = NodeStory.AskAsync(peer, Timed(topic, "c", 500));
            var behind = NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("d"), acks: 1);

            Assert.Equal(ErrorCode.RequestTimedOut, (await patient).Responses[0].PartitionResponses[0].ErrorCode);
            Assert.InRange((story.World.Age - begun).TotalSeconds, 7, 7.5);
            // Answers keep the order of their requests.
            Assert.Equal(ErrorCode.RequestTimedOut, (await impatient).Responses[0].PartitionResponses[0].ErrorCode);
            Assert.Equal(new Offset(3), (await behind).BaseOffset);
            story.GoOn(follower);
            await ProduceAsync(peer, topic, "e");
            Assert.Equal(["a", "b", "c", "d", "e"], await ReadAsync(peer, topic));
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    [Fact]
    public void Who_does_not_wait_has_its_batch_committed_all_the_same()
    {
        var story = new ClusterStory(2, "replica.lag.time.max.ms=20000", "broker.session.timeout.ms=60000");
        story.Tell(async () =>
        {
            var (topic, leader, follower) = await ReplicatedAsync(story);
            story.Pause(follower);
            var gone = await story.DialAsync(leader);
            var asked = NodeStory.AskAsync(gone, Timed(topic, "a", 30_000));
            await Task.Delay(TimeSpan.FromMilliseconds(100), story.World);
            await gone.DisposeAsync();
            await Assert.ThrowsAnyAsync<IOException>(() => asked);
            await using var peer = await story.DialAsync(leader);
            // Whatever memory the first request had would have these bytes by now.
            for (var i = 0; i < 20; i++)
                await ProduceAsync(peer, topic, $"{i}", acks: 1);
            story.GoOn(follower);
            await ProduceAsync(peer, topic, "z");
            var read = await ReadAsync(peer, topic);
            Assert.Equal(["a", .. Enumerable.Range(0, 20).Select(static i => $"{i}"), "z"], read);
            await story.StopAsync();
            Assert.Empty(story.Halts);
        });
    }

    private static async Task AskAsync(
        Peer peer, TopicId[] topics, Random random, string value, Dictionary<(TopicId, int, long), string> written)
    {
        var request = new ProduceRequest
        {
            TransactionalId = null,
            Acks = random.Next(2) == 0 ? (short)-1 : (short)1,
            TimeoutMs = 30_000,
        };
        var expected = new List<(TopicId Topic, int Partition, string Value, ErrorCode Error)>();
        foreach (var topic in topics.Where(_ => random.Next(3) > 0))
        {
            var data = new ProduceRequest.TopicProduceData { TopicId = topic };
            foreach (var partition in Enumerable.Range(0, Partitions + 1).Where(_ => random.Next(2) == 0))
            {
                var text = $"{value}.{partition}.{topic}";
                var batch = NodeStory.Batch(text);
                var isDamaged = random.Next(5) == 0;
                if (isDamaged)
                    batch[^1] ^= 1;
                data.PartitionData.Add(new() { Index = partition, Records = new RecordBytes(batch) });
                expected.Add((topic, partition, text, partition == Partitions ? ErrorCode.UnknownTopicOrPartition
                    : isDamaged ? ErrorCode.CorruptMessage
                    : ErrorCode.None));
            }

            request.TopicData.Add(data);
        }

        var answer = await NodeStory.AskAsync(peer, request);
        var told = answer.Responses.SelectMany(
            static topic => topic.PartitionResponses, static (topic, partition) => (topic.TopicId, partition)).ToList();
        Assert.Equal(
            expected.Select(static part => (part.Topic, part.Partition, part.Error)),
            told.Select(static part => (part.TopicId, part.partition.Index, part.partition.ErrorCode)));
        for (var i = 0; i < told.Count; i++)
        {
            var part = told[i].partition;
            Assert.Equal(part.ErrorCode == ErrorCode.CorruptMessage, part.ErrorMessage is not null);
            if (part.ErrorCode == ErrorCode.None)
                written.Add((expected[i].Topic, part.Index, part.BaseOffset.Value), expected[i].Value);
            else
                Assert.Equal(Offset.None, part.BaseOffset);
        }
    }

    private static ProduceRequest Timed(TopicId topic, string value, int timeoutMs)
    {
        var request = NodeStory.Produce(topic, NodeStory.Batch(value));
        request.TimeoutMs = timeoutMs;
        return request;
    }

    private static async Task ProduceAsync(Peer peer, TopicId topic, string value, short acks = -1)
    {
        var answer = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch(value), acks);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
    }

    private static async Task<(TopicId Topic, int Leader, int Follower)> ReplicatedAsync(ClusterStory story)
    {
        await story.StartAsync(2);
        await story.UntilAsync(() => story[1].Broker.State.Brokers.Count(b => b.Value.IsActive) == 2);
        await using var peer = await story.DialAsync(1);
        var created = await NodeStory.AskAsync(peer, new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics = [new() { Name = "orders", NumPartitions = 1, ReplicationFactor = 2 }],
        });
        Assert.Equal(ErrorCode.None, created.Topics[0].ErrorCode);
        var name = new TopicPartition("orders", 0);
        await story.UntilAsync(() => story.Nodes.All(node => node.Broker.State.FindPartition(name) is not null));
        var leader = story[1].Broker.State.FindPartition(name)!.Leader.Value;
        await story.UntilAsync(() => story[leader].Broker.Replicas.All.Any(
            partition => partition.View.Name == name && partition.View.Role == PartitionRole.Leader));
        return (created.Topics[0].TopicId, leader, 3 - leader);
    }

    private static async Task<List<string>> ReadAsync(Peer peer, TopicId topic)
    {
        var fetched = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0));
        return NodeStory.ValuesOf(fetched.Responses[0].Partitions[0]);
    }
}
