using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What a fetch session tells of partitions that it has passed over, poll after poll.</summary>
public sealed class QuietSessionTests
{
    private const short LastByName = 12;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public void What_changes_in_a_quiet_partition_is_told_once() => Tell(async (story, peer, topic) =>
    {
        await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a"));
        await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("b"));
        var poll = await OpenAsync(peer, NodeStory.Fetch(topic, 2));
        await QuietAsync(poll);

        await NodeStory.AskAsync(peer, new DeleteRecordsRequest
        {
            TimeoutMs = 1000,
            Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 0, Offset = new(1) }] }],
        });
        var told = Only(await poll(0));
        Assert.Equal((new Offset(1), new Offset(2)), (told.LogStartOffset, told.HighWatermark));
        await QuietAsync(poll);

        await DeleteAsync(peer);
        await Task.Delay(TimeSpan.FromSeconds(5), story.World);
        Assert.Equal(ErrorCode.UnknownTopicId, Only(await poll(0)).ErrorCode);
        // Of errors it is told again and again.
        Assert.Equal(ErrorCode.UnknownTopicId, Only(await poll(0)).ErrorCode);
    });

    [Fact]
    public void A_poll_is_woken_by_what_earlier_polls_have_watched() => Tell(async (story, peer, topic) =>
    {
        await using var other = await story.DialAsync();
        var poll = await OpenAsync(peer, NodeStory.Fetch(topic, 0));
        for (var i = 0; i < 20; i++)
        {
            await QuietAsync(poll);
            var waiting = poll(60_000);
            var begun = story.World.Age;
            await NodeStory.ProduceAsync(other, topic, NodeStory.Batch($"{i}"));
            Assert.Equal([$"{i}"], NodeStory.ValuesOf(Only(await waiting)));
            Assert.True(story.World.Age - begun < Soon);
            Assert.Empty((await poll(100, NodeStory.Fetch(topic, i + 1))).Responses);
        }
    });

    [Fact]
    public void What_is_appended_between_two_polls_is_in_the_second() => Tell(async (story, peer, topic) =>
    {
        await using var other = await story.DialAsync();
        var poll = await OpenAsync(peer, NodeStory.Fetch(topic, 0));
        for (var i = 0; i < 5; i++)
        {
            await QuietAsync(poll);
            await NodeStory.ProduceAsync(other, topic, NodeStory.Batch($"{i}"));
            Assert.Equal([$"{i}"], NodeStory.ValuesOf(Only(await poll(0))));
            Assert.Empty((await poll(0, NodeStory.Fetch(topic, i + 1))).Responses);
        }
    });

    [Fact]
    public void A_waiting_poll_hears_that_its_topic_is_deleted_and_the_next_that_it_is_made_anew() =>
        Tell(async (story, peer, topic) =>
        {
            await using var other = await story.DialAsync();
            var poll = await OpenAsync(peer, ByName(topic, 0), LastByName);
            await QuietAsync(poll);
            var waiting = poll(60_000);
            var begun = story.World.Age;
            await DeleteAsync(other);
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, Only(await waiting).ErrorCode);
            Assert.True(story.World.Age - begun < Soon);

            var again = await NodeStory.CreateAsync(other, "orders");
            await Task.Delay(TimeSpan.FromSeconds(5), story.World);
            Assert.Equal(Offset.Zero, Only(await poll(0)).HighWatermark);
            await QuietAsync(poll);
            begun = story.World.Age;
            waiting = poll(60_000);
            await NodeStory.ProduceAsync(other, again, NodeStory.Batch("a"));
            Assert.Equal(["a"], NodeStory.ValuesOf(Only(await waiting)));
            Assert.True(story.World.Age - begun < Soon);
        });

    [Fact]
    public void A_partition_forgotten_and_named_again_is_told_of_anew() => Tell(async (story, peer, topic) =>
    {
        await using var other = await story.DialAsync();
        var two = NodeStory.Fetch(topic, 0);
        two.Topics[0].Partitions.Add(NodeStory.Fetch(topic, 0, partition: 1).Topics[0].Partitions[0]);
        var poll = await OpenAsync(peer, two);
        await QuietAsync(poll);

        Assert.Empty((await poll(0, Forgetting(topic, 0))).Responses);
        await NodeStory.ProduceAsync(other, topic, NodeStory.Batch("a"));
        Assert.Empty((await poll(100)).Responses);
        Assert.Equal(["a"], NodeStory.ValuesOf(Only(await poll(0, NodeStory.Fetch(topic, 0)))));
        Assert.Empty((await poll(0, NodeStory.Fetch(topic, 1))).Responses);
        await QuietAsync(poll);

        var begun = story.World.Age;
        var waiting = poll(60_000);
        await NodeStory.ProduceAsync(other, topic, NodeStory.Batch("b"));
        Assert.Equal(["b"], NodeStory.ValuesOf(Only(await waiting)));
        Assert.True(story.World.Age - begun < Soon);

        // What a request both names and forgets is forgotten.
        var both = Forgetting(topic, 0);
        both.Topics = NodeStory.Fetch(topic, 0).Topics;
        Assert.Empty((await poll(0, both)).Responses);
        Assert.Empty((await poll(0)).Responses);
    });

    [Fact]
    public void Whoever_changes_what_it_may_read_hears_of_what_that_is() => Tell(async (story, peer, topic) =>
    {
        var poll = await OpenAsync(peer, ByName(topic, 0), LastByName);
        await QuietAsync(poll);
        var later = ByName(topic, 0);
        later.Topics[0].Partitions[0].CurrentLeaderEpoch = new LeaderEpoch(9);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, Only(await poll(0, later)).ErrorCode);
        later.Topics[0].Partitions[0].CurrentLeaderEpoch = LeaderEpoch.None;
        Assert.Equal(ErrorCode.None, Only(await poll(0, later)).ErrorCode);
        await QuietAsync(poll);
        // Nothing is there, and it asks for more.
        Assert.Equal(ErrorCode.OffsetOutOfRange, Only(await poll(0, ByName(topic, 5))).ErrorCode);
    });

    [Fact]
    public void A_poll_that_still_waits_when_its_session_ends_is_woken() => Tell(async (story, peer, topic) =>
    {
        await using var other = await story.DialAsync();
        var poll = await OpenAsync(peer, NodeStory.Fetch(topic, 0));
        await QuietAsync(poll);
        var waiting = poll(60_000);
        var begun = story.World.Age;
        var anew = OpenAsync(peer, NodeStory.Fetch(topic, 0));
        // So many others come and go that the partition drops those whose wait is over.
        for (var i = 0; i < 200; i++)
            await NodeStory.AskAsync(other, NodeStory.Fetch(topic, 0, waitMs: 1));
        await NodeStory.ProduceAsync(other, topic, NodeStory.Batch("a"));
        Assert.Equal(["a"], NodeStory.ValuesOf(Only(await waiting)));
        await anew;
        Assert.True(story.World.Age - begun < Soon);
    });

    private delegate Task<FetchResponse> Poll(int waitMs, FetchRequest? changes = null);

    private static void Tell(Func<NodeStory, Peer, TopicId, Task> tale)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await tale(story, peer, await NodeStory.CreateAsync(peer, "orders", partitions: 2));
        });
    }

    private static async Task QuietAsync(Poll poll)
    {
        foreach (var wait in new[] { 0, 100, 0, 100 })
            Assert.Empty((await poll(wait)).Responses);
    }

    private static FetchResponse.PartitionData Only(FetchResponse answer) =>
        Assert.Single(Assert.Single(answer.Responses).Partitions);

    private static Task<DeleteTopicsResponse> DeleteAsync(Peer peer) => NodeStory.AskAsync(peer, new DeleteTopicsRequest
    {
        TimeoutMs = 1000,
        Topics = [new() { Name = "orders" }],
    });

    private static FetchRequest ByName(TopicId topic, long offset)
    {
        var request = NodeStory.Fetch(topic, offset);
        (request.Topics[0].Topic, request.Topics[0].TopicId) = ("orders", TopicId.None);
        return request;
    }

    private static FetchRequest Forgetting(TopicId topic, int partition) => new()
    {
        ClusterId = null,
        ForgottenTopicsData = [new() { TopicId = topic, Partitions = [partition] }],
    };

    /// <summary>Begins a session, and returns what polls.</summary>
    private static async Task<Poll> OpenAsync(Peer peer, FetchRequest request, short? version = null)
    {
        request.SessionEpoch = 0;
        request.MaxWaitMs = 0;
        var opened = await NodeStory.AskAsync(peer, request, version);
        Assert.NotEqual(0, opened.SessionId);
        var epoch = 0;
        return (wait, changes) => NodeStory.AskAsync(
            peer,
            new FetchRequest
            {
                Topics = changes?.Topics ?? [],
                ForgottenTopicsData = changes?.ForgottenTopicsData ?? [],
                ClusterId = null,
                SessionId = opened.SessionId,
                SessionEpoch = ++epoch,
                MaxWaitMs = wait,
                MinBytes = 1,
                MaxBytes = 1 << 20,
            },
            version);
    }
}
