using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Rpc;

/// <summary>Connections to other brokers: one to each address for each API, dialled when it is first needed and again
/// when it was lost.</summary>
/// <remarks>From any lane. A peer answers a connection's requests in their order: what takes it long, as a marker that
/// waits for replicas does, must not hold up that a broker says that it lives. An address that did not answer is left
/// alone for a moment, so that who asks often does not dial often.</remarks>
/// <param name="host">The machine.</param>
/// <param name="options">How peers are spoken to.</param>
public sealed class PeerSet(Host host, PeerOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly Lane _lane = host.Lanes.NewLane("peers");
    private readonly Dictionary<(string Name, int Port, ApiKey Api), Dialled> _peers = [];
    private bool _isClosed;

    /// <summary>Sends a request in the newest version both sides speak.</summary>
    /// <param name="name">The peer's host.</param>
    /// <param name="port">Its port.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="timeout">How long the answer may take, once the connection stands.</param>
    /// <param name="first">The oldest version that will do; the request's own oldest if null.</param>
    /// <exception cref="IOException">The peer cannot be reached, was lost, or does not serve the request.</exception>
    public async Task<TResponse> SendAsync<TRequest, TResponse>(
        string name, int port, IRequest<TRequest, TResponse> request, TimeSpan timeout, short? first = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        var peer = await GetAsync((name, port, TRequest.ApiKey));
        if (!peer.TryChoose<TRequest>(out var version, first))
            throw new IOException($"{peer.Remote} does not serve {TRequest.ApiKey} in a version known here");
        return await peer.SendAsync(request, version, timeout);
    }

    /// <summary>Closes all connections.</summary>
    public async ValueTask DisposeAsync() => await _lane.RunAsync(async () =>
    {
        _isClosed = true;
        foreach (var dialled in _peers.Values)
            await CloseAsync(dialled.Peer);
        _peers.Clear();
    });

    private Task<Peer> GetAsync((string Name, int Port, ApiKey Api) to) => _lane.RunAsync(() =>
    {
        if (_isClosed)
            throw new IOException("this node stops");
        if (_peers.TryGetValue(to, out var known) && !IsOver(known))
            return known.Peer;
        var dialled = new Dialled(DialAsync(to.Name, to.Port), host.Time.GetTimestamp());
        _peers[to] = dialled;
        return dialled.Peer;
    });

    private async Task<Peer> DialAsync(string name, int port)
    {
        try
        {
            return await Peer.DialAsync(host, name, port, options);
        }
        catch (MalformedFrameException fault)
        {
            throw new IOException($"{name}:{port} is no broker: {fault.Message}", fault);
        }
    }

    private bool IsOver(Dialled dialled)
    {
        if (!dialled.Peer.IsCompleted)
            return false;
        return dialled.Peer.IsCompletedSuccessfully
            ? dialled.Peer.Result.IsLost
            : host.Time.GetElapsedTime(dialled.At) >= Pause;
    }

    private static async Task CloseAsync(Task<Peer> dialled)
    {
        try
        {
            await (await dialled).DisposeAsync();
        }
        catch (IOException)
        {
            // It was never there.
        }
    }

    private readonly record struct Dialled(Task<Peer> Peer, long At);
}
