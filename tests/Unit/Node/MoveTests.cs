using System.Globalization;
using Barnabas.Base;
using Barnabas.Node;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>A partition's log moves from one directory to another while the node serves it.</summary>
public sealed class MoveTests
{
    private const string Topic = "orders";
    private static readonly TopicPartition Partition = new(Topic, 0);

    [Fact]
    public void A_log_moves_while_it_is_written_to()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await using var other = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic, 1, ("segment.bytes", "1048576"));
            var (from, to) = await PlacesAsync(peer);
            var written = new List<string>();
            for (var i = 0; i < 20; i++)
                await WriteAsync(peer, id, written, 200_000);

            Assert.Equal(ErrorCode.None, await MoveAsync(peer, to));
            Assert.Equal(ErrorCode.None, await MoveAsync(peer, to));
            await WriteWhileAsync(other, id, written, story, async () => (await PlacesAsync(peer)).From == from);

            Assert.Equal((to, from), await PlacesAsync(peer));
            for (var i = 0; i < 3; i++)
                await WriteAsync(peer, id, written, 10);
            Assert.Equal(written, await ReadAllAsync(peer, id));
            Assert.Equal(DirectoryId(node, to), node.Broker.State.FindPartition(Partition)!.DirectoryOf(new(1)));
            Assert.Equal([$"{Topic}-0"], Directories(story, to));
            Assert.Empty(await CopiesAsync(peer));
            await Task.Delay(TimeSpan.FromMinutes(10), story.World);
            Assert.Empty(Directories(story, from));
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void Many_writers_lose_nothing_to_a_move()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var story = new NodeStory(seed, "log.dirs=/a,/b");
            story.Tell(async () =>
            {
                await using var node = await story.StartAsync();
                await using var peer = await story.DialAsync();
                var id = await NodeStory.CreateAsync(peer, Topic);
                var acknowledged = new SortedDictionary<long, string>();
                var goesOn = true;
                var writers = new List<Task>();
                for (var i = 0; i < 6; i++)
                    writers.Add(WriteOnAsync(i));
                await MoveAndWaitAsync(peer, story, (await PlacesAsync(peer)).To);
                goesOn = false;
                foreach (var writer in writers)
                    await writer;

                Assert.Equal(acknowledged.Values, await ReadAllAsync(peer, id));
                Assert.Equal(acknowledged.Count - 1, acknowledged.Keys.Max());

                async Task WriteOnAsync(int writer)
                {
                    await using var own = await story.DialAsync();
                    for (var i = 0; goesOn; i++)
                    {
                        var value = $"{writer}-{i}";
                        var answer = await NodeStory.ProduceAsync(own, id, NodeStory.Batch(value));
                        Assert.Equal(ErrorCode.None, answer.ErrorCode);
                        acknowledged.Add(answer.BaseOffset.Value, value);
                    }
                }
            });
        }
    }

    [Fact]
    public void A_log_that_moved_is_found_in_its_new_place()
    {
        var story = Story();
        var written = new List<string>();
        TopicId id = default;
        var place = "";
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            id = await NodeStory.CreateAsync(peer, Topic);
            for (var i = 0; i < 5; i++)
                await WriteAsync(peer, id, written, 1000);
            await DeleteAsync(peer, 2);
            place = (await PlacesAsync(peer)).To;
            await MoveAndWaitAsync(peer, story, place);
        });
        var after = story.Crash(CrashKind.LosesAll);
        after.Tell(async () =>
        {
            await using var node = await after.StartAsync();
            await using var peer = await after.DialAsync();
            Assert.Equal(place, (await PlacesAsync(peer)).From);
            Assert.Equal(written.Skip(2), await ReadAllAsync(peer, id, 2));
            Assert.Equal(ErrorCode.OffsetOutOfRange, (await FetchAsync(peer, id, 1)).ErrorCode);
        });
    }

    [Fact]
    public void Producers_are_known_where_the_log_has_moved_to()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic);
            Assert.Equal(0, (await NodeStory.ProduceAsync(peer, id, Numbered(story, 0))).BaseOffset.Value);
            Assert.Equal(1, (await NodeStory.ProduceAsync(peer, id, Numbered(story, 1))).BaseOffset.Value);
            await DeleteAsync(peer, -1);

            await MoveAndWaitAsync(peer, story, (await PlacesAsync(peer)).To);

            var again = await NodeStory.ProduceAsync(peer, id, Numbered(story, 1));
            Assert.Equal((ErrorCode.None, new Offset(1)), (again.ErrorCode, again.BaseOffset));
            var apart = await NodeStory.ProduceAsync(peer, id, Numbered(story, 5));
            Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, apart.ErrorCode);
            Assert.Equal(2, (await NodeStory.ProduceAsync(peer, id, Numbered(story, 2))).BaseOffset.Value);
        });
    }

    [Fact]
    public void A_move_takes_no_more_than_it_may_and_can_be_called_off()
    {
        var story = Story("replica.alter.log.dirs.io.max.bytes.per.second=10000");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic);
            var written = new List<string>();
            for (var i = 0; i < 100; i++)
                await WriteAsync(peer, id, written, 1000);
            var (from, to) = await PlacesAsync(peer);

            Assert.Equal(ErrorCode.None, await MoveAsync(peer, to));
            await Task.Delay(TimeSpan.FromSeconds(5), story.World);
            var copy = Assert.Single(await CopiesAsync(peer));
            Assert.InRange(copy.PartitionSize, 30_000, 70_000);
            Assert.InRange(copy.OffsetLag, 30, 70);
            Assert.Equal(1, Directories(story, to).Count(name => name.EndsWith("-future", StringComparison.Ordinal)));

            Assert.Equal(ErrorCode.None, await MoveAsync(peer, from));
            Assert.Empty(await CopiesAsync(peer));
            Assert.Empty(Directories(story, to));
            await Task.Delay(TimeSpan.FromSeconds(30), story.World);
            Assert.Equal((from, to), await PlacesAsync(peer));
            Assert.Equal(written, await ReadAllAsync(peer, id));
        });
    }

    [Fact]
    public void What_a_move_takes_is_measured_over_the_windows_of_its_quota()
    {
        // Kafka's rate is that of a window at least: what such a long one allows may be taken at once.
        var story = Story(
            "replica.alter.log.dirs.io.max.bytes.per.second=10000", "alter.log.dirs.replication.quota.window.num=2",
            "alter.log.dirs.replication.quota.window.size.seconds=20");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic);
            for (var i = 0; i < 100; i++)
                await WriteAsync(peer, id, [], 1000);
            var (_, to) = await PlacesAsync(peer);

            Assert.Equal(ErrorCode.None, await MoveAsync(peer, to));
            await Task.Delay(TimeSpan.FromSeconds(3), story.World);
            Assert.Equal(to, (await PlacesAsync(peer)).From);
        });
    }

    [Fact]
    public void A_move_goes_on_after_a_restart_and_is_dropped_with_its_topic()
    {
        var story = Story("replica.alter.log.dirs.io.max.bytes.per.second=10000");
        var to = "";
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic);
            for (var i = 0; i < 100; i++)
                await WriteAsync(peer, id, [], 1000);
            to = (await PlacesAsync(peer)).To;
            Assert.Equal(ErrorCode.None, await MoveAsync(peer, to));
            await Task.Delay(TimeSpan.FromSeconds(6), story.World);
        });

        var after = story.Crash(CrashKind.LosesAll);
        after.Tell(async () =>
        {
            await using var node = await after.StartAsync();
            await using var peer = await after.DialAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), after.World);
            Assert.InRange(Assert.Single(await CopiesAsync(peer)).PartitionSize, 60_000, 100_000);
            await Task.Delay(TimeSpan.FromSeconds(20), after.World);
            Assert.Equal(to, (await PlacesAsync(peer)).From);

            await MoveAsync(peer, (await PlacesAsync(peer)).To);
            await NodeStory.AskAsync(peer, new DeleteTopicsRequest { Topics = [new() { Name = Topic }] });
            await Task.Delay(TimeSpan.FromMinutes(10), after.World);
            Assert.Empty(Directories(after, "/a"));
            Assert.Empty(Directories(after, "/b"));
        });
        Assert.Empty(after.Halts);
    }

    [Fact]
    public void What_cannot_be_moved_is_refused()
    {
        var story = Story();
        var wide = new string('w', 240);
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, Topic);
            await NodeStory.CreateAsync(peer, wide);

            Assert.Equal(ErrorCode.LogDirNotFound, await MoveAsync(peer, "/c"));
            Assert.Equal(ErrorCode.LogDirNotFound, await MoveAsync(peer, "/a/../b"));
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, await MoveAsync(peer, "/b", "missing"));
            Assert.Equal(ErrorCode.InvalidTopicException, await MoveAsync(peer, "/b", wide));

            var (_, to) = await PlacesAsync(peer);
            node.Broker.Replicas.Directories.All.Single(d => d.Path == to).TakeOffline("the test says so");
            Assert.Equal(ErrorCode.KafkaStorageError, await MoveAsync(peer, to));
        });
    }

    [Fact]
    public void A_topic_goes_where_it_was_wished_before_it_came()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, await MoveAsync(peer, "/b"));
            await NodeStory.CreateAsync(peer, Topic);
            Assert.Equal("/b", (await PlacesAsync(peer)).From);
        });
    }

    [Fact]
    public void A_log_whose_directory_is_not_there_is_not_begun_anew()
    {
        var story = Story();
        var place = "";
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic);
            await WriteAsync(peer, id, [], 10);
            place = (await PlacesAsync(peer)).From;
        });

        var others = $"{(place == "/a" ? "/b" : "/a")},/c";
        var after = story.Crash(CrashKind.KeepsAll, $"log.dirs={others}", "metadata.log.dir=/a");
        after.Tell(async () =>
        {
            await using var node = await after.StartAsync();
            await using var peer = await after.DialAsync();
            var id = node.Broker.State.Topics[Topic].Id;
            Assert.Equal(ErrorCode.KafkaStorageError, (await FetchAsync(peer, id, 0)).ErrorCode);
            Assert.Equal(
                ErrorCode.KafkaStorageError, (await NodeStory.ProduceAsync(peer, id, NodeStory.Batch("x"))).ErrorCode);
        });
    }

    [Theory]
    [InlineData(CrashKind.KeepsAll, true)]
    [InlineData(CrashKind.LosesAll, true)]
    [InlineData(CrashKind.Tears, true)]
    [InlineData(CrashKind.LosesAll, false)]
    public void A_fault_or_crash_at_any_call_loses_nothing_and_the_move_is_completed(CrashKind kind, bool fromThenOn)
    {
        var (seeds, step) = Seeds is { } more ? (more, 1) : (1, 3);
        for (var seed = 1; seed <= seeds; seed++)
        {
            var calls = Calls(seed, out var begin);
            Assert.True(calls > begin + 50);
            for (var at = begin + ((int)kind % step); at <= calls; at += step)
                FailAt(at, fromThenOn, kind, seed);
        }
    }

    private static int? Seeds =>
        int.TryParse(Environment.GetEnvironmentVariable("BARNABAS_SEEDS"), out var seeds) ? seeds : null;

    /// <summary>The disk calls before a move, and after it.</summary>
    private static long Calls(int seed, out long begin)
    {
        var story = new NodeStory(seed, "log.dirs=/a,/b");
        long first = 0;
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await BeginAsync(peer, []);
            first = story.Disk.Calls;
            await MoveAndWaitAsync(peer, story, (await PlacesAsync(peer)).To);
            await WriteAsync(peer, id, [], 10);
        });
        begin = first;
        return story.Disk.Calls;
    }

    private static void FailAt(long call, bool fromThenOn, CrashKind kind, int seed)
    {
        var story = new NodeStory(seed, "log.dirs=/a,/b");
        var acknowledged = new List<string>();
        TopicId id = default;
        var to = "";
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            id = await BeginAsync(peer, acknowledged);
            to = (await PlacesAsync(peer)).To;
            story.Disk.FailAt(call, fromThenOn);
            await MoveAsync(peer, to);
            for (var i = 0; i < 3; i++)
                await TryWriteAsync(peer, id, acknowledged, $"late {i}");
            await Task.Delay(TimeSpan.FromSeconds(5), story.World);
            await TryWriteAsync(peer, id, acknowledged, "last");
        });

        var after = story.Crash(kind);
        after.Tell(async () =>
        {
            await using var node = await after.StartAsync();
            await using var peer = await after.DialAsync();
            var found = await ReadAllAsync(peer, id);
            Assert.True(
                found.Where(acknowledged.Contains).SequenceEqual(acknowledged),
                $"seed {seed}, call {call}, {kind}: {found.Count} of {acknowledged.Count}");
            await MoveAndWaitAsync(peer, after, to);
            Assert.Equal(found, await ReadAllAsync(peer, id));
            await WriteAsync(peer, id, found, 10);
            Assert.Equal(found, await ReadAllAsync(peer, id));
            Assert.Equal(DirectoryId(node, to), node.Broker.State.FindPartition(Partition)!.DirectoryOf(new(1)));
            await Task.Delay(TimeSpan.FromMinutes(10), after.World);
            Assert.Equal([$"{Topic}-0"], Directories(after, to));
            Assert.Empty(Directories(after, to == "/a" ? "/b" : "/a"));
        });
        Assert.Empty(after.Halts);
    }

    private static NodeStory Story(params string[] overrides) => new(1, ["log.dirs=/a,/b", .. overrides]);

    private static async Task<TopicId> BeginAsync(Peer peer, List<string> acknowledged)
    {
        var id = await NodeStory.CreateAsync(peer, Topic);
        for (var i = 0; i < 3; i++)
            await WriteAsync(peer, id, acknowledged, 100);
        return id;
    }

    private static async Task WriteAsync(Peer peer, TopicId id, List<string> written, int size)
    {
        var value = written.Count.ToString(CultureInfo.InvariantCulture).PadRight(size, '.');
        var answer = await NodeStory.ProduceAsync(peer, id, NodeStory.Batch(value));
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        written.Add(value);
    }

    private static async Task TryWriteAsync(Peer peer, TopicId id, List<string> acknowledged, string value)
    {
        var answer = await NodeStory.ProduceAsync(peer, id, NodeStory.Batch(value));
        if (answer.ErrorCode == ErrorCode.None)
            acknowledged.Add(value);
    }

    private static async Task WriteWhileAsync(
        Peer peer, TopicId id, List<string> written, NodeStory story, Func<Task<bool>> goesOn)
    {
        for (var i = 0; i < 1000 && await goesOn(); i++)
        {
            await WriteAsync(peer, id, written, 5000);
            await Task.Delay(TimeSpan.FromMilliseconds(1), story.World);
        }
    }

    private static async Task MoveAndWaitAsync(Peer peer, NodeStory story, string to)
    {
        Assert.Equal(ErrorCode.None, await MoveAsync(peer, to));
        for (var i = 0; i < 100 && (await PlacesAsync(peer)).From != to; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(100), story.World);
        Assert.Equal(to, (await PlacesAsync(peer)).From);
    }

    private static byte[] Numbered(NodeStory story, int sequence)
    {
        using var builder = new BatchBuilder();
        builder.Append(story.World.GetUtcNow().ToUnixTimeMilliseconds(), default, "x"u8.ToArray());
        return builder.Build(new BatchOptions
        {
            ProducerId = new ProducerId(4),
            ProducerEpoch = 0,
            BaseSequence = sequence,
        }).ToArray();
    }

    private static async Task<ErrorCode> MoveAsync(Peer peer, string to, string topic = Topic)
    {
        var answer = await NodeStory.AskAsync(peer, new AlterReplicaLogDirsRequest
        {
            Dirs = [new() { Path = to, Topics = [new() { Name = topic, Partitions = [0] }] }],
        });
        return answer.Results[0].Partitions[0].ErrorCode;
    }

    private static async Task DeleteAsync(Peer peer, long before)
    {
        var answer = await NodeStory.AskAsync(peer, new DeleteRecordsRequest
        {
            Topics = [new() { Name = Topic, Partitions = [new() { Offset = new Offset(before) }] }],
        });
        Assert.Equal(ErrorCode.None, answer.Topics[0].Partitions[0].ErrorCode);
    }

    private static async Task<List<DescribeLogDirsResponse.DescribeLogDirsResult>> DescribeAsync(Peer peer) =>
        (await NodeStory.AskAsync(peer, new DescribeLogDirsRequest { Topics = null })).Results;

    /// <summary>Where the log is, and where it is not.</summary>
    private static async Task<(string From, string To)> PlacesAsync(Peer peer)
    {
        var all = await DescribeAsync(peer);
        var from = all.Single(d => d.Topics.Any(
            t => t.Name == Topic && t.Partitions.Any(p => p.PartitionIndex == 0 && !p.IsFutureKey)));
        return (from.LogDir, all.Single(d => d != from).LogDir);
    }

    private static async Task<List<DescribeLogDirsResponse.DescribeLogDirsPartition>> CopiesAsync(Peer peer) =>
        [.. (await DescribeAsync(peer))
            .SelectMany(d => d.Topics).SelectMany(t => t.Partitions).Where(p => p.IsFutureKey)];

    private static Uuid? DirectoryId(BrokerNode node, string path) =>
        node.Broker.Replicas.Directories.All.Single(d => d.Path == path).Meta.DirectoryId;

    private static List<string> Directories(NodeStory story, string path) =>
        [.. story.Disk.List(path).Where(e => e.IsDirectory && e.Name[0] != '_').Select(e => e.Name)];

    private static async Task<FetchResponse.PartitionData> FetchAsync(Peer peer, TopicId id, long offset) =>
        (await NodeStory.AskAsync(peer, NodeStory.Fetch(id, offset))).Responses[0].Partitions[0];

    private static async Task<List<string>> ReadAllAsync(Peer peer, TopicId id, long from = 0)
    {
        var all = new List<string>();
        while (true)
        {
            var data = await FetchAsync(peer, id, from + all.Count);
            Assert.Equal(ErrorCode.None, data.ErrorCode);
            var values = NodeStory.ValuesOf(data);
            if (values.Count == 0)
                return all;
            all.AddRange(values);
        }
    }
}
