using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Replication;
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
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    private readonly PeerSet _peers = new(host, new PeerOptions { ClientId = $"broker-{self}" });

    /// <summary>This broker.</summary>
    public BrokerId Self => self;

    /// <summary>The name of the listener that brokers use among themselves.</summary>
    public string Listener => listener;

    /// <summary>Sends a request in the newest version both sides speak.</summary>
    /// <remarks>A broker that is not the right one any more may be out of reach, and never answer: it is not waited
    /// for. As it may be answering just then, it is given a moment.</remarks>
    /// <param name="broker">To whom.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="isRight">Whether it is still the broker to ask.</param>
    /// <param name="first">The oldest version that will do; the request's own oldest if null.</param>
    /// <exception cref="IOException">The broker is not registered, cannot be reached, was lost, does not serve the
    /// request, or is not the right one any more.</exception>
    public async Task<TResponse> SendAsync<TRequest, TResponse>(
        BrokerId broker, IRequest<TRequest, TResponse> request, TimeSpan timeout, Func<bool> isRight,
        short? first = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        if (state().FindEndpoint(broker, listener) is not { } endpoint)
            throw new IOException($"it is not known where broker {broker} listens");
        var answer = _peers.SendAsync(endpoint.Host, endpoint.Port, request, timeout, first);
        for (var isLast = false; !answer.IsCompleted && !isLast;)
        {
            isLast = !isRight();
            using var look = new Waiter(host.Time, BetweenLooks);
            await Task.WhenAny(answer, look.Woken);
        }

        return answer.IsCompleted
            ? await answer
            : throw new IOException($"broker {broker} has not answered, and is no more the one to ask");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _peers.DisposeAsync();
}
