using System.Net;
using System.Text;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Keeper;
using Barnabas.Sim;
using Barnabas.SimKeeper;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Keeper;

/// <summary>The nodes that people and tools look at, and an import from a node that was alone.</summary>
public sealed class KeeperMirrorTests
{
    private static readonly TopicId Orders = new(new Uuid(0, 3));

    private static readonly ITypedRecord[] State =
    [
        new RegisterBrokerRecord
        {
            BrokerId = new(1), BrokerEpoch = 7, Rack = "r1", Fenced = true,
            EndPoints = [new() { Name = "CLIENTS", Host = "kafka1", Port = 9092, SecurityProtocol = 0 }],
        },
        new TopicRecord { Name = "orders", TopicId = Orders },
        Partition(0, [1, 2], 1), Partition(1, [2, 1], 2),
        new ConfigRecord { ResourceType = 2, ResourceName = "orders", Name = "retention.ms", Value = "1000" },
    ];

    [Fact]
    public void A_leader_shows_the_state_as_a_classic_cluster_does() => Tell(async nodes =>
    {
        await nodes[0].AppendAsync(State);
        Assert.Empty(nodes.Ensemble.Members[0].Children("/c/brokers/ids"));
        await nodes[0].AppendAsync(
            new BrokerRegistrationChangeRecord { BrokerId = new(1), BrokerEpoch = 7, Fenced = -1 });
        await nodes.PassAsync(3000);
        Assert.Equal(
            [
                ("/brokers/ids/1",
                    """{"version":5,"features":{},"listener_security_protocol_map":{"CLIENTS":"PLAINTEXT"},"""
                    + "\"endpoints\":[\"CLIENTS://kafka1:9092\"],\"host\":\"kafka1\",\"port\":9092,"
                    + "\"jmx_port\":-1,"
                    + "\"rack\":\"r1\"}"),
                ("/brokers/topics/orders",
                    """{"version":3,"topic_id":"AAAAAAAAAAAAAAAAAAAAAw","partitions":{"0":[1,2],"1":[2,1]},"""
                    + "\"adding_replicas\":{},\"removing_replicas\":{}}"),
                ("/brokers/topics/orders/partitions/0/state", """
                    {"version":1,"controller_epoch":1,"leader":1,"leader_epoch":0,"isr":[1,2]}
                    """),
                ("/brokers/topics/orders/partitions/1/state", """
                    {"version":1,"controller_epoch":1,"leader":2,"leader_epoch":0,"isr":[2,1]}
                    """),
                ("/cluster/id", """{"version":"1","id":"the-cluster"}"""),
                ("/config/topics/orders", """{"version":1,"config":{"retention.ms":"1000"}}"""),
                ("/controller_epoch", "1"),
            ],
            nodes.Shown(static path => path is not "/controller"));
        Assert.Contains("\"brokerid\":1,", nodes.Read("/controller"), StringComparison.Ordinal);
    });

    [Fact]
    public void Only_what_changed_is_written_again() => Tell(async nodes =>
    {
        await nodes[0].AppendAsync(State);
        await nodes.PassAsync(3000);
        var writes = 0;
        nodes.Ensemble.Fate = operation =>
        {
            writes += operation == KeeperOp.Multi ? 1 : 0;
            return RequestFate.Served;
        };
        await nodes.PassAsync(3000);
        Assert.Equal(0, writes);
        await nodes[0].AppendAsync(new PartitionChangeRecord
        {
            TopicId = Orders,
            PartitionId = 1,
            Leader = new(1),
            Isr = [new BrokerId(1)],
        });
        await nodes.PassAsync(3000);
        Assert.Equal(
            """{"version":1,"controller_epoch":1,"leader":1,"leader_epoch":1,"isr":[1]}""",
            nodes.Read("/brokers/topics/orders/partitions/1/state"));
        // The record; then twice two: the topic's node and the partition's, each made or written.
        Assert.Equal(1 + 4, writes);
    });

    [Fact]
    public void A_new_leader_removes_what_is_no_more() => Tell(async nodes =>
    {
        await nodes[0].AppendAsync(State);
        await nodes.PassAsync(3000);
        await nodes[0].Mirror!.DisposeAsync();
        await nodes[0].AppendAsync(new RemoveTopicRecord { TopicId = Orders });
        Assert.NotEqual("", nodes.Read("/brokers/topics/orders"));
        await nodes[0].Journal!.CloseAsync();
        await nodes.PassAsync(5000);
        Assert.Empty(nodes.Ensemble.Members[0].Children("/c/brokers/topics"));
        Assert.Empty(nodes.Ensemble.Members[0].Children("/c/config/topics"));
        Assert.Contains("\"brokerid\":2,", nodes.Read("/controller"), StringComparison.Ordinal);
        Assert.Equal("2", nodes.Read("/controller_epoch"));
    });

    [Fact]
    public void What_is_imported_is_where_a_journal_goes_on() => Tell(
        async nodes =>
        {
            Assert.Equal("orders", Assert.Single(nodes[0].Machine!.Committed.Topics).Key);
            Assert.Equal((41, 6), (nodes[0].Machine!.Held.Offset, nodes[0].Journal!.Describe().Epoch.Value));
            await nodes[0].AppendAsync(new RemoveTopicRecord { TopicId = Orders });
            Assert.Equal(42, nodes[0].Machine!.Held.Offset);
            Assert.Empty(nodes[1].Machine!.Committed.Topics);
        },
        import: new Committed<ITypedRecord>(41, 5, 1234, State));

