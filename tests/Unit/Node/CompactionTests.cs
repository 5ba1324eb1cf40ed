using System.Globalization;
using System.Text;
using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Node;
using Barnabas.Rpc;
using Barnabas.Tests.Unit.Log;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Logs that are compacted while the node serves them.</summary>
public sealed class CompactionTests
{
    private const string Topic = "orders";
    private const int Keys = 4;
    private static readonly TimeSpan Rounds = TimeSpan.FromSeconds(10);
    private static readonly (string, string)[] Compacted =
        [("cleanup.policy", "compact"), ("internal.segment.bytes", "700"), ("file.delete.delay.ms", "1000")];

    [Fact]
    public void A_compacted_topic_keeps_the_last_value_of_each_key()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic, 1, Compacted);
            await WriteAsync(peer, id, 0, 60);

            await Task.Delay(Rounds, story.World);

            var log = LogOf(node, id);
            var data = StoredRecord.DataOf(log);
            Assert.InRange(data.Count, Keys, Keys + 12);
            Assert.Equal(Enumerable.Range(56, 4).Select(Text), LastValues(data));
            Assert.Equal(new Offset(60), log.End);
            Assert.True(node.Broker.Replicas.Compaction.ReadBytes > node.Broker.Replicas.Compaction.KeptBytes);
            Assert.NotNull(node.Broker.Replicas.Compaction.SinceLastRun);
            // Old files are gone after their delay, and a read that begins at an offset that is gone goes on.
            await Task.Delay(TimeSpan.FromMinutes(5), story.World);
            Assert.DoesNotContain(Files(story), static name => name.EndsWith(".deleted", StringComparison.Ordinal));
            var answer = await NodeStory.AskAsync(peer, NodeStory.Fetch(id, 1));
            Assert.Equal(ErrorCode.None, answer.Responses[0].Partitions[0].ErrorCode);
            Assert.NotEmpty(NodeStory.ValuesOf(answer.Responses[0].Partitions[0]));
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void Readers_and_writers_go_on_while_it_is_compacted()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var story = Story(seed);
            story.Tell(async () =>
            {
                await using var node = await story.StartAsync();
                await using var peer = await story.DialAsync();
                await using var other = await story.DialAsync();
                var id = await NodeStory.CreateAsync(peer, Topic, 1, Compacted);
                var latest = new Dictionary<string, string>();
                for (var i = 0; i < 40; i++)
                {
                    await WriteAsync(peer, id, i, i + 3);
                    for (var next = 0L; next < i + 3;)
                        next = await ReadAsync(other, id, next, latest);
                    Assert.Equal(Text(i + 2), latest[Key(i + 2)]);
                    await Task.Delay(TimeSpan.FromMilliseconds(100), story.World);
                }

                Assert.True(node.Broker.Replicas.Compaction.ReadBytes > 0);
            });
            Assert.Empty(story.Halts);
        }
    }

    [Fact]
    public void A_policy_that_is_changed_holds_at_once()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic, 1, ("internal.segment.bytes", "700"));
            await WriteAsync(peer, id, 0, 40);
            await Task.Delay(Rounds, story.World);
            Assert.Equal(40, StoredRecord.DataOf(LogOf(node, id)).Count);

            await SetAsync(peer, 2, Topic, "cleanup.policy", "compact");
            await Task.Delay(Rounds, story.World);
            Assert.InRange(StoredRecord.DataOf(LogOf(node, id)).Count, Keys, Keys + 12);

            await SetAsync(peer, 4, "", "log.cleaner.threads", "0");
            await WriteAsync(peer, id, 40, 80);
            await Task.Delay(Rounds, story.World);
            Assert.True(StoredRecord.DataOf(LogOf(node, id)).Count > 40);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void What_is_overdue_is_compacted_though_nobody_writes()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(
                peer, Topic, 1, ("cleanup.policy", "compact"), ("max.compaction.lag.ms", "60000"));
            await WriteAsync(peer, id, 0, 20, NowMs(story));
            await Task.Delay(TimeSpan.FromSeconds(50), story.World);
            Assert.Equal(20, StoredRecord.DataOf(LogOf(node, id)).Count);

            await Task.Delay(TimeSpan.FromSeconds(30), story.World);

            Assert.Equal(Keys, StoredRecord.DataOf(LogOf(node, id)).Count);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void Records_younger_than_the_least_lag_are_left_alone()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic, 1, [.. Compacted, ("min.compaction.lag.ms", "60000")]);
            await WriteAsync(peer, id, 0, 40, NowMs(story));
            await Task.Delay(TimeSpan.FromSeconds(30), story.World);
            Assert.Equal(40, StoredRecord.DataOf(LogOf(node, id)).Count);

            await Task.Delay(TimeSpan.FromSeconds(60), story.World);

            Assert.InRange(StoredRecord.DataOf(LogOf(node, id)).Count, Keys, Keys + 12);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_topic_may_go_while_it_is_compacted_and_come_again()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            // A slow round, so that the deletion comes in the middle of it.
            var story = Story(seed, "log.cleaner.io.max.bytes.per.second=2000");
            story.Tell(async () =>
            {
                await using var node = await story.StartAsync();
                await using var peer = await story.DialAsync();
                for (var i = 0; i < 3; i++)
                {
                    var id = await NodeStory.CreateAsync(peer, Topic, 1, Compacted);
                    await WriteAsync(peer, id, 0, 40);
                    await Task.Delay(TimeSpan.FromMilliseconds(500 + (300 * i)), story.World);
                    await NodeStory.AskAsync(
                        peer, new DeleteTopicsRequest { TimeoutMs = 5_000, Topics = [new() { TopicId = id }] });
                }

                var last = await NodeStory.CreateAsync(peer, Topic, 1, Compacted);
                await WriteAsync(peer, last, 0, 20);
                await Task.Delay(TimeSpan.FromMinutes(1), story.World);
                Assert.Equal(new Offset(20), LogOf(node, last).End);
                Assert.Equal(Enumerable.Range(16, 4).Select(Text), LastValues(StoredRecord.DataOf(LogOf(node, last))));
            });
            Assert.Empty(story.Halts);
        }
    }

    [Fact]
    public void A_damaged_log_is_set_aside_and_the_others_go_on()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using (var node = await story.StartAsync())
            {
                await using var peer = await story.DialAsync();
                foreach (var name in new[] { Topic, "others" })
                {
                    var id = await NodeStory.CreateAsync(
                        peer, name, 1, [.. Compacted, ("min.compaction.lag.ms", "3600000")]);
                    await WriteAsync(peer, id, 0, 40, NowMs(story));
                }
            }

            story.Disk.Flip($"/data/{Topic}-0/00000000000000000000.log", 80, 1);
            await using var again = await story.StartAsync();
            await using var after = await story.DialAsync();
            foreach (var name in new[] { Topic, "others" })
                await SetAsync(after, 2, name, "min.compaction.lag.ms", "0");
            await Task.Delay(Rounds, story.World);

            var directory = again.Broker.Replicas.Directories.All[0];
            var (logs, bytes) = again.Broker.Replicas.Compaction.UncleanableIn(directory);
            Assert.Equal(1, logs);
            Assert.True(bytes > 0);
            Assert.False(directory.IsOffline);
            var good = again.Broker.State.Topics["others"].Id;
            Assert.InRange(StoredRecord.DataOf(LogOf(again, good)).Count, Keys, Keys + 12);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void The_checkpoint_goes_along_when_a_log_moves()
    {
        var story = new NodeStory(1, "log.dirs=/a,/b", "log.cleaner.backoff.ms=1000");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic, 1, Compacted);
            await WriteAsync(peer, id, 0, 40);
            await Task.Delay(Rounds, story.World);
            var name = new TopicPartition(Topic, 0);
            var from = node.Broker.Replicas.Directories.All.Single(d => d.CleanedOf(name) is not null);
            var to = node.Broker.Replicas.Directories.All.Single(d => d != from);
            var (cleaned, data) = (from.CleanedOf(name), StoredRecord.DataOf(LogOf(node, id)));

            var answer = await NodeStory.AskAsync(peer, new AlterReplicaLogDirsRequest
            {
                Dirs = [new() { Path = to.AbsolutePath, Topics = [new() { Name = Topic, Partitions = [0] }] }],
            });
            Assert.Equal(ErrorCode.None, answer.Results[0].Partitions[0].ErrorCode);
            while (to.CleanedOf(name) is null)
                await Task.Delay(TimeSpan.FromMilliseconds(100), story.World);

            await Task.Delay(TimeSpan.FromSeconds(1), story.World);
            Assert.Equal(((Offset?)null, cleaned), (from.CleanedOf(name), to.CleanedOf(name)));
            Assert.Equal(data, StoredRecord.DataOf(LogOf(node, id)));
            await WriteAsync(peer, id, 40, 60);
            await Task.Delay(Rounds, story.World);
            Assert.True(to.CleanedOf(name) > cleaned);
            Assert.Equal(Enumerable.Range(56, 4).Select(Text), LastValues(StoredRecord.DataOf(LogOf(node, id))));
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_coordinator_loads_what_is_live_and_not_what_was()
    {
        const string Offsets = "__consumer_offsets";
        var story = Story();
        story.Tell(async () =>
        {
            var id = default(TopicId);
            await using (var node = await story.StartAsync())
            {
                await using var peer = await story.DialAsync();
                id = await NodeStory.CreateAsync(peer, Topic);
                await story.GroupsLoadedAsync(node, peer);
                await SetAsync(peer, 2, Offsets, "internal.segment.bytes", "2000");
                for (var i = 1; i <= 300; i++)
                {
                    var commit = GroupRequests.Commit("billing", Topic, id, 0, offset: i);
                    var answer = await NodeStory.AskAsync(peer, commit);
                    Assert.Equal(ErrorCode.None, answer.Topics[0].Partitions[0].ErrorCode);
                }

                await Task.Delay(Rounds, story.World);
                var log = node.Broker.Replicas.All.Select(static partition => partition.View)
                    .Single(static view => view.Name.Topic == Offsets && view.Log!.End > Offset.Zero).Log!;
                Assert.Equal(new Offset(300), log.End);
                Assert.InRange(StoredRecord.DataOf(log).Count, 1, 30);
            }

            await using var again = await story.StartAsync();
            await using var other = await story.DialAsync();
            await story.GroupsLoadedAsync(again, other);
            var fetched = await NodeStory.AskAsync(other, GroupRequests.FetchOffsets(9, "billing", Topic, id));
            Assert.Equal(300, GroupRequests.OffsetOf(9, fetched));
        });
        Assert.Empty(story.Halts);
    }

    private static NodeStory Story(int seed = 1, params string[] overrides) => new(
        seed, ["log.cleaner.backoff.ms=1000", "log.retention.check.interval.ms=5000", .. overrides]);

    private static async Task WriteAsync(Peer peer, TopicId topic, int from, int to, long timestamp = LogFixture.Start)
    {
        for (var i = from; i < to; i++)
        {
            var batch = Cleaner.Keyed([(Key(i), Text(i))], timestamp).Bytes.ToArray();
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, topic, batch)).ErrorCode);
        }
    }

    private static async Task<long> ReadAsync(Peer peer, TopicId topic, long from, Dictionary<string, string> latest)
    {
        var answer = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, from));
        var data = answer.Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.None, data.ErrorCode);
        var bytes = data.Records?.Memory ?? default;
        Assert.False(bytes.IsEmpty, $"nothing comes from {from} on");
        while (bytes.Length > 0)
        {
            var batch = new Barnabas.Records.RecordBatch(bytes.Span);
            var reader = new Barnabas.Records.RecordReader(
                bytes.Span[Barnabas.Records.RecordBatch.HeaderSize..batch.Size], batch);
            while (reader.TryRead(out var record))
                latest[Encoding.UTF8.GetString(record.Key.Span)] = Encoding.UTF8.GetString(record.Value.Span);
            from = batch.NextOffset.Value;
            bytes = bytes[batch.Size..];
        }

        return from;
    }

    private static async Task SetAsync(Peer peer, sbyte type, string resource, string name, string value)
    {
        var answer = await NodeStory.AskAsync(peer, new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = type,
                    ResourceName = resource,
                    Configs = [new() { Name = name, Value = value }],
                },
            ],
        });
        Assert.Equal(ErrorCode.None, answer.Responses[0].ErrorCode);
    }

    private static LogView LogOf(BrokerNode node, TopicId topic) => node.Broker.Replicas.Find(topic, 0)!.View.Log!;

    private static IEnumerable<string?> LastValues(IEnumerable<StoredRecord> data) =>
        data.GroupBy(static r => r.Key).Select(static key => key.Last()).OrderBy(static r => r.Offset)
            .Select(static r => r.Value);

    private static IEnumerable<string> Files(NodeStory story) =>
        story.Disk.List($"/data/{Topic}-0").Select(static file => file.Name);

    private static string Key(int i) => Text(i % Keys);

    private static string Text(int i) => i.ToString(CultureInfo.InvariantCulture);

    private static long NowMs(NodeStory story) => story.World.GetUtcNow().ToUnixTimeMilliseconds();
}
