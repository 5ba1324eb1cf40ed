using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire;
using Microsoft.Extensions.Logging;

namespace Barnabas.Client;

/// <summary>What producers, readers and the admin side share: connections, metadata, and calls with retries.</summary>
/// <remarks>Everything here runs on the client's one lane, unless it says otherwise; callers of the public API are
/// never captured into it, for they only ever wait for tasks that complete asynchronously.</remarks>
internal sealed partial class ClientCore : IAsyncDisposable
{
    /// <summary>The use of connections for everything that does not wait at the broker.</summary>
    public const int SharedUse = 0;

    private readonly BrokerAddress[] _bootstrap;
    private readonly ILogger _log;
    private long _unreachableSince;
    private int _turn;

    public ClientCore(KafkaClientOptions options, Host host)
    {
        (Options, Host) = (options, host);
        _log = host.Log.CreateLogger("Barnabas.Client");
        _bootstrap = [.. options.BootstrapServers.Select(BrokerAddress.Parse)];
        if (_bootstrap.Length == 0)
            throw new KafkaException(ErrorCode.InvalidConfig, "bootstrap.servers names no broker");
        Lane = host.Lanes.NewLane("client");
        PeerOptions = new PeerOptions { ClientId = options.ClientId, SetupTimeout = options.SetupTimeout };
        Connections = new ConnectionPool(this);
        Metadata = new MetadataCache(this);
        Coordinators = new Coordinators(this, CoordinatorKind.Group);
        TransactionCoordinators = new Coordinators(this, CoordinatorKind.Transaction);
    }

    public KafkaClientOptions Options { get; }

    public Host Host { get; }

    public Lane Lane { get; }

    public PeerOptions PeerOptions { get; }

    public ConnectionPool Connections { get; }

    public MetadataCache Metadata { get; }

    /// <summary>Who coordinates groups.</summary>
    public Coordinators Coordinators { get; }

    /// <summary>Who coordinates transactions.</summary>
    public Coordinators TransactionCoordinators { get; }

    /// <summary>The deadline of a call that has none of its own. Any lane.</summary>
    public Deadline ApiDeadline() => Deadline.In(Host.Time, Options.ApiTimeout);

    /// <summary>The pause after the given number of failures. Any lane.</summary>
    public TimeSpan Backoff(int failures) =>
        Client.Backoff.After(failures, Options.RetryBackoff, Options.RetryBackoffMax, Host.Random);

    /// <summary>Waits.</summary>
    public Task DelayAsync(TimeSpan time) => Task.Delay(time, Host.Time);

