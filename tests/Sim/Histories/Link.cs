using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.SimCluster;
using Barnabas.Wire;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>A client's connection, dialled anew whenever it was lost.</summary>
/// <remarks>It knows requests and answers and nothing of Kafka's rules for retries: those that use it have their
/// own.</remarks>
internal sealed class Link(World world) : ILink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly IDisk NoDisk = new SimDisk(0);
    private Peer? _peer;
    private Task<Peer>? _dialling;

    /// <summary>The present connection's number; another after each loss.</summary>
    public int Generation { get; private set; }

    /// <inheritdoc/>
    public async Task<TResponse?> TryAskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        var peer = await DialAsync();
        try
        {
            return peer.TryChoose<TRequest>(out var version) ? await peer.SendAsync(request, version, Patience) : null;
        }
        catch (IOException)
        {
            if (ReferenceEquals(peer, _peer))
                _peer = null;
            await peer.DisposeAsync();
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<TResponse> AskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse> => this.InsistAsync(request, world, Pause);

    /// <inheritdoc/>
    public async Task CloseAsync()
    {
        if (_peer is { } peer)
            await peer.DisposeAsync();
        _peer = null;
    }

    /// <summary>The connection, made anew where there is none; waits for a node that is down. Whoever asks meanwhile
    /// gets the same.</summary>
    public Task<Peer> DialAsync()
    {
        if (_peer is { IsLost: false } peer)
            return Task.FromResult(peer);
        return _dialling ??= DialAnewAsync();
    }

    private async Task<Peer> DialAnewAsync()
    {
        while (true)
        {
            await Task.Delay(Pause, world);
            try
            {
                _peer = await Peer.DialAsync(world.NewHost(NoDisk), "127.0.0.1", 9092, new PeerOptions());
                (Generation, _dialling) = (Generation + 1, null);
                return _peer;
            }
            catch (IOException)
            {
                // Nobody is there yet.
            }
        }
    }
}
