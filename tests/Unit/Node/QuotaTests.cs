using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Quotas on a whole node: clients come to their rates, and their neighbours do not suffer.</summary>
public sealed class QuotaTests
{
    private const int Rate = 10_000;
    private static readonly byte[] Kilobyte = NodeStory.Batch(new string('x', 1000));

    [Theory]
    [InlineData("client-id", "greedy")]
    [InlineData("client-id", null)]
    [InlineData("user", "ANONYMOUS")]
    [InlineData("user", null)]
    public void A_producer_comes_to_its_quota(string type, string? name)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var admin = await story.DialAsync("admin");
            var topic = await NodeStory.CreateAsync(admin, "orders");
            await SetAsync(admin, type, name, (QuotaKeys.ProducerByteRate, Rate));
            await using var greedy = await story.DialAsync("greedy");

            var begun = story.World.Age;
            for (var i = 0; i < 500; i++)
                await NodeStory.ProduceAsync(greedy, topic, Kilobyte);
            var seconds = (story.World.Age - begun).TotalSeconds;

            // Half a megabyte in requests of a bit more than a kilobyte, the first ten seconds' worth on credit.
            Assert.InRange(500 * (Kilobyte.Length + 60) / (seconds + 10), Rate * 0.95, Rate * 1.05);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_producer_is_told_how_long_it_has_to_wait_and_its_neighbours_do_not()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var admin = await story.DialAsync("admin");
            var topic = await NodeStory.CreateAsync(admin, "orders", 2);
            await SetAsync(admin, "client-id", "greedy", (QuotaKeys.ProducerByteRate, Rate));
            await using var greedy = await story.DialAsync("greedy");
            await using var modest = await story.DialAsync("modest");

            var asked = story.World.Age;
            var answer = await NodeStory.AskAsync(greedy, Produce(topic, NodeStory.Batch(new string('x', 30 * Rate))));
            Assert.InRange(answer.ThrottleTimeMs, 20_000, 20_100);
            Assert.True(story.World.Age - asked < TimeSpan.FromSeconds(1));
            var muted = NodeStory.AskAsync(greedy, Produce(topic, Kilobyte));
            for (var i = 0; i < 100; i++)
            {
                var before = story.World.Age;
                Assert.Equal(0, (await NodeStory.AskAsync(modest, Produce(topic, Kilobyte))).ThrottleTimeMs);
                Assert.True(story.World.Age - before < TimeSpan.FromMilliseconds(100));
            }

