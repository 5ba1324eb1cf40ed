using Barnabas.Base;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>The node as a whole, from its disk to its clients, in a simulated world.</summary>
public sealed class NodeTests
{
    [Fact]
    public void What_is_produced_is_fetched()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");

            var first = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a", "b"));
            var second = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("c"));
            var fetched = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0));

            Assert.Equal((ErrorCode.None, new Offset(0)), (first.ErrorCode, first.BaseOffset));
            Assert.Equal((ErrorCode.None, new Offset(2)), (second.ErrorCode, second.BaseOffset));
            Assert.Equal(["a", "b", "c"], NodeStory.ValuesOf(fetched.Responses[0].Partitions[0]));
            Assert.Equal(new Offset(3), fetched.Responses[0].Partitions[0].HighWatermark);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_fetch_at_the_end_waits_for_the_next_append()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await using var other = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");

            var waiting = NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0, waitMs: 30_000));
            await Task.Delay(TimeSpan.FromSeconds(5), story.World);
            Assert.False(waiting.IsCompleted);
            await NodeStory.ProduceAsync(other, topic, NodeStory.Batch("late"));
            var before = story.World.Age;
            var fetched = await waiting;

            Assert.Equal(["late"], NodeStory.ValuesOf(fetched.Responses[0].Partitions[0]));
            Assert.True(story.World.Age - before < TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public void A_fetch_that_finds_nothing_is_answered_when_its_time_is_up()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");

            var before = story.World.Age;
            var fetched = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0, waitMs: 500));

            Assert.Empty(NodeStory.ValuesOf(fetched.Responses[0].Partitions[0]));
            Assert.InRange(story.World.Age - before, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1));
        });
    }

    [Theory]
    [InlineData(CrashKind.KeepsAll)]
    [InlineData(CrashKind.LosesAll)]
    [InlineData(CrashKind.Tears)]
    public void What_was_acknowledged_outlives_a_crash(CrashKind kind)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var story = new NodeStory(seed);
            var acknowledged = new List<string>();
            TopicId topic = default;
            story.Tell(async () =>
            {
                _ = await story.StartAsync();
                await using var peer = await story.DialAsync();
                topic = await NodeStory.CreateAsync(peer, "orders");
                for (var i = 0; i < 10; i++)
                {
                    var answer = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch($"{seed}-{i}"));
                    Assert.Equal(ErrorCode.None, answer.ErrorCode);
                    acknowledged.Add($"{seed}-{i}");
                }

                _ = NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("nobody was told of this one"));
            });
            story.Disk.Crash(kind);

            var after = new NodeStory(seed + 1000);
            var world = after.World;
            world.Run(
                async () =>
                {
                    var restarted = await StartOnAsync(after, story.Disk);
                    await using var peer = await after.DialAsync();
                    var fetched = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0));
                    Assert.Equal(acknowledged, NodeStory.ValuesOf(fetched.Responses[0].Partitions[0]).Take(10));
                    await restarted.DisposeAsync();
                },
                TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public void A_session_answers_with_changes_only()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var (first, second) = (await NodeStory.CreateAsync(peer, "a"), await NodeStory.CreateAsync(peer, "b"));
            var request = NodeStory.Fetch(first, 0);
            request.Topics.Add(NodeStory.Fetch(second, 0).Topics[0]);
            request.SessionEpoch = 0;

            var opened = await NodeStory.AskAsync(peer, request);
            Assert.NotEqual(0, opened.SessionId);
            Assert.Equal(2, opened.Responses.Count);

            FetchRequest Next(int epoch) =>
                new()
                {
                    ClusterId = null,
                    SessionId = opened.SessionId,
                    SessionEpoch = epoch,
                    MinBytes = 1,
                    MaxBytes = 1 << 20,
                };
            Assert.Empty((await NodeStory.AskAsync(peer, Next(1))).Responses);
            await NodeStory.ProduceAsync(peer, second, NodeStory.Batch("x"));
            var changed = await NodeStory.AskAsync(peer, Next(2));
            Assert.Equal(second, Assert.Single(changed.Responses).TopicId);

            Assert.Equal(ErrorCode.InvalidFetchSessionEpoch, (await NodeStory.AskAsync(peer, Next(7))).ErrorCode);
            var unknown = Next(3);
            unknown.SessionId++;
            Assert.Equal(ErrorCode.FetchSessionIdNotFound, (await NodeStory.AskAsync(peer, unknown)).ErrorCode);
        });
    }

    [Fact]
    public void A_session_tells_all_again_to_who_believes_in_another_epoch()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "a");
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"));
            var request = NodeStory.Fetch(topic, 1);
            request.SessionEpoch = 0;
            var opened = await NodeStory.AskAsync(peer, request);
            Assert.Equal(new Offset(1), opened.Responses[0].Partitions[0].HighWatermark);

            (request.SessionId, request.SessionEpoch, request.MaxWaitMs) = (opened.SessionId, 1, 0);
            Assert.Empty((await NodeStory.AskAsync(peer, request)).Responses);
            (request.SessionEpoch, request.Topics[0].Partitions[0].CurrentLeaderEpoch) = (2, new LeaderEpoch(0));
            var told = Assert.Single((await NodeStory.AskAsync(peer, request)).Responses);
            Assert.Equal((ErrorCode.None, new Offset(1)),
                (told.Partitions[0].ErrorCode, told.Partitions[0].HighWatermark));
        });
    }

    [Fact]
    public void A_session_tells_all_again_to_who_was_told_that_logs_part()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "a");
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"));
            var request = NodeStory.Fetch(topic, 2);
            var asked = request.Topics[0].Partitions[0];
            (request.SessionEpoch, asked.LastFetchedEpoch) = (0, new LeaderEpoch(0));
            var opened = await NodeStory.AskAsync(peer, request);
            Assert.Equal(new Offset(1), opened.Responses[0].Partitions[0].DivergingEpoch.EndOffset);

            (request.SessionId, request.SessionEpoch, asked.FetchOffset) = (opened.SessionId, 1, new Offset(1));
            var told = Assert.Single((await NodeStory.AskAsync(peer, request)).Responses);
            Assert.Equal((ErrorCode.None, new Offset(1)),
                (told.Partitions[0].ErrorCode, told.Partitions[0].HighWatermark));
        });
    }

    [Fact]
    public void A_session_may_begin_with_nothing_and_be_told_of_topics_later()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a"));

            var opened = await NodeStory.AskAsync(
                peer, new FetchRequest { ClusterId = null, SessionEpoch = 0, MaxBytes = 1 << 20 });
            var request = NodeStory.Fetch(topic, 0);
            (request.SessionId, request.SessionEpoch) = (opened.SessionId, 1);
            var fetched = await NodeStory.AskAsync(peer, request);

            Assert.Equal(ErrorCode.None, fetched.ErrorCode);
            Assert.Equal(["a"], NodeStory.ValuesOf(fetched.Responses[0].Partitions[0]));
        });
    }

    [Fact]
    public void Bad_batches_get_their_code_and_leave_the_connection_alone()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders", 1, ("max.message.bytes", "200"));
            var flipped = NodeStory.Batch("flipped");
            flipped[^1] ^= 1;

            Assert.Equal(ErrorCode.CorruptMessage, (await NodeStory.ProduceAsync(peer, topic, flipped)).ErrorCode);
            Assert.Equal(
                ErrorCode.MessageTooLarge,
                (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch(new string('x', 300)))).ErrorCode);
            Assert.Equal(ErrorCode.InvalidRequiredAcks,
                (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"), acks: 2)).ErrorCode);
            Assert.Equal(ErrorCode.UnknownTopicOrPartition,
                (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"), partition: 9)).ErrorCode);
            Assert.Equal(
                ErrorCode.UnknownTopicId,
                (await NodeStory.ProduceAsync(peer, new TopicId(new Uuid(7, 7)), NodeStory.Batch("x"))).ErrorCode);
            Assert.Equal(
                new Offset(0), (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("good"))).BaseOffset);
        });
    }

    [Fact]
    public void A_second_node_on_the_same_directory_is_refused()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await Assert.ThrowsAnyAsync<IOException>(story.StartAsync);
        });
    }

    [Fact]
    public void A_failing_disk_acknowledges_nothing_and_takes_the_partition_offline()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            story.Disk.FailAt(story.Disk.Calls + 1, andAfter: true);

            Assert.Equal(ErrorCode.KafkaStorageError,
                (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"))).ErrorCode);
            Assert.Equal(ErrorCode.KafkaStorageError,
                (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("y"))).ErrorCode);
        });
        Assert.NotEmpty(story.Halts);
    }

    [Fact]
    public void A_fetch_from_where_an_uncommitted_record_ends_waits_for_the_next()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders", configs: ("barnabas.durability", "fsync"));
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"), acks: 1);
            Assert.Equal(ErrorCode.OffsetOutOfRange, (await FetchAsync(2)).ErrorCode);

            var waiting = FetchAsync(1);
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("y"), acks: 1);
            Assert.Equal(["y"], NodeStory.ValuesOf(await waiting));

            async Task<FetchResponse.PartitionData> FetchAsync(long offset)
            {
                await using var reader = await story.DialAsync();
                var answer = await NodeStory.AskAsync(reader, NodeStory.Fetch(topic, offset, waitMs: 30_000));
                return answer.Responses[0].Partitions[0];
            }
        });
    }

    [Fact]
    public void A_full_disk_refuses_what_does_not_fit_and_serves_on_once_there_is_space()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders");
            Assert.Equal(0, (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"))).BaseOffset.Value);
            var capacity = story.Disk.Capacity;
            story.Disk.Capacity = 0;

            var refused = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("y"));
            Assert.Equal(ErrorCode.KafkaStorageError, refused.ErrorCode);
            Assert.Equal(["x"], await ReadAsync());

            story.Disk.Capacity = capacity;
            Assert.Equal(1, (await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("z"))).BaseOffset.Value);
            Assert.Equal(["x", "z"], await ReadAsync());

            async Task<List<string>> ReadAsync() => NodeStory.ValuesOf(
                (await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0))).Responses[0].Partitions[0]);
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_partition_that_finds_no_room_is_made_when_there_is_some()
    {
        var story = new NodeStory(1, "replica.high.watermark.checkpoint.interval.ms=1000");
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var capacity = story.Disk.Capacity;
            story.Disk.BeforeChange = FillWhenItComes;
            var topic = await NodeStory.CreateAsync(peer, "orders");
            await Task.Delay(TimeSpan.FromSeconds(10), story.World);
            var refused = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"));
            Assert.Equal(ErrorCode.KafkaStorageError, refused.ErrorCode);
            Assert.Equal(0, story.Disk.Capacity);
            Assert.False(story.Disk.DirectoryExists("/data/orders-0"));

            (story.Disk.BeforeChange, story.Disk.Capacity) = (null, capacity);
            await Task.Delay(TimeSpan.FromSeconds(2), story.World);
            var taken = await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("x"));
            Assert.Equal((ErrorCode.None, 0L), (taken.ErrorCode, taken.BaseOffset.Value));
        });
        Assert.Empty(story.Halts);

        void FillWhenItComes()
        {
            if (story.Disk.DirectoryExists("/data/orders-0"))
                story.Disk.Capacity = 0;
        }
    }

    private static Task<Barnabas.Node.BrokerNode> StartOnAsync(NodeStory story, SimDisk disk)
    {
        var loaded = Barnabas.Node.Configuration.ServerConfigLoader.Load(new() { Overrides = ["log.dirs=/data"] });
        return Barnabas.Node.BrokerNode.StartAsync(story.World.NewHost(disk), loaded.Configs!, story.Halts.Add);
    }
}
