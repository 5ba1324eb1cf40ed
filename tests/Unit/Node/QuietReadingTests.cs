using Barnabas.Base;
using Barnabas.Node;
using Barnabas.Replication;
using Barnabas.Rpc;
using Barnabas.Server.Apis;
using Barnabas.Server.Apis.Fetch;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Which partitions of a session are read again, and which are passed over.</summary>
public sealed class QuietReadingTests
{
    private static readonly FetchTerms Terms = new(1 << 20, ReadCommitted: false) { FromFollowers = true };

    [Fact]
    public void A_partition_of_which_all_has_been_heard_is_not_even_looked_up() => Tell(async (node, peer, topic) =>
    {
        var session = Begin(topic);
        Assert.Equal((1, 1), Read(node, session, Terms));
        // Not said yet, and so read again.
        Assert.Equal((1, 1), Read(node, session, Terms));
        Hear(node, session, Terms);
        Assert.Equal((0, 0), Read(node, session, Terms));

        await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a"));
        Assert.Equal((1, 1), Read(node, session, Terms));
        // There are records to have: that is never passed over.
        Hear(node, session, Terms);
        Assert.Equal((1, 1), Read(node, session, Terms));
        session.Update(NodeStory.Fetch(topic, 1));
        Hear(node, session, Terms);
        Assert.Equal((0, 0), Read(node, session, Terms));
        session.Update(NodeStory.Fetch(topic, 1));
        Assert.Equal((1, 1), Read(node, session, Terms));
    });

    [Fact]
    public void Who_reads_by_other_terms_reads_again() => Tell((node, _, topic) =>
    {
        var session = Begin(topic);
        FetchTerms[] others =
        [
            Terms with { ReadCommitted = true },
            Terms with { FromFollowers = false },
            Terms with { Nearest = new Dictionary<FetchPartition, BrokerId>() },
            Terms with
            {
                Following = new(new(new BrokerId(7), 0), node.Broker.Id, node.Broker.Replicas.LeaderQuota, false),
            },
        ];
        foreach (var other in others)
        {
            Hear(node, session, Terms);
            Assert.Equal((0, 0), Read(node, session, Terms));
            Assert.Equal((1, 1), Read(node, session, other));
        }

        return Task.CompletedTask;
    });

    [Fact]
    public void A_watch_is_set_once_and_again_when_the_partition_has_moved() => Tell(async (node, peer, topic) =>
    {
        var poll = new SessionPoll(CancellationToken.None);
        var partition = node.Broker.Replicas.Find(topic, 0)!;
        var watch = new PartitionWatch(partition, poll);
        for (var i = 0; i < 3; i++)
        {
            watch.Set(partition.View);
            watch.Set(partition.View);
            using var waiter = new Waiter(node.Broker.Host.Time, TimeSpan.FromMinutes(1));
            Assert.True(poll.TryBegin(waiter));
            Assert.False(poll.TryBegin(waiter));
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch($"{i}"));
            await waiter.Woken;
            Assert.False(waiter.HasExpired);
            poll.End(waiter);
        }

        // It moves between the look and the watch.
        var seen = partition.View;
        await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("more"));
        using var last = new Waiter(node.Broker.Host.Time, TimeSpan.FromMinutes(1));
        Assert.True(poll.TryBegin(last));
        watch.Set(seen);
        await last.Woken;
        Assert.False(last.HasExpired);
        poll.EndSession();
        Assert.False(watch.IsOver);
        poll.End(last);
        Assert.True(watch.IsOver);
        Assert.False(poll.TryBegin(last));
    });

    private static void Tell(Func<BrokerNode, Peer, TopicId, Task> tale)
    {
        var story = new NodeStory();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await tale(node, peer, await NodeStory.CreateAsync(peer, "orders"));
        });
    }

    private static FetchSession Begin(TopicId topic)
    {
        var session = new FetchSession(1, namesById: true, CancellationToken.None);
        session.Update(NodeStory.Fetch(topic, 0));
        return session;
    }

    /// <summary>How many partitions were looked up, and how many read.</summary>
    private static (int LookedUp, int Read) Read(BrokerNode node, FetchSession session, FetchTerms terms)
    {
        var lookedUp = 0;
        var topics = new TopicDirectory(
            () =>
            {
                lookedUp++;
                return node.Broker.State;
            },
            node.Broker.Replicas);
        var reader = new FetchReader(topics, terms);
        reader.Read(session.InTurn, mayWait: true);
        var read = reader.Answers.Count;
        reader.Release();
        return (lookedUp, read);
    }

    private static void Hear(BrokerNode node, FetchSession session, FetchTerms terms)
    {
        var reader = new FetchReader(node.Broker.Topics, terms);
        reader.Read(session.InTurn, mayWait: false);
        foreach (var (asked, answer) in reader.Answers)
        {
            asked.Told(answer);
            asked.Heard();
        }

        reader.Release();
    }
}
