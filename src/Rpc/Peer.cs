using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Rpc;

/// <summary>One connection to a broker: requests are pipelined, and answers come in their order.</summary>
/// <remarks>The public members may be called from any lane; the state belongs to the peer's own. When the connection is
/// lost, or an answer is late, everything that waits fails with <see cref="PeerLostException"/> and the peer is of no
/// more use. The task of a request completes only after the socket has let go of the request's bytes, so memory behind
/// a <see cref="RecordBytes"/> may be reused from then on, never before.</remarks>
public sealed class Peer : IAsyncDisposable
{
    private readonly PeerOptions _options;
    private readonly TimeProvider _time;
    private readonly Exchange _exchange;
    private int _correlationId;

    private Peer(Host host, IConnection connection, PeerOptions options)
    {
        _options = options;
        _time = host.Time;
        Remote = connection.Remote.ToString();
        _exchange = new Exchange(host, connection, options, Remote);
        Versions = new VersionRanges(new ApiVersionsResponse());
    }

    /// <summary>The other end's address and port.</summary>
    public string Remote { get; }

    /// <summary>What the peer serves.</summary>
    public VersionRanges Versions { get; private set; }

    /// <summary>True once the connection is lost: nothing more can be sent.</summary>
    public bool IsLost => _exchange.IsLost;

    /// <summary>When something was last sent, as a timestamp of the host's clock.</summary>
    public long LastUsed => _exchange.LastUsed;

    /// <summary>Requests that have not been answered yet.</summary>
    public int Outstanding => _exchange.Outstanding;

    /// <summary>Dials, and asks the peer which versions it serves.</summary>
    /// <exception cref="IOException">Nobody answers, or not in time.</exception>
    /// <exception cref="MalformedFrameException">What answers is no broker.</exception>
    public static async Task<Peer> DialAsync(
        Host host, string name, int port, PeerOptions options, CancellationToken stop = default)
    {
        using var deadline = new CancellationTokenSource(options.SetupTimeout, host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        IConnection connection;
        try
        {
            connection = await host.Network.DialAsync(name, port, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new PeerLostException(
                $"no connection to {name}:{port} within {options.SetupTimeout.TotalSeconds:0.#} s", true, false);
        }

        return await StartAsync(host, connection, options);
    }

    /// <summary>Takes over a connection, and asks the peer which versions it serves.</summary>
    /// <exception cref="IOException">The connection is lost, or the answer is late.</exception>
    /// <exception cref="MalformedFrameException">What answers is no broker.</exception>
    public static async Task<Peer> StartAsync(Host host, IConnection connection, PeerOptions options)
    {
        var peer = new Peer(host, connection, options);
        peer._exchange.Start();
        try
        {
            peer.Versions = await Handshake.RunAsync(peer, options);
        }
        catch (Exception fault) when (fault is IOException or MalformedFrameException)
        {
            await peer.DisposeAsync();
            throw;
        }

        return peer;
    }

    /// <summary>The newest version of a request that both sides speak, within the bounds given.</summary>
    /// <param name="version">The version; -1 where there is none.</param>
    /// <param name="first">The oldest that will do; the request's own oldest if null.</param>
    /// <param name="last">The newest that will do; the request's own newest if null.</param>
    public bool TryChoose<TRequest>(out short version, short? first = null, short? last = null)
        where TRequest : IApiMessage<TRequest> =>
        Versions.TryChoose(
            TRequest.ApiKey, first ?? TRequest.FirstVersion, last ?? TRequest.LastVersion, out version);

    /// <summary>Sends a request and completes with its answer, which owns its memory.</summary>
    /// <exception cref="PeerLostException">The connection was lost, or the answer was late.</exception>
    public Task<TResponse> SendAsync<TRequest, TResponse>(
        IRequest<TRequest, TResponse> request, short version, TimeSpan timeout)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse> =>
        AskAsync<TRequest, TResponse>((TRequest)request, version, timeout, TResponse.Read);

    /// <summary>As <c>SendAsync</c>, with the answer's bytes in a pooled frame that the caller gives back.</summary>
    /// <exception cref="PeerLostException">The connection was lost, or the answer was late.</exception>
    public Task<Leased<TResponse>> SendLeasedAsync<TRequest, TResponse>(
        IRequest<TRequest, TResponse> request, short version, TimeSpan timeout)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        var id = Interlocked.Increment(ref _correlationId);
        var frame = Encode<TRequest>((TRequest)request, version, id);
        var pending = new LeasedRequest<TResponse>(frame, id, Deadline(timeout), version);
        _exchange.Post(pending);
        return pending.Task;
    }

    /// <summary>Sends a request that has no answer (Produce with acks=0) and completes when it has left.</summary>
    /// <exception cref="PeerLostException">The connection was lost.</exception>
    public Task SendOneWayAsync<TRequest>(TRequest request, short version, TimeSpan timeout)
        where TRequest : IApiMessage<TRequest>
    {
        var id = Interlocked.Increment(ref _correlationId);
        var pending = new OneWayRequest(Encode(request, version, id), id, Deadline(timeout));
        _exchange.Post(pending);
        return pending.Task;
    }

    /// <summary>Closes the connection; what waits fails, and the task completes after it.</summary>
    public ValueTask DisposeAsync() => new(_exchange.CloseAsync());

    internal Task<TResponse> AskAsync<TRequest, TResponse>(
        TRequest request, short version, TimeSpan timeout, ReadAnswer<TResponse> read)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        var id = Interlocked.Increment(ref _correlationId);
        var frame = Encode(request, version, id);
        var pending = new PendingRequest<TResponse>(frame, id, Deadline(timeout), version, read);
        _exchange.Post(pending);
        return pending.Task;
    }

    private OutgoingFrame Encode<TRequest>(TRequest request, short version, int correlationId)
        where TRequest : IApiMessage<TRequest>
    {
        var header = new RequestHeader
        {
            RequestApiKey = (short)TRequest.ApiKey,
            RequestApiVersion = version,
            CorrelationId = correlationId,
            ClientId = _options.ClientId,
        };
        var frame = new OutgoingFrame();
        frame.Write(header, TRequest.IsFlexible(version) ? (short)2 : (short)1);
        frame.Write(request, version);
        return frame;
    }

    private long Deadline(TimeSpan timeout) =>
        _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);
}
