using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What keeps a log from moving costs it nothing.</summary>
public sealed class MoveObstacleTests
{
    private const string Topic = "orders";
    private const int Records = 100;

    [Fact]
    public void A_move_waits_for_room_on_the_disk()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await FillAsync(peer);
            Fill(story, left: 30_000);

            Assert.Equal(ErrorCode.None, await MoveAsync(peer, "/b"));
            await Task.Delay(TimeSpan.FromSeconds(10), story.World);
            Assert.Equal("/a", await PlaceAsync(peer));
            story.Disk.Capacity = long.MaxValue / 2;
            await Task.Delay(TimeSpan.FromSeconds(5), story.World);

            Assert.Equal("/b", await PlaceAsync(peer));
            Assert.Equal(Records, await CountAsync(peer, node.Broker.State.Topics[Topic].Id));
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_move_without_room_is_given_up()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            await FillAsync(peer);
            Fill(story, left: 60_000);

            Assert.Equal(ErrorCode.None, await MoveAsync(peer, "/b"));
            await Task.Delay(TimeSpan.FromMinutes(1), story.World);

            Assert.Equal("/a", await PlaceAsync(peer));
            Assert.DoesNotContain(story.Disk.List("/b"), entry => entry.IsDirectory);
            Assert.All(node.Broker.Replicas.Directories.All, directory => Assert.False(directory.IsOffline));
            Assert.Equal(Records, await CountAsync(peer, node.Broker.State.Topics[Topic].Id));
        });
        Assert.Empty(story.Halts);
    }

    [Fact]
    public void A_damaged_log_is_not_copied_and_not_lost()
    {
        var story = Story();
        story.Tell(async () =>
        {
            await using (await story.StartAsync())
            {
                await using var peer = await story.DialAsync();
                await FillAsync(peer);
            }
        });
        story.Disk.Flip("/a/orders-0/00000000000000000000.log", 50_000, 1);

        var after = story.Crash(CrashKind.KeepsAll);
        after.Tell(async () =>
        {
            await using var node = await after.StartAsync();
            await using var peer = await after.DialAsync();
            Assert.Equal(ErrorCode.None, await MoveAsync(peer, "/b"));
            await Task.Delay(TimeSpan.FromMinutes(1), after.World);

            Assert.Equal("/a", await PlaceAsync(peer));
            Assert.DoesNotContain(after.Disk.List("/b"), entry => entry.IsDirectory);
            Assert.InRange(await CountAsync(peer, node.Broker.State.Topics[Topic].Id), 20, 60);
        });
    }

    private static NodeStory Story() => new(1, "log.dirs=/a,/b");

    private static async Task FillAsync(Peer peer)
    {
        var id = await NodeStory.CreateAsync(peer, Topic);
        for (var i = 0; i < Records; i++)
        {
            var answer = await NodeStory.ProduceAsync(peer, id, NodeStory.Batch(new string('x', 1000)));
            Assert.Equal(ErrorCode.None, answer.ErrorCode);
        }
    }

    /// <summary>Leaves so many bytes free.</summary>
    private static void Fill(NodeStory story, long left)
    {
        story.Disk.Capacity = 1 << 30;
        story.Disk.Capacity -= story.Disk.Space("/a").Free - left;
    }

    private static async Task<ErrorCode> MoveAsync(Peer peer, string to)
    {
        var answer = await NodeStory.AskAsync(peer, new AlterReplicaLogDirsRequest
        {
            Dirs = [new() { Path = to, Topics = [new() { Name = Topic, Partitions = [0] }] }],
        });
        return answer.Results[0].Partitions[0].ErrorCode;
    }

    private static async Task<string> PlaceAsync(Peer peer)
    {
        var all = (await NodeStory.AskAsync(peer, new DescribeLogDirsRequest { Topics = null })).Results;
        return all.Single(d => d.Topics.Any(t => t.Partitions.Any(p => !p.IsFutureKey))).LogDir;
    }

    /// <summary>How many records can be read, up to the end or to damage.</summary>
    private static async Task<int> CountAsync(Peer peer, TopicId id)
    {
        for (var count = 0; ;)
        {
            var data = (await NodeStory.AskAsync(peer, NodeStory.Fetch(id, count))).Responses[0].Partitions[0];
            var values = NodeStory.ValuesOf(data);
            if (values.Count == 0)
                return count;
            count += values.Count;
        }
    }
}
