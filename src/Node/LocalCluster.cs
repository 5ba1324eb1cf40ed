using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Node;

/// <summary>A cluster within one process: several nodes, each with its own addresses and directories, that can be
/// killed and started again one by one. For learning, and for tests of what uses a cluster.</summary>
/// <remarks>The nodes speak to each other over the network, as they would between machines; their metadata is shared
/// (<see cref="SharedMetadata"/>). Its members are called one after the other.</remarks>
public sealed class LocalCluster : IAsyncDisposable
{
    private readonly Host _host;
    private readonly SharedMetadata _metadata;
    private readonly IReadOnlyDictionary<BrokerId, ServerConfigs> _configs;
    private readonly Action<BrokerId, Exception> _halted;
    private readonly SortedDictionary<BrokerId, BrokerNode> _running = [];

    private LocalCluster(
        Host host, SharedMetadata metadata, IReadOnlyDictionary<BrokerId, ServerConfigs> configs,
        Action<BrokerId, Exception> halted) =>
        (_host, _metadata, _configs, _halted) = (host, metadata, configs, halted);

    /// <summary>All nodes, running or not.</summary>
    public IEnumerable<BrokerId> Ids => _configs.Keys.Order();

    /// <summary>Those that run, by id.</summary>
    public IReadOnlyDictionary<BrokerId, BrokerNode> Running => _running;

    /// <summary>The node that is the controller now; none while there is none.</summary>
    public BrokerId Controller => _running.Values.FirstOrDefault()?.Broker.Quorum().Leader ?? BrokerId.None;

    /// <summary>Starts a cluster; when this completes all nodes serve.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="metadataPath">The directory of the shared metadata.</param>
    /// <param name="nodes">What each node is given; ids, addresses and directories differ.</param>
    /// <param name="halted">Called, from any lane, when a node can go on no longer.</param>
    /// <exception cref="IOException">A directory or address cannot be had, or what is on disk is damaged.</exception>
    public static async Task<LocalCluster> StartAsync(
        Host host, string metadataPath, IReadOnlyList<ServerConfigs> nodes, Action<BrokerId, Exception> halted)
    {
        var metadata = await SharedMetadata.OpenAsync(host, metadataPath, nodes[0]);
        var cluster = new LocalCluster(host, metadata, nodes.ToDictionary(node => node.Id), halted);
        try
        {
            foreach (var node in nodes)
                await cluster.StartAsync(node.Id);
        }
        catch (IOException)
        {
            await cluster.DisposeAsync();
            throw;
        }

        return cluster;
    }

    /// <summary>Starts a node that does not run; when this completes it serves.</summary>
    /// <exception cref="IOException">A directory or address cannot be had, or what is on disk is damaged.</exception>
    public async Task StartAsync(BrokerId node) => _running.Add(
        node, await BrokerNode.StartAsync(_host, _configs[node], fault => _halted(node, fault), _metadata));

    /// <summary>Stops a node in good order: others lead what it led before it goes.</summary>
    public async Task StopAsync(BrokerId node)
    {
        _running.Remove(node, out var stopping);
        await stopping!.DisposeAsync();
    }

    /// <summary>Ends a node without a word to anybody, as <c>kill -9</c> would.</summary>
    public async Task KillAsync(BrokerId node)
    {
        _running.Remove(node, out var killed);
        await killed!.AbandonAsync();
    }

    /// <summary>Stops all that runs, the last to have joined first.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _running.Keys.Reverse().ToList())
            await StopAsync(node);
        await _metadata.DisposeAsync();
    }
}
