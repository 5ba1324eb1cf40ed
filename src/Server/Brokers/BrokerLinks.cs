using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Rpc;
using Barnabas.Wire;

namespace Barnabas.Server.Brokers;

/// <summary>The way to the other brokers of the cluster, by the listener that brokers use among themselves.</summary>
/// <remarks>From any lane.</remarks>
/// <param name="host">The machine.</param>
/// <param name="self">This broker.</param>
/// <param name="state">The cluster as it is known here now.</param>
/// <param name="listener">The name of that listener.</param>
public sealed class BrokerLinks(Host host, BrokerId self, Func<ClusterState> state, string listener) : IAsyncDisposable
{
    private readonly PeerSet _peers = new(host, new PeerOptions { ClientId = $"broker-{self}" });

    /// <summary>This broker.</summary>
    public BrokerId Self => self;

    /// <summary>The name of the listener that brokers use among themselves.</summary>
    public string Listener => listener;

    /// <summary>Sends a request in the newest version both sides speak.</summary>
    /// <param name="broker">To whom.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="first">The oldest version that will do; the request's own oldest if null.</param>
    /// <exception cref="IOException">The broker is not registered, cannot be reached, was lost, or does not serve the
    /// request.</exception>
    public Task<TResponse> SendAsync<TRequest, TResponse>(
        BrokerId broker, IRequest<TRequest, TResponse> request, TimeSpan timeout, short? first = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        return state().FindEndpoint(broker, listener) is { } endpoint
            ? _peers.SendAsync(endpoint.Host, endpoint.Port, request, timeout, first)
            : throw new IOException($"it is not known where broker {broker} listens");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _peers.DisposeAsync();
}
