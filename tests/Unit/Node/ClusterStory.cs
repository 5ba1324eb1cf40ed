using System.Globalization;
using System.Net;
using Barnabas.Node;
using Barnabas.Node.Configuration;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.SimKeeper;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Several nodes in a simulated world, each a process with a disk of its own, that share their metadata; or
/// have it kept by a simulated ensemble.</summary>
internal sealed class ClusterStory
{
    private readonly Dictionary<int, (SimProcess Process, BrokerNode Node)> _nodes = [];
    private readonly Dictionary<int, SimDisk> _disks = [];
    private SharedMetadata? _metadata;

    public ClusterStory(int seed = 1, params string[] overrides)
    {
        World = new World(seed);
        Overrides = overrides;
    }

    private ClusterStory(ClusterStory story, IReadOnlyList<IPEndPoint> members)
    {
        (World, Overrides) = (story.World, story.Overrides);
        Ensemble = new SimEnsemble(World.NewProcess().NewHost(new SimDisk(World.Seed, World)), members);
    }

    public World World { get; }

    /// <summary>The ensemble that keeps the metadata; null where the nodes share it.</summary>
    public SimEnsemble? Ensemble { get; private init; }

    /// <summary>Configs of all nodes; <c>{node}</c> in them is the node's own number.</summary>
    public IReadOnlyList<string> Overrides { get; }

    public List<Exception> Halts { get; } = [];

    /// <summary>The nodes that run.</summary>
    public IEnumerable<BrokerNode> Nodes => _nodes.OrderBy(node => node.Key).Select(node => node.Value.Node);

    public BrokerNode this[int node] => _nodes[node].Node;

    /// <summary>Nodes whose metadata an ensemble of three servers keeps.</summary>
    public static ClusterStory OverEnsemble(int seed, params string[] overrides)
    {
        IPEndPoint[] members = [.. Enumerable.Range(2181, 3).Select(port => new IPEndPoint(IPAddress.Loopback, port))];
        var connect = string.Join(',', members.Select(member => $"{member}"));
        var story = new ClusterStory(
            seed,
            [$"zookeeper.connect={connect}/kafka/one", "zookeeper.session.timeout.ms=3000", .. overrides]);
        return new ClusterStory(story, members);
    }

    public void Tell(Func<Task> story) => World.Run(story, TimeSpan.FromHours(2));

    /// <summary>Starts the nodes 1, 2, ... side by side, those that do not run.</summary>
    public async Task StartAsync(int count)
    {
        if (Ensemble is null)
        {
            _metadata ??= await SharedMetadata.OpenAsync(
                World.NewHost(new SimDisk(World.Seed, World)), "/metadata", Load(0).Configs!);
        }

        var starts = Enumerable.Range(1, count).Where(node => !_nodes.ContainsKey(node)).Select(StartOneAsync).ToList();
        foreach (var start in starts)
            await start;
    }

    /// <summary>Starts a node, or starts it again.</summary>
    public async Task StartOneAsync(int node)
    {
        if (!_disks.TryGetValue(node, out var disk))
            _disks[node] = disk = new SimDisk(World.Seed + node, World);
        var process = World.NewProcess();
        var started = await BrokerNode.StartAsync(process.NewHost(disk), Load(node).Configs!, Halts.Add, _metadata);
        _nodes[node] = (process, started);
    }

    /// <summary>Ends a node in the middle of whatever it does. What was not synced is there still: the machine goes
    /// on.</summary>
    public async Task KillAsync(int node)
    {
        var (process, killed) = _nodes[node];
        process.Kill();
        _nodes.Remove(node);
        _disks[node].Crash(CrashKind.KeepsAll);
        // An ensemble misses it by itself.
        if (_metadata is not null)
            await _metadata.ForgetAsync(killed.Broker.Id);
    }

    /// <summary>A node stands still, and knows nothing of it.</summary>
    public void Pause(int node) => _nodes[node].Process.Pause();

    /// <summary>A node that stood still goes on.</summary>
    public void GoOn(int node) => _nodes[node].Process.GoOn();

    /// <summary>Stops a node in good order.</summary>
    public async Task StopAsync(int node)
    {
        await _nodes[node].Node.DisposeAsync();
        _nodes.Remove(node);
    }

    /// <summary>Stops all that runs.</summary>
    public async Task StopAsync()
    {
        foreach (var node in _nodes.Keys.ToList())
            await StopAsync(node);
        if (_metadata is not null)
            await _metadata.DisposeAsync();
        Ensemble?.Stop();
    }

    /// <summary>Gives a node that does not run a disk.</summary>
    public void Give(int node, SimDisk disk) => _disks[node] = disk;

    public bool HasDisk(int node) => _disks.ContainsKey(node);

    public SimDisk DiskOf(int node) => _disks[node];

    public Task<Peer> DialAsync(int node) => Peer.DialAsync(
        World.NewHost(new SimDisk(1, World)), "127.0.0.1", PortOf(node), new PeerOptions { ClientId = "test" });

    /// <summary>Waits until something holds; the story fails where it never does.</summary>
    public async Task UntilAsync(Func<bool> holds)
    {
        var begun = World.Age;
        while (!holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), World);
            if (World.Age - begun > TimeSpan.FromMinutes(1))
                throw new InvalidOperationException(Describe());
        }
    }

    public static int PortOf(int node) => 9092 + node;

    /// <summary>What every node knows and holds, for the reader of a test that failed.</summary>
    private string Describe() => string.Join('\n', Nodes.SelectMany<BrokerNode, string>(node =>
    [
        $"node {node.Broker.Id} at offset {node.Broker.Controller.Held.Offset}, led by {node.Broker.Quorum().Leader}",
        .. node.Broker.State.Brokers.Select(b => $"  broker {b.Key} epoch {b.Value.Epoch} active {b.Value.IsActive}"),
        .. from topic in node.Broker.State.Topics
           from p in topic.Value.Partitions
           select $"  {topic.Key}-{p.Key} leader {p.Value.Leader} epochs {p.Value.LeaderEpoch} "
               + $"{p.Value.PartitionEpoch} isr {string.Join(',', p.Value.Isr)} elr {string.Join(',', p.Value.Elr)}",
        .. node.Broker.Replicas.All.Select(
            p => $"  {p.View.Name} {p.View.Role} watermark {p.View.HighWatermark} end {p.View.Log?.End}"),
    ]));

    public LoadedConfigs Load(int node, params string[] more)
    {
        var loaded = ServerConfigLoader.Load(new ConfigInputs
        {
            Overrides =
            [
                string.Create(CultureInfo.InvariantCulture, $"node.id={node}"),
                "log.dirs=/data",
                string.Create(CultureInfo.InvariantCulture, $"listeners=PLAINTEXT://127.0.0.1:{PortOf(node)}"),
                .. Overrides.Select(text => text.Replace("{node}", $"{node}", StringComparison.Ordinal)),
                .. more,
            ],
        });
        Assert.Empty(loaded.Faults);
        return loaded;
    }
}