            Assert.False(muted.IsCompleted);
            await muted;
            Assert.InRange((story.World.Age - asked).TotalSeconds, 20, 21);
        });
    }

    [Fact]
    public void A_consumer_comes_to_its_quota_and_loses_nothing()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var admin = await story.DialAsync("admin");
            var topic = await NodeStory.CreateAsync(admin, "orders");
            for (var i = 0; i < 300; i++)
                await NodeStory.ProduceAsync(admin, topic, Kilobyte);
            await SetAsync(admin, "client-id", "greedy", (QuotaKeys.ConsumerByteRate, Rate));
            await using var greedy = await story.DialAsync("greedy");

            var (begun, offset) = (story.World.Age, 0);
            while (offset < 300)
            {
                var answer = await NodeStory.AskAsync(greedy, NodeStory.Fetch(topic, offset));
                Assert.Equal(answer.ThrottleTimeMs > 0, answer.Responses.Count == 0);
                if (answer.Responses.Count > 0)
                    offset += NodeStory.ValuesOf(answer.Responses[0].Partitions[0]).Count;
            }

            var seconds = (story.World.Age - begun).TotalSeconds;
            Assert.InRange(300 * Kilobyte.Length / (seconds + 10), Rate * 0.7, Rate);
        });
    }

    [Fact]
    public void A_batch_beyond_any_quota_is_fetched_all_the_same()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var admin = await story.DialAsync("admin");
            var topic = await NodeStory.CreateAsync(admin, "orders");
            await NodeStory.ProduceAsync(admin, topic, NodeStory.Batch(new string('x', 20 * Rate)));
            await SetAsync(admin, "client-id", "greedy", (QuotaKeys.ConsumerByteRate, Rate));
            await using var greedy = await story.DialAsync("greedy");

            var first = await NodeStory.AskAsync(greedy, NodeStory.Fetch(topic, 0));
            Assert.Single(NodeStory.ValuesOf(first.Responses[0].Partitions[0]));
            var second = await NodeStory.AskAsync(greedy, NodeStory.Fetch(topic, 0));
            Assert.Empty(second.Responses);
            Assert.InRange(second.ThrottleTimeMs, 19_900, 20_100);
        });
    }

    [Fact]
    public void A_fetch_session_that_had_to_wait_goes_on()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var admin = await story.DialAsync("admin");
            var topic = await NodeStory.CreateAsync(admin, "orders");
            await NodeStory.ProduceAsync(admin, topic, NodeStory.Batch(new string('x', 5 * Rate)));
            await NodeStory.ProduceAsync(admin, topic, NodeStory.Batch(new string('y', 9 * Rate)));
            await SetAsync(admin, "client-id", "greedy", (QuotaKeys.ConsumerByteRate, Rate));
            await using var greedy = await story.DialAsync("greedy");

            var begin = NodeStory.Fetch(topic, 0);
            (begin.SessionEpoch, begin.MaxBytes) = (0, 1);
            var first = await NodeStory.AskAsync(greedy, begin);
            Assert.NotEqual(0, first.SessionId);
            var next = NodeStory.Fetch(topic, 1);
            (next.SessionId, next.SessionEpoch) = (first.SessionId, 1);
            var second = await NodeStory.AskAsync(greedy, next);
            Assert.Equal((first.SessionId, 0), (second.SessionId, second.Responses.Count));
            Assert.True(second.ThrottleTimeMs > 0);
            (next.SessionEpoch, next.Topics) = (2, []);
            var third = await NodeStory.AskAsync(greedy, next);
            Assert.Single(NodeStory.ValuesOf(third.Responses[0].Partitions[0]));

            // A session that is to begin with an answer that must wait does not begin.
            var refused = await NodeStory.AskAsync(greedy, begin);
            Assert.Equal((0, 0), (refused.SessionId, refused.Responses.Count));
        });
    }

    [Fact]
    public void Quotas_change_while_clients_are_connected()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var admin = await story.DialAsync("admin");
            var topic = await NodeStory.CreateAsync(admin, "orders");
            await using var greedy = await story.DialAsync("greedy");
            var large = NodeStory.Batch(new string('x', 20 * Rate));
            Assert.Equal(0, (await NodeStory.AskAsync(greedy, Produce(topic, large))).ThrottleTimeMs);

            await SetAsync(admin, "client-id", null, (QuotaKeys.ProducerByteRate, Rate));
            Assert.InRange((await NodeStory.AskAsync(greedy, Produce(topic, large))).ThrottleTimeMs, 10_000, 10_100);
            await SetAsync(admin, "client-id", "greedy", (QuotaKeys.ProducerByteRate, 100 * Rate));
            Assert.InRange((await NodeStory.AskAsync(greedy, Produce(topic, large))).ThrottleTimeMs, 0, 210);
            await SetAsync(admin, "client-id", "greedy", (QuotaKeys.ProducerByteRate, null));
            await SetAsync(admin, "client-id", null, (QuotaKeys.ProducerByteRate, null));
            Assert.Equal(0, (await NodeStory.AskAsync(greedy, Produce(topic, large))).ThrottleTimeMs);
        });
    }

    [Fact]
    public void Partitions_beyond_the_quota_are_refused_where_the_client_knows_the_error()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var admin = await story.DialAsync("admin");
            await SetAsync(admin, "client-id", "maker", (QuotaKeys.ControllerMutationRate, 1));
            await using var maker = await story.DialAsync("maker");

            // Eleven seconds' credit: the first overdraws it, the second is refused.
            var answer = await NodeStory.AskAsync(maker, Create(("a", 21), ("b", 1)));
            Assert.Equal(
                [ErrorCode.None, ErrorCode.ThrottlingQuotaExceeded], answer.Topics.Select(topic => topic.ErrorCode));
            Assert.InRange(answer.ThrottleTimeMs, 9_900, 10_000);
            var grown = await NodeStory.AskAsync(
                maker, new CreatePartitionsRequest { Topics = [new() { Name = "a", Count = 22, Assignments = null }] });
            Assert.Equal((ErrorCode.None, 0), (grown.Results[0].ErrorCode, grown.ThrottleTimeMs));
            var deleted = await NodeStory.AskAsync(
                maker, new DeleteTopicsRequest { Topics = [new() { Name = "a" }] });
            Assert.Equal(ErrorCode.ThrottlingQuotaExceeded, deleted.Responses[0].ErrorCode);
            Assert.InRange(deleted.ThrottleTimeMs, 900, 1_000);
            Assert.Equal(
                ErrorCode.None,
                (await NodeStory.AskAsync(maker, new DeleteTopicsRequest { Topics = [new() { Name = "a" }] }))
                    .Responses[0].ErrorCode);
            Assert.Equal(ErrorCode.None, (await NodeStory.AskAsync(admin, Create(("c", 100)))).Topics[0].ErrorCode);
        });
    }

    [Fact]
    public void Clients_that_do_not_know_the_error_are_held_back_instead()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var admin = await story.DialAsync("admin");
            await SetAsync(admin, "client-id", "maker", (QuotaKeys.ControllerMutationRate, 1));
            await using var maker = await story.DialAsync("maker");

            var first = await NodeStory.AskAsync(maker, Create(("a", 21)), version: 5);
            Assert.Equal(ErrorCode.None, first.Topics[0].ErrorCode);
            Assert.InRange(first.ThrottleTimeMs, 9_900, 10_000);
            var begun = story.World.Age;
            var second = await NodeStory.AskAsync(maker, Create(("b", 1)), version: 5);
            Assert.Equal(ErrorCode.None, second.Topics[0].ErrorCode);
            Assert.InRange((story.World.Age - begun).TotalSeconds, 9, 11);
        });
    }

    private static async Task SetAsync(
        Peer admin, string type, string? name, params (string Key, double? Value)[] quotas)
    {
        var answer = await NodeStory.AskAsync(admin, new AlterClientQuotasRequest
        {
            Entries =
            [
                new()
                {
                    Entity = [new() { EntityType = type, EntityName = name }],
                    Ops = [.. quotas.Select(quota => new AlterClientQuotasRequest.OpData
                    {
                        Key = quota.Key,
                        Value = quota.Value ?? 0,
                        Remove = quota.Value is null,
                    })],
                },
            ],
        });
        Assert.Equal(ErrorCode.None, answer.Entries[0].ErrorCode);
    }

    private static CreateTopicsRequest Create(params (string Name, int Partitions)[] topics) => new()
    {
        TimeoutMs = 10_000,
        Topics = [.. topics.Select(topic => new CreateTopicsRequest.CreatableTopic
        {
            Name = topic.Name,
            NumPartitions = topic.Partitions,
            ReplicationFactor = 1,
        })],
    };

    private static ProduceRequest Produce(TopicId topic, byte[] batch) => new()
    {
        TransactionalId = null,
        Acks = -1,
        TimeoutMs = 30_000,
        TopicData =
        [
            new() { TopicId = topic, PartitionData = [new() { Index = 0, Records = new RecordBytes(batch) }] },
        ],
    };
}
