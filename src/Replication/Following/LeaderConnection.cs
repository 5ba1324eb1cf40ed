using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Replication;

/// <summary>A follower's connection to the broker it follows. Owned by the lane of its loop.</summary>
/// <param name="terms">What loops work with.</param>
/// <param name="leader">The broker.</param>
/// <param name="name">What the connection calls itself.</param>
internal sealed class LeaderConnection(FollowerTerms terms, BrokerId leader, string name) : IAsyncDisposable
{
    private const int FirstFetchWithReplicaState = 15;
    private const long Latest = -1;
    private const long Earliest = -2;
    private readonly CancellationTokenSource _stop = new();
    private Peer? _peer;
    private Endpoint _at;
    private bool _isClosed;

    /// <summary>Sees to it that there is a connection.</summary>
    /// <returns>False where another one was made: what the leader remembered of the last is forgotten.</returns>
    /// <exception cref="IOException">The broker cannot be reached, or does not speak the protocol.</exception>
    public async Task<bool> OpenAsync()
    {
        ThrowIfClosed();
        if (terms.Find(leader) is not { } at)
            throw new IOException($"broker {leader} is not registered");
        if (_peer is { IsLost: false } && at == _at)
            return true;
        await CloseAsync();
        ThrowIfClosed();
        try
        {
            var peer = await Peer.DialAsync(
                terms.Host, at.Host, at.Port, new PeerOptions { ClientId = name }, _stop.Token);
            (_peer, _at) = (peer, at);
            if (_isClosed)
                await CloseAsync();
        }
        catch (MalformedFrameException fault)
        {
            throw new IOException($"{at.Host}:{at.Port} does not speak the protocol: {fault.Message}", fault);
        }
        catch (OperationCanceledException fault)
        {
            throw new IOException("the loop has ended", fault);
        }

        return false;
    }

    /// <summary>Fetches. The answer's bytes are the caller's until it disposes it.</summary>
    /// <exception cref="IOException">The connection is lost, or the answer too late.</exception>
    public async Task<Leased<FetchResponse>> FetchAsync(FetchRequest request)
    {
        if (_peer is not { } peer)
            throw new IOException("the loop has ended");
        if (!peer.TryChoose<FetchRequest>(out var version, FirstFetchWithReplicaState))
            throw new IOException($"broker {leader} does not know the fetches of this one");
        return await peer.SendLeasedAsync(request, version, terms.Config().RequestTimeout);
    }

    /// <summary>Asks where the leader's log begins and ends.</summary>
    /// <returns>None; or why the leader did not say.</returns>
    /// <exception cref="IOException">The connection is lost, or the answer too late.</exception>
    public async Task<(ErrorCode Error, Offset Start, Offset End)> BoundsAsync(TopicPartition name, LeaderEpoch epoch)
    {
        var (error, end) = await AskAsync(name, epoch, Latest);
        if (error != ErrorCode.None)
            return (error, Offset.None, Offset.None);
        (error, var start) = await AskAsync(name, epoch, Earliest);
        return (error, start, end);
    }

    /// <summary>Ends the connection for good; what is under way fails.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        EndDialling();
        await CloseAsync();
        _stop.Dispose();
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
            throw new IOException("the loop has ended");
    }

    private void EndDialling() => _stop.Cancel();

    private async Task CloseAsync()
    {
        var peer = _peer;
        _peer = null;
        if (peer is not null)
            await peer.DisposeAsync();
    }

    private async Task<(ErrorCode Error, Offset Offset)> AskAsync(
        TopicPartition name, LeaderEpoch epoch, long timestamp)
    {
        var request = new ListOffsetsRequest
        {
            ReplicaId = terms.Self,
            Topics =
            [
                new()
                {
                    Name = name.Topic,
                    Partitions =
                    [
                        new()
                        {
                            PartitionIndex = name.Partition,
                            CurrentLeaderEpoch = epoch,
                            Timestamp = timestamp,
                        },
                    ],
                },
            ],
        };
        if (_peer is not { } peer || !peer.TryChoose<ListOffsetsRequest>(out var version))
            throw new IOException($"broker {leader} does not tell offsets");
        var response = await peer.SendAsync(request, version, terms.Config().RequestTimeout);
        return response.Topics is [{ Partitions: [var told] }]
            ? (told.ErrorCode, told.Offset)
            : (ErrorCode.UnknownServerError, Offset.None);
    }
}
