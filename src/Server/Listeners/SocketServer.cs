using System.Net;
using Barnabas.Base;
using Barnabas.Metrics;

namespace Barnabas.Server;

/// <summary>Serves an <see cref="ApiTable"/> at one or more listeners.</summary>
/// <remarks>First the listeners are bound, so that their ports are known and taken; clients are let in by
/// <see cref="Open"/>. Safe from any lane.</remarks>
public sealed class SocketServer : IAsyncDisposable
{
    /// <summary>The name of the source of the requests' spans.</summary>
    public const string SpanSource = "Barnabas.Server";

    private const int MostHeldBack = 1000;
    private readonly Host _host;
    private readonly SocketServerOptions _options;
    private readonly Lane _lane;
    private readonly Pipeline _pipeline;
    private readonly RequestMemory _memory;
    private readonly ServerMetrics _metrics;
    private readonly ConnectionLog _log;
    private readonly ConnectionCounts _counts;
    private readonly SilentConnections _silent;
    private readonly ConnectionRates _rates;
    private readonly Action<Exception> _halt;
    private readonly List<(ListenerOptions Options, IListener Listener)> _listeners = [];
    private readonly Dictionary<long, Connection> _connections = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly List<Task> _acceptors = [];
    private TaskCompletionSource? _empty;
    private long _lastId;
    private int _heldBack;
    private bool _stopping;

    /// <summary>A server without listeners.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="apis">What is served.</param>
    /// <param name="options">What clients may cost together.</param>
    /// <param name="halt">Called when the program has contradicted itself: the node must stop.</param>
    public SocketServer(Host host, ApiTable apis, SocketServerOptions options, Action<Exception> halt)
    {
        (_host, _options, _halt) = (host, options, halt);
        _lane = host.Lanes.NewLane("acceptors");
        _memory = new RequestMemory(host, options.RequestMemory, options.PoisonReleasedMemory);
        _metrics = new ServerMetrics(host.Time, () => _memory.Used, options.RequestMemory);
        _pipeline = new Pipeline(apis, host.Time, _metrics);
        _log = new ConnectionLog(host);
        _counts = new ConnectionCounts(options);
        _silent = new SilentConnections(options.MaxSilentConnections);
        _rates = new ConnectionRates(host.Time, options.Quotas);
    }

    /// <summary>The memory that requests take now, in bytes.</summary>
    public long RequestMemoryUsed => _memory.Used;

    /// <summary>What is measured of requests and connections.</summary>
    public IEnumerable<MetricFamily> Metrics => _metrics.Families;

    /// <summary>Takes an address; nobody is let in yet. Before <see cref="Open"/>.</summary>
    /// <returns>The address, its port resolved.</returns>
    /// <exception cref="IOException">The address cannot be had.</exception>
    public IPEndPoint Bind(ListenerOptions options)
    {
        var listener = _host.Network.Listen(options.EndPoint, options.Sockets);
        _listeners.Add((options, listener));
        return listener.Local;
    }

    /// <summary>Lets clients in at all that is bound.</summary>
    public void Open() => _lane.Post(() =>
    {
        foreach (var (options, listener) in _listeners)
            _acceptors.Add(Lane.BeginHereAsync(() => AcceptAsync(options, listener)));
    });

    /// <summary>Takes over other limits on the number of connections; what else the options say stays as it was.
    /// Where there are more connections than may be, those that have been silent longest are closed.</summary>
    public void Limit(SocketServerOptions options) => _lane.Post(() =>
    {
        _counts.Limits = options;
        if (_counts.Excess is > 0 and var excess)
        {
            foreach (var connection in _connections.Values.OrderBy(c => c.LastHeard).Take(excess).ToList())
                connection.Drain();
        }
    });

    /// <summary>How many connections there are.</summary>
    public Task<int> CountAsync() => _lane.RunAsync(() => _counts.All);

    /// <summary>Lets nobody in any more, answers what is under way, and closes.</summary>
    /// <param name="grace">How long what is under way may take; after that connections are cut.</param>
    public Task StopAsync(TimeSpan grace) => _lane.RunAsync(async () =>
    {
        _stopping = true;
        foreach (var (_, listener) in _listeners)
            await listener.DisposeAsync();
        await Task.WhenAll(_acceptors);
        LetGo();
        _empty = new TaskCompletionSource();
        foreach (var connection in _connections.Values)
            connection.Drain();
        if (_connections.Count > 0)
            await CutAfterAsync(grace, _empty.Task);
    });

    /// <summary>Stops at once.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero);

    private void LetGo() => _stopped.Cancel();

    private async Task CutAfterAsync(TimeSpan grace, Task empty)
    {
        using var deadline = new CancellationTokenSource(grace, _host.Time);
        await empty.WaitAsync(deadline.Token).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        foreach (var connection in _connections.Values)
            connection.Abort();
        await empty;
    }

    private async Task AcceptAsync(ListenerOptions options, IListener listener)
    {
        var parts = new ServerParts(_host, _pipeline, _memory, options.Limits, _metrics, _log, _options.Quotas);
        while (await listener.AcceptAsync() is { } arrived)
        {
            var wait = _rates.Open(arrived.Remote.Address);
            var refusal = _stopping ? "the server stops"
                : wait > TimeSpan.Zero ? "its address opens connections too fast (connection_creation_rate)"
                : _counts.TryAdd(options.Name, arrived.Remote.Address);
            if (refusal is null)
            {
                _ = ServeAsync(options, arrived, parts);
                continue;
            }

            _log.Refused(options.Name, arrived.Remote, refusal);
            _metrics.Of(options.Name).Refused.Add();
            if (wait > TimeSpan.Zero && _heldBack < MostHeldBack)
                _ = AbortAfterAsync(wait, arrived);
            else
                arrived.Abort();
        }
    }

    // Who is refused at once would try again at once (KIP-612). All of these end when the server stops.
    private async Task AbortAfterAsync(TimeSpan wait, IConnection arrived)
    {
        _heldBack++;
        var whole = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        await Task.Delay(whole, _host.Time, _stopped.Token).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _heldBack--;
        arrived.Abort();
    }

    // The server owns the connection until it has ended: it stays in the list, and StopAsync waits for the
    // list.
    private async Task ServeAsync(ListenerOptions options, IConnection arrived, ServerParts parts)
    {
        var id = ++_lastId;
        LinkedListNode<Connection>? silent = null;
        var connection = new Connection(
            id, options.Name, arrived, parts, proven: () => _lane.Post(() => _silent.Remove(silent!)));
        silent = _silent.Add(connection);
        _connections.Add(id, connection);
        _metrics.Of(options.Name).Opened.Add();
        try
        {
            await connection.RunAsync();
        }
        catch (Exception fault)
        {
            _halt(fault);
        }

        _connections.Remove(id);
        _silent.Remove(silent);
        _counts.Remove(options.Name, arrived.Remote.Address);
        _metrics.Of(options.Name).Closed.Add();
        if (_connections.Count == 0)
            _empty?.TrySetResult();
    }
}
