using Barnabas.Base;
using Barnabas.Base.Real;
using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Keeper;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Ensemble;

/// <summary>The cluster's state over a journal that a real server keeps, with what shows it.</summary>
public sealed class NodeTests(OneServer servers) : IClassFixture<OneServer>
{
    private static readonly TopicId Orders = new(new Uuid(0, 3));

    [Fact]
    public async Task What_a_user_makes_is_the_users_alone_but_for_what_is_shown()
    {
        var login = new DigestLogin("bob", "secret");
        await using (var node = await Node.StartAsync(servers.Addresses + "/acl/one", login))
        {
            await node.AppendAsync([new TopicRecord { Name = "orders", TopicId = Orders }, Partition(0)]);
            // Larger than a request is made, so that it has parts; and a snapshot, which has chunks.
            await node.AppendAsync([.. Enumerable.Range(1, 1_000).Select(Partition)]);
            await node.SnapshotAsync();
            await node.ShownAsync("/brokers/topics/orders/partitions/0/state");
        }

        var host = RealHost.Create(NullLoggerFactory.Instance);
        await host.Lanes.NewLane("test").RunAsync(async () =>
        {
            var lane = (Lane)SynchronizationContext.Current!;
            var connect = ConnectString.Parse(servers.Addresses + "/acl");
            await using var bob = KeeperClient.Start(host, lane, new KeeperSettings(connect) { Login = login });
            await using var other = KeeperClient.Start(host, lane, new KeeperSettings(connect));
            var seen = 0;
            await foreach (var path in BelowAsync(bob, "/one"))
            {
                seen++;
                var entries = (await bob.GetAclAsync(path)).Value.Entries;
                Assert.Equal((path, "sasl", "bob"), (path, entries[0].Scheme, entries[0].Id));
                var isOurs = path.StartsWith("/one/barnabas", StringComparison.Ordinal);
                Assert.Equal((path, isOurs ? 1 : 2), (path, entries.Count));
                var expected = isOurs ? KeeperError.NoAuth : KeeperError.None;
                Assert.Equal((path, expected), (path, (await other.GetDataAsync(path)).Error));
                Assert.Equal((path, KeeperError.NoAuth), (path, (await other.SetDataAsync(path, default)).Error));
            }

            Assert.True(seen > 20, $"{seen} nodes were seen");
            return true;
        });
    }

    [Fact]
    public async Task A_hundred_thousand_changes_at_once_go_through_a_server_that_takes_a_megabyte()
    {
        var connect = servers.Addresses + "/large";
        await using var node = await Node.StartAsync(connect);
        await node.AppendAsync([new TopicRecord { Name = "orders", TopicId = Orders }]);
        await node.AppendAsync([.. Enumerable.Range(0, 100_000).Select(Partition)]);
        // A leader that moves for each: what a controller appends when it fences a broker of a large cluster.
        await node.AppendAsync([.. Enumerable.Range(0, 100_000).Select(static i => new PartitionChangeRecord
        {
            TopicId = Orders,
            PartitionId = i,
            Leader = new BrokerId(2),
            Isr = [new BrokerId(2)],
        })]);
        await using var late = await Node.StartAsync(connect, id: 2);
        var partitions = late.State.Topics["orders"].Partitions;
        Assert.Equal(100_000, partitions.Count);
        Assert.All(partitions, static one => Assert.Equal(new BrokerId(2), one.Value.Leader));
    }

    private static PartitionRecord Partition(int index) => new()
    {
        TopicId = Orders,
        PartitionId = index,
        Leader = new BrokerId(1),
        LeaderEpoch = new LeaderEpoch(0),
        Replicas = [new BrokerId(1), new BrokerId(2)],
        Isr = [new BrokerId(1), new BrokerId(2)],
        Directories = [Uuid.Zero, Uuid.Zero],
    };

    private static async IAsyncEnumerable<string> BelowAsync(KeeperClient client, string path)
    {
        yield return path;
        var children = await client.GetChildrenAsync(path);
        Assert.Equal((path, KeeperError.None), (path, children.Error));
        // Thousands of partitions are shown alike.
        foreach (var name in children.Value.Names.Order(StringComparer.Ordinal).Take(12))
        {
            await foreach (var below in BelowAsync(client, KeeperPath.Child(path, name)))
                yield return below;
        }
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly Lane _lane;
        private readonly KeeperJournal _journal;
        private readonly Machine<ClusterState, ITypedRecord> _machine;
        private readonly KeeperMirror _mirror;

        private Node(Host host, Lane lane, KeeperJournal journal)
        {
            (_lane, _journal) = (lane, journal);
            _machine = new Machine<ClusterState, ITypedRecord>(lane, journal);
            _mirror = new KeeperMirror(
                host, lane, journal, _machine, journal.ClusterId, TimeSpan.FromMilliseconds(100));
        }

        public ClusterState State => _machine.Committed;

        public static async Task<Node> StartAsync(string connect, DigestLogin? login = null, int id = 1)
        {
            var host = RealHost.Create(NullLoggerFactory.Instance);
            var lane = host.Lanes.NewLane($"node {id}");
            var ensemble = new KeeperSettings(ConnectString.Parse(connect))
            {
                SessionTimeout = TimeSpan.FromSeconds(20),
                Login = login,
                Acl = login is null ? null : KeeperAcl.CreatorAll,
            };
            if (login is not null)
                ensemble = ensemble with { MaxFrameBytes = 1 << 15 };
            var node = new Node(host, lane, await KeeperJournal.OpenAsync(
                host, lane, new KeeperJournalSettings(ensemble, new BrokerId(id)) { NewClusterId = "the-cluster" }));
            await node._machine.StartAsync();
            return node;
        }

        /// <summary>Appends, once the node leads.</summary>
        public async Task AppendAsync(IReadOnlyList<ITypedRecord> records)
        {
            for (var i = 0; i < 600; i++)
            {
                var done = await _machine.CommandAsync(
                    _ => new Decision<bool, ITypedRecord>(true, records), static () => false);
                if (done)
                    return;
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }

            Assert.Fail("nothing is committed within a minute");
        }

        public Task SnapshotAsync() => _lane.RunAsync(async () =>
        {
            var held = _machine.Held;
            await _journal.WriteSnapshotAsync(
                held.Offset + 1, held.Epoch, held.Timestamp, ClusterSnapshot.ToRecords(held.State)!);
        });

        /// <summary>Waits until a node is shown.</summary>
        public async Task ShownAsync(string path)
        {
            for (var i = 0; i < 600; i++)
            {
                if (await _lane.RunAsync(async () => (await _journal.Session.ExistsAsync(path)).IsOk))
                    return;
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }

            Assert.Fail($"{path} is not shown within a minute");
        }

        public async ValueTask DisposeAsync()
        {
            await _journal.CloseAsync();
            await _mirror.DisposeAsync();
        }
    }
}
