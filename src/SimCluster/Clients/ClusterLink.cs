using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.SimCluster;

/// <summary>A client's connections to the brokers of a cluster: every request goes to whom it concerns, as far as the
/// client knows.</summary>
/// <param name="host">The client's machine.</param>
/// <param name="nodes">How many brokers there are.</param>
/// <param name="chance">Chooses whom to ask what anybody knows.</param>
internal sealed class ClusterLink(Host host, int nodes, RandomSource chance) : ILink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly PeerOptions Options = new() { SetupTimeout = TimeSpan.FromSeconds(2) };
    private readonly Dictionary<int, Peer> _peers = [];
    private readonly Dictionary<int, Task<Peer?>> _dialling = [];
    private readonly Dictionary<RouteKey, int> _routes = [];
    private readonly Dictionary<RouteKey, Task<int?>> _seeking = [];
    private readonly Dictionary<RouteKey, LeaderEpoch> _epochs = [];

    /// <inheritdoc/>
    public async Task<TResponse?> TryAskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        var key = RouteKey.Of(request);
        if (await NodeForAsync(key) is not { } node)
            return null;
        var answer = await AskAsync(node, request);
        if (answer is null || RouteKey.ErrorOf(answer) != ErrorCode.None)
            _routes.Remove(key);
        return answer;
    }

    /// <inheritdoc/>
    public Task<TResponse> AskAsync<TRequest, TResponse>(IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse> => this.InsistAsync(request, host.Time, Pause);

    /// <inheritdoc/>
    public async Task CloseAsync()
    {
        foreach (var peer in _peers.Values.ToArray())
            await peer.DisposeAsync();
        _peers.Clear();
    }

    private async Task<TResponse?> AskAsync<TRequest, TResponse>(int node, IRequest<TRequest, TResponse> request)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : class, IApiMessage<TResponse>
    {
        if (await DialAsync(node) is not { } peer)
            return null;
        try
        {
            return peer.TryChoose<TRequest>(out var version) ? await peer.SendAsync(request, version, Patience) : null;
        }
        catch (IOException)
        {
            if (ReferenceEquals(_peers.GetValueOrDefault(node), peer))
                _peers.Remove(node);
            await peer.DisposeAsync();
            return null;
        }
    }

    private int Anybody() => 1 + chance.Next(nodes);

    // Whoever asks for the same meanwhile waits for the same answer, so that requests keep their order.
    private Task<int?> NodeForAsync(RouteKey key)
    {
        if (key.Kind == RouteKind.Anybody)
            return Task.FromResult<int?>(Anybody());
        if (_routes.TryGetValue(key, out var known))
            return Task.FromResult<int?>(known);
        if (!_seeking.TryGetValue(key, out var seeking))
            _seeking.Add(key, seeking = SeekAsync(key));
        return seeking;
    }

    private async Task<int?> SeekAsync(RouteKey key)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1 + chance.Next(30)), host.Time);
        var found = key.Kind == RouteKind.Leader ? await SeekLeaderAsync(key) : await SeekCoordinatorAsync(key);
        if (found is { } node)
            _routes[key] = node;
        _seeking.Remove(key);
        return found;
    }

    private async Task<int?> SeekLeaderAsync(RouteKey key)
    {
        var answer = await AskAsync(Anybody(), new MetadataRequest
        {
            Topics = [new() { TopicId = key.Topic, Name = null }],
            AllowAutoTopicCreation = false,
        });
        // Whoever it is says so itself: the topic may be gone for good.
        if (answer?.Topics[0].ErrorCode == ErrorCode.UnknownTopicId)
            return Anybody();
        var partition = answer?.Topics[0].Partitions.FirstOrDefault(p => p.PartitionIndex == key.Partition);
        // As every client does: what is older than what is known already is not believed.
        if (partition is null || partition.LeaderEpoch < _epochs.GetValueOrDefault(key, LeaderEpoch.None))
            return null;
        _epochs[key] = partition.LeaderEpoch;
        return partition.LeaderId.Value > 0 ? partition.LeaderId.Value : null;
    }

    private async Task<int?> SeekCoordinatorAsync(RouteKey key)
    {
        var answer = await AskAsync(Anybody(), new FindCoordinatorRequest
        {
            KeyType = (sbyte)(key.Kind == RouteKind.Transaction ? 1 : 0),
            CoordinatorKeys = [key.Name],
        });
        return answer?.Coordinators[0] is { ErrorCode: ErrorCode.None } found ? found.NodeId.Value : null;
    }

    private Task<Peer?> DialAsync(int node)
    {
        if (_peers.TryGetValue(node, out var peer) && !peer.IsLost)
            return Task.FromResult<Peer?>(peer);
        if (!_dialling.TryGetValue(node, out var dialling))
            _dialling.Add(node, dialling = DialAnewAsync(node));
        return dialling;
    }

    private async Task<Peer?> DialAnewAsync(int node)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1 + chance.Next(30)), host.Time);
        try
        {
            return _peers[node] = await Peer.DialAsync(
                host, ClusterNode.AddressOf(node).ToString(), ClusterNode.Port, Options);
        }
        catch (IOException)
        {
            return null;
        }
        finally
        {
            _dialling.Remove(node);
        }
    }
}
