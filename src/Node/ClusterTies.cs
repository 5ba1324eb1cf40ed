using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Server.Brokers;

namespace Barnabas.Node;

/// <summary>What ties a node to its cluster: the ways to the other brokers and to the controller, and the membership;
/// and what it does as the controller itself.</summary>
internal sealed class ClusterTies : IAsyncDisposable
{
    private readonly Host _host;
    private Heartbeats? _heartbeats;
    private bool _leavesInOrder;

    private ClusterTies(Host host, bool isAlone) => (_host, IsAlone) = (host, isAlone);

    /// <summary>True of a node that is a cluster of its own.</summary>
    public bool IsAlone { get; }

    /// <summary>The way to the other brokers.</summary>
    public required BrokerLinks Brokers { get; init; }

    /// <summary>The way to the controller.</summary>
    public required ControllerLink Link { get; init; }

    /// <summary>What this node does while it is the controller.</summary>
    public required ActiveController Controller { get; init; }

    /// <summary>The node as a member.</summary>
    public required Membership Membership { get; init; }

    /// <summary>True where others may lead by now what is led here, for all that is known. From any lane.</summary>
    public bool MayBeFenced => _heartbeats is { MayBeFenced: true };

    /// <summary>Ties a node to the cluster whose metadata it follows. One that is alone keeps no sessions as the
    /// controller, and says to nobody that it lives.</summary>
    public static ClusterTies Of(
        Host host, MetadataRole metadata, EffectiveConfigs configs, string clusterId, bool isAlone)
    {
        var config = configs.Broker(StoredConfigs.Empty);
        var machine = metadata.Machine;
        var brokers = new BrokerLinks(
            host, config.Id, () => machine.Committed.Visible, config.Network.Listeners.InterBroker);
        var link = new ControllerLink(
            host.Time, machine, metadata.DescribeQuorum, brokers, config.Membership.ControllerTimeout);
        var controller = new ActiveController(host, machine, () => metadata.NextOffset, configs, clusterId);
        if (!isAlone)
            controller.Start();
        return new ClusterTies(host, isAlone)
        {
            Brokers = brokers,
            Link = link,
            Controller = controller,
            Membership = new Membership(host, metadata, controller, link, configs),
        };
    }

    /// <summary>Has the node let in.</summary>
    /// <param name="config">The node's configs.</param>
    /// <param name="epoch">Its broker epoch.</param>
    /// <param name="offline">The log directories of the node that have failed.</param>
    /// <param name="halt">Called when the node can go on no longer.</param>
    /// <exception cref="IOException">Another process registered under the same id meanwhile.</exception>
    public async Task EnterAsync(
        BrokerConfig config, long epoch, Func<IEnumerable<Uuid>> offline, Action<Exception> halt)
    {
        if (IsAlone)
        {
            await Membership.UnfenceAsync(config.Id, epoch);
            return;
        }

        _leavesInOrder = config.Membership.ControlledShutdown;
        _heartbeats = new Heartbeats(_host, Membership, config.Id, epoch, config.Membership, halt)
        {
            OfflineDirectories = offline,
        };
        await _heartbeats.BeginAsync();
    }

    /// <summary>Has others lead what is led here, before the node stops.</summary>
    public Task LeaveAsync()
    {
        if (_heartbeats is null)
            return Task.CompletedTask;
        return _leavesInOrder ? _heartbeats.LeaveAsync() : _heartbeats.EndAsync();
    }

    /// <summary>Says nothing to anybody any more.</summary>
    public async Task AbandonAsync()
    {
        var ended = _heartbeats?.EndAsync() ?? Task.CompletedTask;
        await DisposeAsync();
        await ended;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Link.Close();
        Controller.Dispose();
        await Brokers.DisposeAsync();
    }
}
