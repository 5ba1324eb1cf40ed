using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;
using static Barnabas.Tests.Unit.Node.TransactionRequests;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What readers see of transactions, and how these are ended by hand. The coordinator is left out: partitions
/// do not ask it here.</summary>
public sealed class TransactionalReadTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void Readers_of_committed_records_see_no_further_than_the_first_open_transaction() =>
        Tell(async (story, peer, topic) =>
        {
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("plain"));
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, 1, 0, "a", "b"));
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, 2, 0, "c"));
            Assert.Equal(["plain"], NodeStory.ValuesOf(await FetchAsync(peer, topic, 0)));
            Assert.Equal(1, await LatestAsync(peer, committed: true));
            Assert.Equal(4, await LatestAsync(peer, committed: false));

            Assert.Equal(ErrorCode.None, await EndAsync(peer, 2, 1, commit: true));
            Assert.Equal(["plain"], NodeStory.ValuesOf(await FetchAsync(peer, topic, 0)));
            Assert.Equal(ErrorCode.None, await EndAsync(peer, 1, 1, commit: false));

            var data = await FetchAsync(peer, topic, 0);
            Assert.Equal(new Offset(6), data.LastStableOffset);
            Assert.Equal([(1L, 1L)], Aborted(data));
            Assert.Equal(6, await LatestAsync(peer, committed: true));
            // A reader behind the marker needs to know of nothing.
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("more"));
            Assert.Empty(Aborted(await FetchAsync(peer, topic, 0, from: 6)));
        });

    [Fact]
    public void A_reader_that_waits_is_woken_by_the_marker() => Tell(async (story, peer, topic) =>
    {
        Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, 1, 0, "a"));
        await using var other = await story.DialAsync();
        var waiting = FetchAsync(other, topic, 30_000);
        await Task.Delay(Moment, story.World);
        Assert.False(waiting.IsCompleted);
        var begun = story.World.GetUtcNow();

        Assert.Equal(ErrorCode.None, await EndAsync(peer, 1, 1, commit: true));

        Assert.Equal("a", NodeStory.ValuesOf(await waiting)[0]);
        Assert.True(story.World.GetUtcNow() - begun < TimeSpan.FromSeconds(5));
    });

    [Fact]
    public void A_session_of_committed_records_goes_on_when_a_transaction_ends() => Tell(async (story, peer, topic) =>
    {
        var request = Committed(NodeStory.Fetch(topic, 0));
        (request.SessionEpoch, request.SessionId) = (0, 0);
        var first = await NodeStory.AskAsync(peer, request);
        Assert.NotEqual(0, first.SessionId);
        await ProduceAsync(peer, topic, 1, 0, "a");
        await EndAsync(peer, 1, 1, commit: false);
        await ProduceAsync(peer, topic, 1, 1, "b");

        var second = await NodeStory.AskAsync(peer, Committed(new FetchRequest
        {
            ClusterId = null,
            MinBytes = 1,
            MaxBytes = 1 << 20,
            SessionId = first.SessionId,
            SessionEpoch = 1,
        }));

        var data = second.Responses[0].Partitions[0];
        Assert.Equal([(1L, 0L)], Aborted(data));
        Assert.Equal(new Offset(2), data.LastStableOffset);
        Assert.Equal(2, NodeStory.ValuesOf(data).Count);
    });

    [Fact]
    public void An_open_transaction_outlives_a_restart_and_is_ended_by_hand()
    {
        var story = new NodeStory(1, Trusting);
        TopicId topic = default;
        story.Tell(async () =>
        {
            _ = await story.StartAsync();
            await using var peer = await story.DialAsync();
            topic = await NodeStory.CreateAsync(peer, "orders");
            Assert.Equal(ErrorCode.None, await ProduceAsync(peer, topic, 7, 3, "a"));
        });
        var again = story.Crash(CrashKind.LosesAll);
        again.Tell(async () =>
        {
            await using var node = await again.StartAsync();
            await using var peer = await again.DialAsync();
            Assert.Empty(NodeStory.ValuesOf(await FetchAsync(peer, topic, 0)));
            var hanging = Assert.Single((await ProducersAsync(peer)).ActiveProducers);
            Assert.Equal(
                (new ProducerId(7), 3, new Offset(0)),
                (hanging.ProducerId, hanging.ProducerEpoch, hanging.CurrentTxnStartOffset));

            Assert.Equal(ErrorCode.None, await EndAsync(peer, 7, 3, commit: false, version: 1));

            Assert.Equal([(7L, 0L)], Aborted(await FetchAsync(peer, topic, 0)));
            hanging = Assert.Single((await ProducersAsync(peer)).ActiveProducers);
            Assert.Equal((0, Offset.None), (hanging.CoordinatorEpoch, hanging.CurrentTxnStartOffset));
        });
    }

    [Fact]
    public void Markers_that_come_too_late_or_to_nobody_are_refused() => Tell(async (story, peer, topic) =>
    {
        await ProduceAsync(peer, topic, 1, 5, "a");
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await EndAsync(peer, 1, 4, commit: true));
        Assert.Equal(ErrorCode.InvalidProducerEpoch, await EndAsync(peer, 1, 5, commit: true));
        Assert.Equal(ErrorCode.None, await EndAsync(peer, 1, 6, commit: true, coordinatorEpoch: 4));
        Assert.Equal(ErrorCode.None, await EndAsync(peer, 1, 6, commit: true, coordinatorEpoch: 4));
        Assert.Equal(
            ErrorCode.TransactionCoordinatorFenced, await EndAsync(peer, 1, 7, commit: true, coordinatorEpoch: 3));
        Assert.Equal(ErrorCode.InvalidRequest, await EndAsync(peer, -1, 0, commit: true));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await EndAsync(peer, 1, 7, commit: true, topic: "none"));
        Assert.Equal(new Offset(2), (await FetchAsync(peer, topic, 0)).LastStableOffset);
    });

    [Fact]
    public void Offsets_of_a_transaction_count_once_it_is_committed_also_after_a_restart()
    {
        var story = new NodeStory(1, Trusting);
        TopicId topic = default;
        story.Tell(async () =>
        {
            var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            topic = await NodeStory.CreateAsync(peer, "orders");
            await story.GroupsLoadedAsync(node, peer);
            await NodeStory.AskAsync(peer, GroupRequests.Commit("g1", "orders", topic, 0, offset: 3));
            for (short version = 0; version <= 5; version++)
                Assert.Equal(ErrorCode.None, await StoreAsync(peer, "g1", 1, 0, 5, version));
            Assert.Equal(ErrorCode.None, await StoreAsync(peer, "g1", 2, 0, 6));
            Assert.Equal((ErrorCode.None, 3), await OffsetAsync(peer, "g1", topic));
            Assert.Equal(
                (ErrorCode.UnstableOffsetCommit, -1),
                await OffsetAsync(peer, "g1", topic, stable: true));
            // What an older epoch brings is refused, and the shard goes on.
            Assert.Equal(ErrorCode.None, await EndGroupAsync(peer, 2, 1, commit: false));
            Assert.Equal(ErrorCode.InvalidProducerEpoch, await StoreAsync(peer, "g1", 2, 0, 7));
            Assert.Equal(ErrorCode.InvalidProducerEpoch, await EndGroupAsync(peer, 2, 0, commit: true));
            Assert.Equal(ErrorCode.None, await EndGroupAsync(peer, 2, 1, commit: false));
        });
        var again = story.Crash(CrashKind.LosesAll);
        again.Tell(async () =>
        {
            await using var node = await again.StartAsync();
            await using var peer = await again.DialAsync();
            await again.GroupsLoadedAsync(node, peer);
            Assert.Equal((ErrorCode.None, 3), await OffsetAsync(peer, "g1", topic));
            Assert.Equal(
                (ErrorCode.UnstableOffsetCommit, -1),
                await OffsetAsync(peer, "g1", topic, stable: true));

            Assert.Equal(ErrorCode.None, await EndGroupAsync(peer, 1, 1, commit: true));

            Assert.Equal((ErrorCode.None, 5), await OffsetAsync(peer, "g1", topic, stable: true));
            await NodeStory.AskAsync(peer, GroupRequests.Commit("g1", "orders", topic, 0, offset: 8));
            Assert.Equal((ErrorCode.None, 8), await OffsetAsync(peer, "g1", topic, stable: true));
        });
        story = again.Crash(CrashKind.KeepsAll);
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await story.GroupsLoadedAsync(node, peer);
            Assert.Equal((ErrorCode.None, 8), await OffsetAsync(peer, "g1", topic, stable: true));
        });
    }

    // The group g1 is kept in partition 42.
    private static Task<ErrorCode> EndGroupAsync(Peer peer, long producer, short epoch, bool commit) =>
        EndAsync(
            peer, producer, epoch, commit, topic: "__consumer_offsets", partition: 42);

    private static void Tell(Func<NodeStory, Peer, TopicId, Task> tale)
    {
        var story = new NodeStory(1, Trusting);
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await tale(story, peer, await NodeStory.CreateAsync(peer, "orders"));
        });
    }
}
