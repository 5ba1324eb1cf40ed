using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.SimCluster;
using Barnabas.Wire;

namespace Barnabas.Tests.Simulation.Node;

/// <summary>A short life of a node, always the same until a fault comes.</summary>
/// <remarks>Its clients take what comes and remember what they were told. Afterwards a new node on the same disk is
/// held against that.</remarks>
internal abstract class Script : IRequester
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private readonly string[] _overrides;
    private readonly SimulatedNode _node;
    private Peer? _peer;

    /// <summary>A script on an empty disk.</summary>
    /// <param name="seed">What its world follows from.</param>
    /// <param name="overrides">How its node is configured.</param>
    protected Script(int seed, params string[] overrides)
    {
        _overrides = overrides;
        World = new World(seed);
        Disk = new SimDisk(seed, World);
        _node = new SimulatedNode(World, Disk, overrides);
    }

    /// <summary>The disk.</summary>
    public SimDisk Disk { get; }

    /// <summary>The world of the script.</summary>
    public World World { get; }

    /// <summary>What requests that change something were answered with.</summary>
    public HashSet<ErrorCode> Errors { get; } = [];

    /// <summary>How often its node was started, and one more once that is over.</summary>
    protected int Lives => _node.Lives + (_node.Process is null ? 1 : 0);

    /// <summary>Plays it to its end, or until the node gives up or refuses to start.</summary>
    public void Play() => World.Run(
        async () =>
        {
            try
            {
                await LiveAsync();
            }
            catch (IOException)
            {
                // It does not start or stop on such a disk, and says why.
            }

            _node.Kill();
        },
        Limit);

    /// <summary>Starts another node on the disk, which works now, and holds it against what clients were
    /// told.</summary>
    public void CheckAfterwards(int seed)
    {
        _node.Kill();
        var world = new World(seed);
        var node = new SimulatedNode(world, Disk, _overrides);
        world.Run(
            async () =>
            {
                await node.StartAsync();
                await CheckAsync(node);
                await node.StopAsync();
            },
            Limit);
    }

    /// <inheritdoc/>
    public async Task<TResponse?> TryAskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        if (_node.Halt is not null)
            return null;
        try
        {
            if (_peer is not { IsLost: false })
                _peer = await Peer.DialAsync(World.NewHost(Disk), "127.0.0.1", 9092, new PeerOptions());
            return _peer.TryChoose<TRequest>(out var version)
                ? await _peer.SendAsync(request, version, Patience)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The life itself.</summary>
    protected abstract Task LiveAsync();

    /// <summary>Holds a node against what clients were told.</summary>
    protected abstract Task CheckAsync(SimulatedNode node);

    /// <summary>Starts the node.</summary>
    protected Task StartAsync() => _node.StartAsync();

    /// <summary>Stops the node.</summary>
    /// <exception cref="IOException">It has given up before.</exception>
    protected async Task StopAsync()
    {
        if (_node.Halt is null)
            await _node.StopAsync();
        else
            throw new IOException("the node gave up");
    }
}
