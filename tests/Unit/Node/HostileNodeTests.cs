using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Requests that are well-formed and mean harm.</summary>
public sealed class HostileNodeTests
{
    [Fact]
    public void What_is_asked_for_a_thousand_times_is_answered_once() => Attack(async peer =>
    {
        await NodeStory.CreateAsync(peer, "orders", 100);

        var metadata = await NodeStory.AskAsync(peer, new MetadataRequest
        {
            Topics = [.. Enumerable.Repeat(new MetadataRequest.MetadataRequestTopic { Name = "orders" }, 1000)],
        });
        var configs = await NodeStory.AskAsync(peer, new DescribeConfigsRequest
        {
            Resources = [.. Enumerable.Repeat(Configs("orders"), 1000), Configs("missing"), Configs("orders")],
        });

        Assert.Equal(100, Assert.Single(metadata.Topics).Partitions.Count);
        Assert.Equal(["orders", "missing"], configs.Results.Select(result => result.ResourceName));
    });

    [Fact]
    public void An_error_does_not_quote_more_of_a_name_than_an_answer_can_carry() => Attack(async peer =>
    {
        var name = new string('x', short.MaxValue);
        var answer = await NodeStory.AskAsync(peer, new CreateTopicsRequest
        {
            Topics = [new() { Name = name, NumPartitions = 1, ReplicationFactor = 1 }],
        });

        Assert.Equal((name, ErrorCode.InvalidTopicException), (answer.Topics[0].Name, answer.Topics[0].ErrorCode));
        Assert.StartsWith("Topic name is invalid: the length of 'xxx", answer.Topics[0].ErrorMessage);
        Assert.InRange(answer.Topics[0].ErrorMessage!.Length, 1_000, 2_100);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void A_client_that_claims_to_be_a_replica_is_refused_and_moves_nothing(int replica) => Attack(async peer =>
    {
        var topic = await NodeStory.CreateAsync(peer, "orders");
        await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a", "b"));
        var claims = NodeStory.Fetch(topic, offset: 1L << 40);
        claims.ReplicaState = new() { ReplicaId = new BrokerId(replica), ReplicaEpoch = 1 };

        Assert.Equal(ErrorCode.ClusterAuthorizationFailed, (await NodeStory.AskAsync(peer, claims)).ErrorCode);

        var fetched = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0));
        Assert.Equal(new Offset(2), fetched.Responses[0].Partitions[0].HighWatermark);
    });

    [Fact]
    public void A_write_that_failed_once_is_not_trusted_again()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            story.Disk.FailAt(story.Disk.Calls + 1);

            for (var times = 0; times < 3; times++)
            {
                var answer = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"));
                Assert.Equal(ErrorCode.KafkaStorageError, answer.ErrorCode);
            }
        });
        Assert.NotEmpty(story.Halts);
    }

    [Fact]
    public void A_disk_that_stays_full_takes_no_directory_offline()
    {
        var story = new NodeStory(1, "replica.high.watermark.checkpoint.interval.ms=1000");
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"));
            var (capacity, checkpoint) = (story.Disk.Capacity, "/data/recovery-point-offset-checkpoint");
            story.Disk.Capacity = 0;
            await Task.Delay(TimeSpan.FromMinutes(5), story.World);
            var refused = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("y"));
            Assert.Equal(ErrorCode.KafkaStorageError, refused.ErrorCode);

            story.Disk.Capacity = capacity;
            var taken = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("z"));
            Assert.Equal(ErrorCode.None, taken.ErrorCode);
            await Task.Delay(TimeSpan.FromMinutes(2), story.World);
            Assert.Contains("orders 0 2", System.Text.Encoding.UTF8.GetString(story.Disk.Peek(checkpoint)));
        });
        Assert.Empty(story.Halts);
    }

    private static DescribeConfigsRequest.DescribeConfigsResource Configs(string topic) =>
        new() { ResourceType = 2, ResourceName = topic };

    private static void Attack(Func<Peer, Task> attack)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await attack(peer);
        });
        Assert.Empty(story.Halts);
    }
}
