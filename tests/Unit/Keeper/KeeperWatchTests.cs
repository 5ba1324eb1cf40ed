using Barnabas.Keeper;
using static Barnabas.Tests.Unit.Keeper.KeeperStory;

namespace Barnabas.Tests.Unit.Keeper;

public sealed class KeeperWatchTests
{
    [Fact]
    public void A_watch_of_a_read_tells_once() => Run(async story =>
    {
        var (client, other) = (story.Client(), story.Client());
        await client.CreateAsync("/a", Bytes(""));
        var told = new List<WatchEvent>();
        await client.GetDataAsync("/a", told.Add);
        await client.GetChildrenAsync("/a", told.Add);
        await client.ExistsAsync("/b", told.Add);
        await other.SetDataAsync("/a", Bytes("1"));
        await other.SetDataAsync("/a", Bytes("2"));
        await other.CreateAsync("/a/c", Bytes(""));
        await other.CreateAsync("/b", Bytes(""));
        await story.PassAsync(100);
        Assert.Equal(
            [
                new(WatchEventKind.DataChanged, "/a"), new(WatchEventKind.ChildrenChanged, "/a"),
                new(WatchEventKind.Created, "/b"),
            ],
            told);
    });

    [Fact]
    public void A_watch_that_stays_tells_of_the_node_alone() => Run(async story =>
    {
        var client = story.Client();
        await client.CreateAsync("/a", Bytes(""));
        var told = new List<WatchEvent>();
        await client.AddWatchAsync("/a", WatchScope.Node, told.Add);
        await client.SetDataAsync("/a", Bytes("1"));
        await client.SetDataAsync("/a", Bytes("2"));
        await client.CreateAsync("/a/b", Bytes(""));
        await client.SetDataAsync("/a/b", Bytes("3"));
        await client.RemoveWatchesAsync("/a");
        await client.SetDataAsync("/a", Bytes("4"));
        await story.PassAsync(100);
        Assert.Equal(
            [
                new(WatchEventKind.DataChanged, "/a"), new(WatchEventKind.DataChanged, "/a"),
                new(WatchEventKind.ChildrenChanged, "/a"),
            ],
            told);
        Assert.Equal(KeeperError.NoWatcher, await client.RemoveWatchesAsync("/a"));
    });

    [Fact]
    public void A_watch_of_a_tree_tells_of_all_below() => Run(async story =>
    {
        var client = story.Client();
        var told = new List<WatchEvent>();
        await client.AddWatchAsync("/a", WatchScope.Tree, told.Add);
        await client.CreateAsync("/a", Bytes(""));
        await client.CreateAsync("/a/b", Bytes(""));
        await client.SetDataAsync("/a/b", Bytes("1"));
        await client.DeleteAsync("/a/b");
        await client.CreateAsync("/ab", Bytes(""));
        await story.PassAsync(100);
        Assert.Equal(
            [
                new(WatchEventKind.Created, "/a"), new(WatchEventKind.Created, "/a/b"),
                new(WatchEventKind.DataChanged, "/a/b"), new(WatchEventKind.Deleted, "/a/b"),
            ],
            told);
    });

    /// <summary>What tells once is told of what it missed; what stays goes on, and the state says that something may
    /// have been missed.</summary>
    [Fact]
    public void Watches_stand_again_at_another_server() => Run(
        async story =>
        {
            var (client, other) = (story.Client(), story.Client());
            await client.CreateAsync("/a", Bytes(""));
            var (once, always) = (new List<WatchEvent>(), new List<WatchEvent>());
            await client.GetDataAsync("/a", once.Add);
            await client.GetChildrenAsync("/a", once.Add);
            await client.ExistsAsync("/b", once.Add);
            await client.AddWatchAsync("/a", WatchScope.Node, always.Add);
            foreach (var member in story.Ensemble.Members)
                member.Stop();
            await story.PassAsync(500);
            foreach (var member in story.Ensemble.Members.Skip(1))
                member.Start();
            await other.SetDataAsync("/a", Bytes("1"));
            await story.PassAsync(3000);
            Assert.Equal([new WatchEvent(WatchEventKind.DataChanged, "/a")], once);
            always.Clear();
            await other.SetDataAsync("/a", Bytes("2"));
            await other.CreateAsync("/b", Bytes(""));
            await story.PassAsync(100);
            Assert.Equal([new(WatchEventKind.DataChanged, "/a"), new(WatchEventKind.Created, "/b")], once);
            Assert.Equal([new WatchEvent(WatchEventKind.DataChanged, "/a")], always);
        },
        members: 3);
}
