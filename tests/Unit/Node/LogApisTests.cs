using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What a node answers about its logs, and how it cuts them at the front.</summary>
public sealed class LogApisTests
{
    private const string Topic = "orders";

    [Fact]
    public void Records_are_deleted_up_to_an_offset()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await FillAsync(peer);

            Assert.Equal((ErrorCode.None, new Offset(2)), await DeleteAsync(peer, 2));
            Assert.Equal(new Offset(2), await EarliestAsync(peer));
            Assert.Equal(ErrorCode.OffsetOutOfRange, (await FetchAsync(peer, id, 1)).ErrorCode);
            Assert.Equal(["c", "d"], NodeStory.ValuesOf(await FetchAsync(peer, id, 2)).Take(2));

            Assert.Equal((ErrorCode.None, new Offset(2)), await DeleteAsync(peer, 1));
            Assert.Equal((ErrorCode.OffsetOutOfRange, Offset.None), await DeleteAsync(peer, 6));
            Assert.Equal((ErrorCode.OffsetOutOfRange, Offset.None), await DeleteAsync(peer, -2));
            Assert.Equal((ErrorCode.None, new Offset(5)), await DeleteAsync(peer, -1));
            Assert.Equal(new Offset(5), await EarliestAsync(peer));
            Assert.Equal(new Offset(5), (await NodeStory.ProduceAsync(peer, id, NodeStory.Batch("f"))).BaseOffset);
        });
    }

    [Fact]
    public void Nobody_deletes_what_is_not_there_or_not_theirs()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await NodeStory.CreateAsync(peer, Topic);
            await NodeStory.CreateAsync(peer, "table", 1, ("cleanup.policy", "compact"));
            await NodeStory.CreateAsync(peer, "both", 1, ("cleanup.policy", "compact,delete"));

            Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await DeleteAsync(peer, 0, "missing")).Error);
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await DeleteAsync(peer, 0, Topic, 1)).Error);
            Assert.Equal(ErrorCode.PolicyViolation, (await DeleteAsync(peer, 0, "table")).Error);
            Assert.Equal(ErrorCode.None, (await DeleteAsync(peer, 0, "both")).Error);
        });
    }

    [Theory]
    [InlineData(CrashKind.LosesAll)]
    [InlineData(CrashKind.Tears)]
    public void What_was_deleted_stays_so_after_a_crash(CrashKind kind)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await FillAsync(peer);
            Assert.Equal((ErrorCode.None, new Offset(3)), await DeleteAsync(peer, 3));
        });

        var after = story.Crash(kind);
        after.Tell(async () =>
        {
            await using var node = await after.StartAsync();
            await using var peer = await after.DialAsync();
            Assert.Equal(new Offset(3), await EarliestAsync(peer));
        });
    }

    [Fact]
    public void Files_below_the_log_start_go_and_a_checkpoint_never_takes_a_later_start_back()
    {
        var story = new NodeStory(1, "log.segment.bytes=1048576", "log.retention.check.interval.ms=60000");
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic);
            for (var i = 0; i < 3; i++)
                await NodeStory.ProduceAsync(peer, id, NodeStory.Batch(new string('x', 700_000)));
            Assert.Equal(3, Segments(story));

            await DeleteAsync(peer, -1);
            await Task.Delay(TimeSpan.FromMinutes(4), story.World);

            Assert.Equal(1, Segments(story));
            Assert.Equal("0\n1\norders 0 3\n", Text(story, "/data/log-start-offset-checkpoint"));
            var directory = node.Broker.Replicas.Directories.All[0];
            directory.WriteCheckpoints(null, [(new TopicPartition(Topic, 0), new Offset(1))], null);
            Assert.Equal("0\n1\norders 0 3\n", Text(story, "/data/log-start-offset-checkpoint"));
        });
    }

    [Fact]
    public void A_leader_epoch_ends_where_the_next_began()
    {
        var story = new NodeStory();
        TopicId id = default;
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            id = await FillAsync(peer);
            Assert.Equal((ErrorCode.None, 0, 5L), await EpochEndAsync(peer, 0));
        });
        var after = story.Crash(CrashKind.KeepsAll);
        after.Tell(async () =>
        {
            await using var node = await after.StartAsync();
            await using var peer = await after.DialAsync();
            var now = node.Broker.State.Topics[Topic].Partitions[0].LeaderEpoch.Value;
            Assert.True(now > 0);
            await NodeStory.ProduceAsync(peer, id, NodeStory.Batch("f"));

            Assert.Equal((ErrorCode.None, 0, 5L), await EpochEndAsync(peer, 0));
            Assert.Equal((ErrorCode.None, now, 6L), await EpochEndAsync(peer, now));
            Assert.Equal((ErrorCode.None, -1, -1L), await EpochEndAsync(peer, now + 1));
            Assert.Equal((ErrorCode.None, now, 6L), await EpochEndAsync(peer, now, current: now));
            Assert.Equal((ErrorCode.FencedLeaderEpoch, -1, -1L), await EpochEndAsync(peer, now, current: now - 1));
            Assert.Equal((ErrorCode.UnknownLeaderEpoch, -1, -1L), await EpochEndAsync(peer, now, current: now + 1));
            Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1, -1L), await EpochEndAsync(peer, 0, partition: 7));
        });
    }

    [Fact]
    public void The_producers_of_a_partition_are_shown()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic);
            Assert.Empty((await ProducersAsync(peer, 0)).ActiveProducers);

            using var builder = new BatchBuilder();
            builder.Append(1_700_000_000_000, default, "a"u8.ToArray());
            builder.Append(1_700_000_000_007, default, "b"u8.ToArray());
            var batch = builder.Build(new BatchOptions
            {
                ProducerId = new ProducerId(9),
                ProducerEpoch = 2,
                BaseSequence = 0,
            }).ToArray();
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, id, batch)).ErrorCode);

            var producer = Assert.Single((await ProducersAsync(peer, 0)).ActiveProducers);
            Assert.Equal(
                (new ProducerId(9), 2, 1, 1_700_000_000_007, -1, Offset.None),
                (producer.ProducerId, producer.ProducerEpoch, producer.LastSequence, producer.LastTimestamp,
                    producer.CoordinatorEpoch, producer.CurrentTxnStartOffset));
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await ProducersAsync(peer, 1)).ErrorCode);
        });
    }

    [Fact]
    public void Log_directories_are_shown_with_what_is_in_them()
    {
        var story = new NodeStory(1, "log.dirs=/a,/b");
        story.Disk.Capacity = 1 << 30;
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var id = await NodeStory.CreateAsync(peer, Topic, 3);
            var batch = NodeStory.Batch("a");
            await NodeStory.ProduceAsync(peer, id, batch);

            var all = await LogDirsAsync(peer, null);
            Assert.Equal(["/a", "/b"], all.Select(d => d.LogDir));
            Assert.All(all, d => Assert.Equal((ErrorCode.None, 1L << 30), (d.ErrorCode, d.TotalBytes)));
            Assert.All(all, d => Assert.InRange(d.UsableBytes, 1 << 29, (1 << 30) - 1));
            var logs = all.SelectMany(d => d.Topics).SelectMany(t => t.Partitions).OrderBy(p => p.PartitionIndex);
            Assert.Equal(
                [(0, (long)batch.Length, 0L, false), (1, 0L, 0L, false), (2, 0L, 0L, false)],
                logs.Select(p => (p.PartitionIndex, p.PartitionSize, p.OffsetLag, p.IsFutureKey)));

            var one = await LogDirsAsync(peer, [new() { Topic = Topic, Partitions = [1, 99] }]);
            Assert.Equal(1, Assert.Single(one.SelectMany(d => d.Topics).SelectMany(t => t.Partitions)).PartitionIndex);
            Assert.All(await LogDirsAsync(peer, []), d => Assert.Empty(d.Topics));

            node.Broker.Replicas.Directories.All[1].TakeOffline("the test says so");
            var failed = (await LogDirsAsync(peer, null))[1];
            Assert.Equal(
                (ErrorCode.KafkaStorageError, "/b", 0, -1L),
                (failed.ErrorCode, failed.LogDir, failed.Topics.Count, failed.TotalBytes));
        });
    }

    [Fact]
    public void The_quorum_is_the_node_itself()
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var before = Assert.Single((await QuorumAsync(peer, "__cluster_metadata")).Topics[0].Partitions);
            await NodeStory.CreateAsync(peer, Topic);
            await Task.Delay(TimeSpan.FromSeconds(3), story.World);

            var answer = await QuorumAsync(peer, "__cluster_metadata");
            var quorum = Assert.Single(answer.Topics[0].Partitions);
            var voter = Assert.Single(quorum.CurrentVoters);
            Assert.Equal((ErrorCode.None, new BrokerId(1)), (quorum.ErrorCode, quorum.LeaderId));
            Assert.True(quorum.LeaderEpoch > LeaderEpoch.None);
            Assert.True(quorum.HighWatermark > before.HighWatermark);
            Assert.Equal(node.Broker.Controller.Held.Offset + 1, quorum.HighWatermark.Value);
            Assert.Equal((quorum.LeaderId, quorum.HighWatermark), (voter.ReplicaId, voter.LogEndOffset));
            Assert.Equal(node.Broker.Replicas.Directories.All[0].Meta.DirectoryId, voter.ReplicaDirectoryId);
            Assert.Equal(story.World.GetUtcNow().ToUnixTimeMilliseconds(), voter.LastFetchTimestamp, tolerance: 1000);
            Assert.Equal(voter.LastFetchTimestamp, voter.LastCaughtUpTimestamp);
            Assert.Empty(quorum.Observers);
            Assert.Equal("127.0.0.1", Assert.Single(Assert.Single(answer.Nodes).Listeners).Host);

            var other = await QuorumAsync(peer, Topic);
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, other.Topics[0].Partitions[0].ErrorCode);
        });
    }

    private static async Task<TopicId> FillAsync(Peer peer)
    {
        var id = await NodeStory.CreateAsync(peer, Topic);
        foreach (var values in new string[][] { ["a"], ["b"], ["c"], ["d", "e"] })
            Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, id, NodeStory.Batch(values))).ErrorCode);
        return id;
    }

    private static async Task<FetchResponse.PartitionData> FetchAsync(Peer peer, TopicId id, long offset) =>
        (await NodeStory.AskAsync(peer, NodeStory.Fetch(id, offset))).Responses[0].Partitions[0];

    private static async Task<(ErrorCode Error, Offset LowWatermark)> DeleteAsync(
        Peer peer, long before, string topic = Topic, int partition = 0)
    {
        var answer = await NodeStory.AskAsync(peer, new DeleteRecordsRequest
        {
            TimeoutMs = 1000,
            Topics =
            [
                new() { Name = topic, Partitions = [new() { PartitionIndex = partition, Offset = new(before) }] },
            ],
        });
        return (answer.Topics[0].Partitions[0].ErrorCode, answer.Topics[0].Partitions[0].LowWatermark);
    }

    private static async Task<Offset> EarliestAsync(Peer peer)
    {
        var answer = await NodeStory.AskAsync(peer, new ListOffsetsRequest
        {
            ReplicaId = new BrokerId(-1),
            Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Timestamp = -2 }] }],
        });
        return answer.Topics[0].Partitions[0].Offset;
    }

    private static async Task<(ErrorCode Error, int Epoch, long End)> EpochEndAsync(
        Peer peer, int epoch, int current = -1, int partition = 0)
    {
        var answer = await NodeStory.AskAsync(peer, new OffsetForLeaderEpochRequest
        {
            ReplicaId = new BrokerId(-1),
            Topics =
            [
                new()
                {
                    Topic = Topic,
                    Partitions =
                    [
                        new()
                        {
                            Partition = partition,
                            LeaderEpoch = new LeaderEpoch(epoch),
                            CurrentLeaderEpoch = new LeaderEpoch(current),
                        },
                    ],
                },
            ],
        });
        var found = answer.Topics[0].Partitions[0];
        return (found.ErrorCode, found.LeaderEpoch.Value, found.EndOffset.Value);
    }

    private static async Task<DescribeProducersResponse.PartitionResponse> ProducersAsync(Peer peer, int partition) =>
        (await NodeStory.AskAsync(peer, new DescribeProducersRequest
        {
            Topics = [new() { Name = Topic, PartitionIndexes = [partition] }],
        })).Topics[0].Partitions[0];

    private static async Task<List<DescribeLogDirsResponse.DescribeLogDirsResult>> LogDirsAsync(
        Peer peer, List<DescribeLogDirsRequest.DescribableLogDirTopic>? topics) =>
        (await NodeStory.AskAsync(peer, new DescribeLogDirsRequest { Topics = topics })).Results;

    private static Task<DescribeQuorumResponse> QuorumAsync(Peer peer, string topic) =>
        NodeStory.AskAsync(peer, new DescribeQuorumRequest
        {
            Topics = [new() { TopicName = topic, Partitions = [new() { PartitionIndex = 0 }] }],
        });

    private static int Segments(NodeStory story) =>
        story.Disk.List("/data/orders-0").Count(file => file.Name.EndsWith(".log", StringComparison.Ordinal));

    private static string Text(NodeStory story, string path) =>
        System.Text.Encoding.UTF8.GetString(story.Disk.Peek(path));
}