    [Fact]
    public void An_import_is_refused_where_something_is_and_begun_anew_where_one_was_broken_off()
    {
        var nodes = new Nodes(1);
        var state = new Committed<ITypedRecord>(41, 5, 1234, State);
        nodes.World.Run(async () =>
        {
            // The last step is never done: nothing of the import counts.
            nodes.Ensemble.Fate = static operation =>
                operation == KeeperOp.Multi ? RequestFate.LostBefore : RequestFate.Served;
            await Assert.ThrowsAsync<IOException>(() => nodes.ImportAsync(state));
            nodes.Ensemble.Fate = static _ => RequestFate.Served;
            var host = nodes.World.NewProcess().NewHost(new SimDisk(1, nodes.World));
            var fault = await Assert.ThrowsAsync<IOException>(
                () => KeeperJournal.OpenAsync(host, host.Lanes.NewLane("metadata"), nodes.Settings(1)));
            Assert.Contains("import", fault.Message, StringComparison.Ordinal);
            Assert.True(await nodes.ImportAsync(state, mayBeThere: true));
            Assert.False(await nodes.ImportAsync(state, mayBeThere: true));
            fault = await Assert.ThrowsAsync<IOException>(() => nodes.ImportAsync(state));
            Assert.Contains("already: barnabas", fault.Message, StringComparison.Ordinal);
            nodes.Ensemble.Stop();
        });
    }

    private static PartitionRecord Partition(int index, int[] replicas, int leader) => new()
    {
        TopicId = Orders,
        PartitionId = index,
        Leader = new(leader),
        LeaderEpoch = new(0),
        Replicas = [.. replicas.Select(static id => new BrokerId(id))],
        Isr = [.. replicas.Select(static id => new BrokerId(id))],
        Directories = [.. replicas.Select(static _ => Uuid.Zero)],
    };

    private static void Tell(Func<Nodes, Task> tell, Committed<ITypedRecord>? import = null)
    {
        var nodes = new Nodes(2);
        nodes.World.Run(async () =>
        {
            if (import is { } state)
                await nodes.ImportAsync(state);
            await nodes.StartAsync();
            await tell(nodes);
            await nodes.CloseAsync();
        });
    }

    /// <summary>Nodes with the cluster's state over one journal, the first of which leads.</summary>
    private sealed class Nodes
    {
        private readonly Node[] _nodes;

        public Nodes(int count)
        {
            World = new World(5);
            Ensemble = new SimEnsemble(
                World.NewProcess().NewHost(new SimDisk(1, World)), new IPEndPoint(IPAddress.Loopback, 2181));
            _nodes = [.. Enumerable.Range(1, count).Select(id => new Node(this, id))];
        }

        public World World { get; }

        public SimEnsemble Ensemble { get; }

        public Node this[int index] => _nodes[index];

        public KeeperJournalSettings Settings(int id) =>
            new(new KeeperSettings(ConnectString.Parse($"{Ensemble.Addresses}/c")), new BrokerId(id))
            {
                NewClusterId = "the-cluster",
            };

        public async Task StartAsync()
        {
            foreach (var node in _nodes)
            {
                await node.StartAsync();
                await PassAsync(500);
            }
        }

        public async Task CloseAsync()
        {
            foreach (var node in _nodes)
            {
                await node.Mirror!.DisposeAsync();
                await node.Journal!.CloseAsync();
            }

            Ensemble.Stop();
        }

        public Task<bool> ImportAsync(Committed<ITypedRecord> state, bool mayBeThere = false)
        {
            var host = World.NewProcess().NewHost(new SimDisk(1, World));
            var cluster = new ImportedCluster("the-cluster", state) { MayBeThere = mayBeThere };
            return KeeperImport.RunAsync(host, host.Lanes.NewLane("import"), Settings(0), cluster);
        }

        public Task PassAsync(int ms) => Task.Delay(TimeSpan.FromMilliseconds(ms), World);

        public string Read(string path) =>
            Encoding.UTF8.GetString((Ensemble.Members[0].Read("/c" + path) ?? default).Span);

        /// <summary>The nodes that hold something and are not the journal's, by path.</summary>
        public (string, string)[] Shown(Func<string, bool> wanted) =>
            [.. Below("").Where(path => Read(path).Length > 0 && wanted(path)).Select(path => (path, Read(path)))];

        private IEnumerable<string> Below(string above) => Ensemble.Members[0].Children("/c" + above)
            .Where(static name => name != "barnabas")
            .SelectMany(name => Below($"{above}/{name}").Prepend($"{above}/{name}"));
    }

    private sealed class Node(Nodes nodes, int id)
    {
        public KeeperJournal? Journal { get; private set; }

        public KeeperMirror? Mirror { get; private set; }

        public Machine<ClusterState, ITypedRecord>? Machine { get; private set; }

        public async Task StartAsync()
        {
            var host = nodes.World.NewProcess().NewHost(new SimDisk(id, nodes.World));
            var lane = host.Lanes.NewLane($"node {id}");
            Journal = await KeeperJournal.OpenAsync(host, lane, nodes.Settings(id));
            Machine = new Machine<ClusterState, ITypedRecord>(lane, Journal);
            await Machine.StartAsync();
            Mirror = new KeeperMirror(host, lane, Journal, Machine, "the-cluster", TimeSpan.FromSeconds(1));
        }

        public async Task AppendAsync(params ITypedRecord[] records)
        {
            Assert.True(await Machine!.CommandAsync(
                _ => new Decision<bool, ITypedRecord>(true, records), static () => false));
            await nodes.PassAsync(100);
        }
    }
}
