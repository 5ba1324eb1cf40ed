using Barnabas.Keeper;
using static Barnabas.Tests.Unit.Keeper.KeeperStory;

namespace Barnabas.Tests.Unit.Keeper;

public sealed class KeeperClientTests
{
    [Fact]
    public void A_node_is_made_read_written_and_removed() => Run(async story =>
    {
        var client = story.Client();
        Assert.Equal("/a", (await client.CreateAsync("/a", Bytes("one"))).Value.Path);
        Assert.Equal(KeeperError.NodeExists, (await client.CreateAsync("/a", Bytes("two"))).Error);
        var read = (await client.GetDataAsync("/a")).Value;
        Assert.Equal(("one", 0), (Text(read.Data), read.Stat.Version));
        Assert.Equal(1, (await client.SetDataAsync("/a", Bytes("two"), 0)).Value.Version);
        Assert.Equal(KeeperError.BadVersion, (await client.SetDataAsync("/a", Bytes("three"), 0)).Error);
        Assert.Equal(KeeperError.NoNode, (await client.CreateAsync("/b/c", Bytes(""))).Error);
        await client.CreateAsync("/a/child", Bytes(""));
        Assert.Equal(["child"], (await client.GetChildrenAsync("/a")).Value.Names);
        Assert.Equal(KeeperError.NotEmpty, await client.DeleteAsync("/a"));
        Assert.Equal(KeeperError.None, await client.DeleteAsync("/a/child"));
        Assert.Equal(KeeperError.BadVersion, await client.DeleteAsync("/a", 0));
        Assert.Equal(KeeperError.None, await client.DeleteAsync("/a", 1));
        Assert.Equal(KeeperError.NoNode, (await client.ExistsAsync("/a")).Error);
    });

    [Fact]
    public void Sequential_nodes_are_numbered_and_ephemeral_ones_go_with_their_session() => Run(async story =>
    {
        var (first, second) = (story.Client(), story.Client());
        await first.CreateAsync("/e", Bytes(""));
        var one = await first.CreateAsync("/e/n-", Bytes("1"), NodeKind.EphemeralSequential);
        var two = await second.CreateAsync("/e/n-", Bytes("2"), NodeKind.EphemeralSequential);
        Assert.Equal(("/e/n-0000000000", "/e/n-0000000001"), (one.Value.Path, two.Value.Path));
        Assert.Equal(second.SessionId, two.Value.Stat.Owner);
        Assert.Equal(
            KeeperError.NoChildrenForEphemerals, (await first.CreateAsync(one.Value.Path + "/x", Bytes(""))).Error);
        await first.DisposeAsync();
        Assert.Equal(["n-0000000001"], (await second.GetChildrenAsync("/e")).Value.Names);
    });

    [Fact]
    public void A_multi_is_done_wholly_or_not_at_all() => Run(async story =>
    {
        var client = story.Client();
        await client.CreateAsync("/a", Bytes(""));
        var done = await client.MultiAsync(
            [
                KeeperChange.Check("/a", 0), KeeperChange.Create("/a/b", Bytes("b")),
                KeeperChange.SetData("/a", Bytes("x")), KeeperChange.Delete("/a/b"),
            ]);
        Assert.True(done.IsOk);
        Assert.Equal(["", "/a/b", "", ""], done.Value.Select(r => r.Path));
        Assert.Equal(1, done.Value[2].Stat.Version);

        var refused = await client.MultiAsync(
            [
                KeeperChange.Create("/c", Bytes("")), KeeperChange.Check("/a", 0),
                KeeperChange.SetData("/a", Bytes("y")),
            ]);
        Assert.Equal(KeeperError.BadVersion, refused.Error);
        Assert.Equal(
            [KeeperError.None, KeeperError.BadVersion, KeeperError.RuntimeInconsistency],
            refused.Value.Select(r => r.Error));
        Assert.Equal(KeeperError.NoNode, (await client.ExistsAsync("/c")).Error);
    });

