using System.Text;
using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Keeper;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Ensemble;

/// <summary>The client against one real server.</summary>
public sealed class ClientTests(OneServer servers) : IClassFixture<OneServer>
{
    private static int _roots;
    private readonly string _root = $"/test/{Interlocked.Increment(ref _roots)}";

    [Fact]
    public Task Nodes_of_every_kind_are_made_read_written_and_removed() => Tell(async client =>
    {
        foreach (var kind in Enum.GetValues<NodeKind>())
        {
            var made = await client.CreateAsync($"/{kind}-", Bytes("one"), kind, ttl: TimeSpan.FromMinutes(1));
            Assert.Equal((kind, KeeperError.None), (kind, made.Error));
            Assert.Equal(kind.IsSequential(), made.Value.Path != $"/{kind}-");
            // A node that goes when it is old has a mark of its own in place of an owner.
            if (!kind.HasTtl() && kind != NodeKind.Container)
                Assert.Equal(kind.IsEphemeral() ? client.SessionId : 0, made.Value.Stat.Owner);
            var path = made.Value.Path;
            Assert.Equal(1, (await client.SetDataAsync(path, Bytes("two"), 0)).Value.Version);
            Assert.Equal(KeeperError.BadVersion, (await client.SetDataAsync(path, Bytes("three"), 0)).Error);
            var read = (await client.GetDataAsync(path)).Value;
            Assert.Equal(("two", 3), (Text(read.Data), read.Stat.DataLength));
            Assert.Equal(KeeperError.NodeExists, (await client.CreateAsync(path, Bytes(""))).Error);
            Assert.Equal(KeeperError.None, await client.DeleteAsync(path));
            Assert.Equal(KeeperError.NoNode, (await client.ExistsAsync(path)).Error);
        }

        Assert.Equal(KeeperError.NoNode, (await client.CreateAsync("/not/there", Bytes(""))).Error);
        Assert.Equal(KeeperError.None, await client.SyncAsync("/"));
    });

    [Fact]
    public Task A_multi_is_done_wholly_or_not_at_all() => Tell(async client =>
    {
        var done = await client.MultiAsync(
            [
                KeeperChange.Create("/a", Bytes("a")),
                KeeperChange.Create("/a/n-", Bytes(""), NodeKind.PersistentSequential),
                KeeperChange.SetData("/a", Bytes("b")), KeeperChange.Check("/a", 1),
                KeeperChange.Create("/x", Bytes("")), KeeperChange.Delete("/x"),
            ]);
        Assert.Equal(
            [KeeperError.None, ("/a", 0), ("/a/n-0000000000", 0), ("", 1), ("", 0), ("/x", 0), ("", 0)],
            (object[])[done.Error, .. done.Value.Select(r => (object)(r.Path, r.Stat.Version))]);

        var refused = await client.MultiAsync(
            [KeeperChange.Create("/b", Bytes("")), KeeperChange.Check("/a", 7), KeeperChange.Delete("/a")]);
        Assert.Equal(KeeperError.BadVersion, refused.Error);
        Assert.Equal(KeeperError.NoNode, (await client.ExistsAsync("/b")).Error);

        var reads = await client.MultiReadAsync([new("/a", false), new("/b", false), new("/a", true)]);
        Assert.Equal([KeeperError.None, KeeperError.NoNode, KeeperError.None], reads.Value.Select(r => r.Error));
        Assert.Equal("b", Text(reads.Value[0].Data.Data));
        Assert.Equal(["n-0000000000"], reads.Value[2].Children);
    });

    [Fact]
    public Task Watches_tell_once_or_as_long_as_they_stay() => Tell(async client =>
    {
        await client.CreateAsync("/a", Bytes(""));
        var (once, node, tree) = (new List<WatchEvent>(), new List<WatchEvent>(), new List<WatchEvent>());
        await client.GetDataAsync("/a", once.Add);
        await client.GetChildrenAsync("/a", once.Add);
        await client.ExistsAsync("/b", once.Add);
        Assert.Equal(KeeperError.None, await client.AddWatchAsync("/a", WatchScope.Node, node.Add));
        Assert.Equal(KeeperError.None, await client.AddWatchAsync("/", WatchScope.Tree, tree.Add));
        await client.SetDataAsync("/a", Bytes("1"));
        await client.SetDataAsync("/a", Bytes("2"));
        await client.CreateAsync("/a/c", Bytes(""));
        await client.CreateAsync("/b", Bytes(""));
        var written = new WatchEvent(WatchEventKind.DataChanged, "/a");
        var children = new WatchEvent(WatchEventKind.ChildrenChanged, "/a");
        Assert.Equal([written, children, new(WatchEventKind.Created, "/b")], once);
        Assert.Equal([written, written, children], node);
        Assert.Equal(
            [written, written, new(WatchEventKind.Created, "/a/c"), new(WatchEventKind.Created, "/b")], tree);
        Assert.Equal(KeeperError.None, await client.RemoveWatchesAsync("/a"));
        await client.SetDataAsync("/a", Bytes("3"));
        Assert.Equal(3, node.Count(static told => told.Kind < WatchEventKind.DataWatchRemoved));
        Assert.Equal(KeeperError.NoWatcher, await client.RemoveWatchesAsync("/b"));
    });

