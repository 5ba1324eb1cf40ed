using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Node;
using Barnabas.Rpc;
using Barnabas.Tests.Unit.Log;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>How data leaves a node's logs as its clock goes on.</summary>
public sealed class RetentionTests
{
    private const string Topic = "orders";
    private static readonly string[] Often = ["log.retention.check.interval.ms=5000", "log.initial.task.delay.ms=100"];

    [Fact]
    public void A_log_that_nobody_writes_to_empties()
    {
        Tell(Often, async (story, node, peer) =>
        {
            var id = await NodeStory.CreateAsync(peer, Topic, 1, ("retention.ms", "60000"));
            await WriteAsync(peer, id, NowMs(story));
            await Task.Delay(TimeSpan.FromSeconds(50), story.World);
            Assert.Equal(Offset.Zero, LogOf(node, id).LogStart);

            await Task.Delay(TimeSpan.FromSeconds(30), story.World);

            Assert.Equal((new Offset(2), new Offset(2)), (LogOf(node, id).LogStart, LogOf(node, id).End));
            Assert.Equal(0, LogOf(node, id).SizeInBytes);
        });
    }

    [Theory]
    [InlineData("CreateTime", -1_700_000_000_000, 10, true)]
    [InlineData("LogAppendTime", -1_700_000_000_000, 10, false)]
    [InlineData("LogAppendTime", -1_700_000_000_000, 80, true)]
    [InlineData("CreateTime", 3_000_000, 3_000, false)]
    [InlineData("CreateTime", 3_000_000, 3_100, true)]
    public void A_record_is_as_old_as_its_timestamp_says(string type, long aheadMs, int seconds, bool isGone)
    {
        Tell(Often, async (story, node, peer) =>
        {
            var id = await NodeStory.CreateAsync(
                peer, Topic, 1, ("retention.ms", "60000"), ("message.timestamp.type", type));
            await WriteAsync(peer, id, NowMs(story) + aheadMs);
            await WaitAsync(story, peer, seconds);
            Assert.Equal(isGone, LogOf(node, id).LogStart == new Offset(2));
        });
    }

    [Fact]
    public void Timestamps_out_of_bounds_are_refused()
    {
        Tell(Often, async (story, _, peer) =>
        {
            var id = await NodeStory.CreateAsync(
                peer, Topic, 1, ("message.timestamp.before.max.ms", "5000"),
                ("message.timestamp.after.max.ms", "9000"));
            foreach (var (ahead, error) in new[]
            {
                (-4_000, ErrorCode.None), (-6_000, ErrorCode.InvalidTimestamp),
                (7_000, ErrorCode.None), (9_500, ErrorCode.InvalidTimestamp),
            })
            {
                Assert.Equal(error, (await ProduceAsync(peer, id, NowMs(story) + ahead)).ErrorCode);
            }
        });
    }

    [Fact]
    public void A_limit_that_is_set_or_lifted_holds_from_the_next_round_on()
    {
        Tell(Often, async (story, node, peer) =>
        {
            var id = await NodeStory.CreateAsync(peer, Topic, 1, ("retention.ms", "-1"));
            await WriteAsync(peer, id, NowMs(story) - 1_000_000);
            await Task.Delay(TimeSpan.FromMinutes(2), story.World);
            Assert.Equal(Offset.Zero, LogOf(node, id).LogStart);

            await SetAsync(peer, "cleanup.policy", "");
            await SetAsync(peer, "retention.ms", "1000");
            await Task.Delay(TimeSpan.FromSeconds(20), story.World);
            Assert.Equal(Offset.Zero, LogOf(node, id).LogStart);

            await SetAsync(peer, "cleanup.policy", "compact,delete");
            await Task.Delay(TimeSpan.FromSeconds(20), story.World);
            Assert.Equal(new Offset(2), LogOf(node, id).LogStart);
        });
    }

    [Fact]
    public void Files_go_when_their_delay_has_passed_whenever_the_next_round_is()
    {
        Tell(["log.retention.check.interval.ms=3600000", "log.initial.task.delay.ms=100"], async (story, node, peer) =>
        {
            var id = await NodeStory.CreateAsync(
                peer, Topic, 1, ("internal.segment.bytes", "700"), ("file.delete.delay.ms", "20000"));
            for (var i = 0; i < 20; i++)
                await WriteAsync(peer, id, NowMs(story));
            var answer = await NodeStory.AskAsync(peer, new DeleteRecordsRequest
            {
                TimeoutMs = 5_000,
                Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = new(30) }] }],
            });
            Assert.Equal(ErrorCode.None, answer.Topics[0].Partitions[0].ErrorCode);
            await Task.Delay(TimeSpan.FromSeconds(15), story.World);
            Assert.Contains(Files(story), static name => name.EndsWith(".deleted", StringComparison.Ordinal));

            await Task.Delay(TimeSpan.FromSeconds(10), story.World);

            Assert.DoesNotContain(Files(story), static name => name.EndsWith(".deleted", StringComparison.Ordinal));
            Assert.Equal(new Offset(30), LogOf(node, id).LogStart);
        });
    }

    private static void Tell(string[] overrides, Func<NodeStory, BrokerNode, Peer, Task> tale)
    {
        var story = new NodeStory(1, overrides);
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await tale(story, node, peer);
        });
        Assert.Empty(story.Halts);
    }

    /// <summary>Lets time go by, and the connection not grow idle.</summary>
    private static async Task WaitAsync(NodeStory story, Peer peer, int seconds)
    {
        for (var left = seconds; left > 0; left -= 300)
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(left, 300)), story.World);
            await NodeStory.AskAsync(peer, new MetadataRequest { Topics = null });
        }
    }

    private static async Task WriteAsync(Peer peer, TopicId topic, long timestamp) =>
        Assert.Equal(ErrorCode.None, (await ProduceAsync(peer, topic, timestamp)).ErrorCode);

    /// <summary>Two records, a second apart.</summary>
    private static Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        Peer peer, TopicId topic, long timestamp) =>
        NodeStory.ProduceAsync(peer, topic, Cleaner.Keyed([("a", "1"), ("b", "2")], timestamp).Bytes.ToArray());

    private static async Task SetAsync(Peer peer, string name, string value)
    {
        var answer = await NodeStory.AskAsync(peer, new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new() { ResourceType = 2, ResourceName = Topic, Configs = [new() { Name = name, Value = value }] },
            ],
        });
        Assert.Equal(ErrorCode.None, answer.Responses[0].ErrorCode);
    }

    private static LogView LogOf(BrokerNode node, TopicId topic) => node.Broker.Replicas.Find(topic, 0)!.View.Log!;

    private static IEnumerable<string> Files(NodeStory story) =>
        story.Disk.List($"/data/{Topic}-0").Select(static file => file.Name);

    private static long NowMs(NodeStory story) => story.World.GetUtcNow().ToUnixTimeMilliseconds();
}