    [Fact]
    public void Many_reads_are_answered_each_for_itself() => Run(async story =>
    {
        var client = story.Client();
        await client.CreateAsync("/a", Bytes("one"));
        await client.CreateAsync("/a/b", Bytes(""));
        var answer = await client.MultiReadAsync([new("/a", false), new("/nothing", false), new("/a", true)]);
        Assert.Equal([KeeperError.None, KeeperError.NoNode, KeeperError.None], answer.Value.Select(r => r.Error));
        Assert.Equal("one", Text(answer.Value[0].Data.Data));
        Assert.Equal(["b"], answer.Value[2].Children);
    });

    [Fact]
    public void Access_lists_are_kept() => Run(async story =>
    {
        var client = story.Client();
        await client.CreateAsync("/a", Bytes(""), acl: KeeperAcl.CreatorAllOthersRead);
        Assert.Equal(KeeperAcl.CreatorAllOthersRead, (await client.GetAclAsync("/a")).Value.Entries);
        Assert.Equal(1, (await client.SetAclAsync("/a", KeeperAcl.Open)).Value.AclVersion);
        Assert.Equal(KeeperAcl.Open, (await client.GetAclAsync("/a")).Value.Entries);
        Assert.Equal(KeeperError.None, await client.AuthenticateAsync(new("digest", Bytes("user:secret"))));
    });

    [Fact]
    public void Under_a_chroot_nothing_else_is_seen() => Run(async story =>
    {
        var (whole, part) = (story.Client(), story.Client("/kafka/one"));
        await whole.CreateAsync("/kafka", Bytes(""));
        await whole.CreateAsync("/kafka/one", Bytes("root"));
        Assert.Equal("root", Text((await part.GetDataAsync("/")).Value.Data));
        Assert.Equal("/a", (await part.CreateAsync("/a", Bytes("a"))).Value.Path);
        var multi = await part.MultiAsync([KeeperChange.Create("/b", Bytes("b")), KeeperChange.Check("/a")]);
        Assert.Equal("/b", multi.Value[0].Path);
        Assert.Equal("b", Text((await whole.GetDataAsync("/kafka/one/b")).Value.Data));
        var told = new List<WatchEvent>();
        await part.AddWatchAsync("/", WatchScope.Tree, told.Add);
        await whole.SetDataAsync("/kafka/one/b", Bytes("c"));
        await whole.CreateAsync("/other", Bytes(""));
        await story.PassAsync(100);
        Assert.Equal([new WatchEvent(WatchEventKind.DataChanged, "/b")], told);
    });

    [Fact]
    public void Requests_are_pipelined_and_answered_in_order() => Run(async story =>
    {
        var client = story.Client();
        var asked = Enumerable.Range(0, 300).Select(i => client.CreateAsync($"/n{i}", Bytes($"{i}"))).ToList();
        for (var i = 0; i < asked.Count; i++)
            Assert.Equal($"/n{i}", (await asked[i]).Value.Path);
    });

    [Fact]
    public void A_request_beyond_the_limit_costs_the_connection_and_nothing_else() => Run(async story =>
    {
        story.Ensemble.MaxFrameBytes = 10_000;
        var client = story.Client();
        Assert.Equal(KeeperError.ConnectionLoss, (await client.CreateAsync("/a", new byte[20_000])).Error);
        Assert.True((await client.CreateAsync("/a", new byte[5_000])).IsOk);
    });

    [Fact]
    public void An_answer_beyond_the_limit_is_not_taken() => Run(async story =>
    {
        var (writer, reader) = (story.Client(), story.Client(maxAnswerBytes: 10_000));
        await writer.CreateAsync("/a", new byte[20_000]);
        await writer.CreateAsync("/b", new byte[10]);
        Assert.Equal(KeeperError.ConnectionLoss, (await reader.GetDataAsync("/a")).Error);
        Assert.True((await reader.GetDataAsync("/b")).IsOk);
    });
}