    /// <summary>Owns work nobody waits for: what fails there is logged.</summary>
    public async Task Guard(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception fault) when (fault is KafkaException or IOException)
        {
            LogBackground(fault.Message);
        }
        catch (ObjectDisposedException)
        {
            // The client was closed in the meantime: nobody needs the work any more.
        }
    }

    /// <summary>Tries each bootstrap server once; the first that answers will do.</summary>
    /// <exception cref="BrokersUnreachableException">None does.</exception>
    public async Task ProbeAsync()
    {
        IOException? last = null;
        foreach (var address in _bootstrap)
        {
            try
            {
                await Connections.GetAsync(address, SharedUse);
                return;
            }
            catch (IOException fault)
            {
                last = fault;
            }
        }

        throw Unreachable(last);
    }

    /// <summary>Sends a request to whichever broker is at hand, again and again until the deadline.</summary>
    public async Task<TResponse> CallAnyAsync<TRequest, TResponse>(
        IRequest<TRequest, TResponse> request, Deadline deadline, Func<TResponse, ErrorCode>? errorOf = null,
        Action<short>? shape = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse> =>
        await CallAsync(AnyBroker, request, deadline, errorOf, shape);

    /// <summary>Sends a request to one broker, again and again until the deadline.</summary>
    public async Task<TResponse> CallBrokerAsync<TRequest, TResponse>(
        BrokerId broker, IRequest<TRequest, TResponse> request, Deadline deadline,
        Func<TResponse, ErrorCode>? errorOf = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse> =>
        await CallAsync(() => Metadata.View.Broker(broker), request, deadline, errorOf);

    /// <summary>Sends a request to whoever leads a partition, again and again until the deadline.</summary>
    public async Task<TResponse> CallLeaderAsync<TRequest, TResponse>(
        TopicPartition partition, IRequest<TRequest, TResponse> request, Deadline deadline,
        Func<TResponse, ErrorCode> errorOf)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse> =>
        await CallAsync(
            () => Metadata.View.Partition(partition) is { } known ? Metadata.View.Broker(known.Leader) : null,
            request, deadline, errorOf);

    /// <summary>Sends a request to one broker, once.</summary>
    /// <exception cref="IOException">It cannot be reached, or is lost.</exception>
    public async Task<TResponse> CallBrokerOnceAsync<TRequest, TResponse>(
        BrokerId broker, IRequest<TRequest, TResponse> request, Deadline deadline)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        var address = Metadata.View.Broker(broker)
            ?? throw new PeerLostException($"broker {broker} is not known", false, false);
        var peer = await Connections.GetAsync(address, SharedUse);
        return await SendAsync(peer, request, deadline.Bound(Options.RequestTimeout));
    }

    /// <summary>Sends a request to the controller, or to any broker while none is known.</summary>
    public async Task<TResponse> CallControllerAsync<TRequest, TResponse>(
        IRequest<TRequest, TResponse> request, Deadline deadline, Func<TResponse, ErrorCode>? errorOf = null,
        Action<short>? shape = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse> =>
        await CallAsync(
            () => Metadata.View.Broker(Metadata.View.Controller) ?? AnyBroker(), request, deadline, errorOf, shape);

    /// <summary>A request over a connection that stands, in the newest version both sides speak.</summary>
    /// <param name="peer">The connection.</param>
    /// <param name="request">The request.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <param name="shape">Told the version before the request is written, to fit the request to it.</param>
    /// <param name="last">The newest version that will do; null for the request's own newest.</param>
    /// <exception cref="KafkaException">There is no such version, or none that can carry what the request
    /// says.</exception>
    public static async Task<TResponse> SendAsync<TRequest, TResponse>(
        Peer peer, IRequest<TRequest, TResponse> request, TimeSpan timeout, Action<short>? shape = null,
        short? last = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        if (!peer.TryChoose<TRequest>(out var version, last: last))
            throw new KafkaException(ErrorCode.UnsupportedVersion, $"{peer.Remote} does not serve {TRequest.ApiKey}");
        shape?.Invoke(version);
        try
        {
            return await peer.SendAsync(request, version, timeout);
        }
        catch (UnrepresentableFieldException fault)
        {
            throw new KafkaException(ErrorCode.UnsupportedVersion, fault.Message, fault);
        }
    }

    /// <summary>The exception of a connection that failed.</summary>
    public static KafkaException Lost(IOException fault) => new(
        fault is PeerLostException { TimedOut: true } ? ErrorCode.RequestTimedOut : ErrorCode.NetworkException,
        fault.Message, fault)
    {
        MayHaveBeenApplied = fault is PeerLostException { MayHaveArrived: true },
    };

    public async ValueTask DisposeAsync() => await Connections.DisposeAsync();

    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        Func<BrokerAddress?> pick, IRequest<TRequest, TResponse> request, Deadline deadline,
        Func<TResponse, ErrorCode>? errorOf, Action<short>? shape = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        for (var attempt = 0; ; attempt++)
        {
            var address = pick();
            var pause = Backoff(attempt);
            try
            {
                if (address is null)
                    throw new PeerLostException("the broker is not known", false, false);
                var peer = await Connections.GetAsync(address, SharedUse);
                var answer = await SendAsync(peer, request, deadline.Bound(Options.RequestTimeout), shape);
                _unreachableSince = 0;
                var code = errorOf?.Invoke(answer) ?? ErrorCode.None;
                if (!code.IsRetriable() || deadline.Left <= pause)
                    return answer;
                if (code.WantsFreshMetadata() || code == ErrorCode.NotController)
                    await Metadata.RefreshAsync(deadline);
            }
            catch (IOException fault)
            {
                NoteUnreachable();
                if (deadline.Left <= pause)
                    throw fault is PeerLostException { MayHaveArrived: true } ? Lost(fault) : Unreachable(fault);
            }

            await DelayAsync(pause);
        }
    }

    /// <summary>The broker with the fewest requests under way; else one that may be dialled; else a bootstrap
    /// server.</summary>
    private BrokerAddress AnyBroker()
    {
        var known = Metadata.View.Brokers;
        var all = known.Count == 0 ? _bootstrap : (IReadOnlyCollection<BrokerAddress>)known;
        BrokerAddress? best = null;
        var least = int.MaxValue;
        foreach (var address in all.Concat(_bootstrap))
        {
            if (Connections.Load(address, SharedUse) is { } load && load < least)
                (best, least) = (address, load);
        }

        if (best is not null)
            return best;
        var candidates = all.Where(a => Connections.IsReady(a, SharedUse)).ToList();
        return candidates.Count > 0
            ? candidates[_turn++ % candidates.Count]
            : all.ElementAt(_turn++ % all.Count);
    }

    private void NoteUnreachable()
    {
        if (_unreachableSince == 0)
        {
            _unreachableSince = Host.Time.GetTimestamp();
        }
        else if (Options.Rebootstrap && Metadata.View.Brokers.Count > 0
            && Host.Time.GetElapsedTime(_unreachableSince) > Options.RebootstrapAfter)
        {
            _unreachableSince = Host.Time.GetTimestamp();
            Metadata.Rebootstrap();
        }
    }

    private BrokersUnreachableException Unreachable(IOException? fault) => new(
        [.. (Metadata.View.Brokers.Count > 0 ? Metadata.View.Brokers : _bootstrap).Select(a => a.ToString())],
        fault?.Message ?? "nobody answers", fault);

    [LoggerMessage(Level = LogLevel.Debug, Message = "work in the background failed: {Reason}")]
    private partial void LogBackground(string reason);
}