    [Fact]
    public Task Who_may_do_what_is_kept_to() => Tell(async client =>
    {
        Assert.Equal(KeeperError.InvalidAcl, (await client.CreateAsync(
            "/mine", Bytes(""), acl: KeeperAcl.CreatorAllOthersRead)).Error);
        Assert.Equal(KeeperError.None, await client.AuthenticateAsync(new("digest", Bytes("anna:secret"))));
        Assert.True((await client.CreateAsync("/mine", Bytes("x"), acl: KeeperAcl.CreatorAllOthersRead)).IsOk);
        var acl = (await client.GetAclAsync("/mine")).Value;
        Assert.Equal(["digest", "world"], acl.Entries.Select(static entry => entry.Scheme));
        await using var other = Start(RealHost.Create(NullLoggerFactory.Instance), null);
        Assert.Equal(KeeperError.NoAuth, (await other.SetDataAsync("/mine", Bytes("y"))).Error);
        Assert.True((await other.GetDataAsync("/mine")).IsOk);
        Assert.Equal(1, (await client.SetAclAsync("/mine", KeeperAcl.Open, 0)).Value.AclVersion);
        Assert.True((await other.SetDataAsync("/mine", Bytes("y"))).IsOk);
    });

    [Fact]
    public Task A_user_logs_in_by_sasl() => Tell(
        async client =>
        {
            Assert.True((await client.CreateAsync("/mine", Bytes(""), acl: KeeperAcl.CreatorAllOthersRead)).IsOk);
            var entry = (await client.GetAclAsync("/mine")).Value.Entries[0];
            Assert.Equal(("sasl", "bob"), (entry.Scheme, entry.Id));
        },
        new DigestLogin("bob", "secret"));

    [Fact]
    public Task Who_does_not_know_the_password_is_not_let_in() => OnLane(async () =>
    {
        await using var client = Start(
            RealHost.Create(NullLoggerFactory.Instance), new DigestLogin("bob", "guessed"));
        Assert.Equal(KeeperError.AuthFailed, (await client.ExistsAsync("/")).Error);
        Assert.Equal(KeeperState.AuthFailed, client.State);
    });

    [Fact]
    public Task A_session_outlives_a_connection_and_ends_when_it_is_silent() => OnLane(async () =>
    {
        var host = RealHost.Create(NullLoggerFactory.Instance);
        var network = new CutNetwork(host.Network);
        await using var client = Start(host with { Network = network }, null, 2000);
        await client.MakeRootAsync();
        Assert.True((await client.CreateAsync("/e", Bytes(""), NodeKind.Ephemeral)).IsOk);
        var session = client.SessionId;
        network.Cut();
        await Task.Delay(200, TestContext.Current.CancellationToken);
        network.Join();
        Assert.Equal(session, (await client.GetDataAsync("/e")).Value.Stat.Owner);

        network.Cut();
        await Task.Delay(5000, TestContext.Current.CancellationToken);
        network.Join();
        Assert.Equal(KeeperError.SessionExpired, (await client.ExistsAsync("/e")).Error);
        Assert.Equal(KeeperState.Expired, client.State);
        await using var next = Start(host, null);
        Assert.Equal(KeeperError.NoNode, (await next.ExistsAsync("/e")).Error);
    });

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static Task OnLane(Func<Task> tell) =>
        RealHost.Create(NullLoggerFactory.Instance).Lanes.NewLane("test").RunAsync(tell);

    private Task Tell(Func<KeeperClient, Task> tell, DigestLogin? login = null) => OnLane(async () =>
    {
        await using var client = Start(RealHost.Create(NullLoggerFactory.Instance), login);
        Assert.Equal(KeeperError.None, await client.MakeRootAsync());
        await tell(client);
    });

    private KeeperClient Start(Host host, DigestLogin? login, int timeoutMs = 10_000)
    {
        var settings = new KeeperSettings(ConnectString.Parse(servers.Addresses + _root))
        {
            Login = login,
            SessionTimeout = TimeSpan.FromMilliseconds(timeoutMs),
        };
        return KeeperClient.Start(host, (Lane)SynchronizationContext.Current!, settings);
    }
}
