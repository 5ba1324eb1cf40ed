using System.Net;
using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Http;

/// <summary>Serves pages that are only read: GET and HEAD over HTTP/1.1, for scrapers and health checks.</summary>
/// <remarks>Every connection has a lane and a deadline of its own, and there is a limit to each thing a client can make
/// it hold. Safe from any lane.</remarks>
public sealed class HttpServer : IAsyncDisposable
{
    private readonly Host _host;
    private readonly HttpLimits _limits;
    private readonly Func<HttpRequest, Task<HttpResponse>> _serve;
    private readonly Lane _lane;
    private readonly ILogger _log;
    private readonly IListener _listener;
    private readonly HashSet<HttpConnection> _connections = [];
    private readonly Task _accepting;
    private TaskCompletionSource? _empty;
    private bool _stopping;

    /// <summary>Listens, and serves from now on.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="at">Where; port 0 takes a free one.</param>
    /// <param name="limits">What clients may make it cost.</param>
    /// <param name="serve">Answers a request, on the lane of its connection; HEAD as GET.</param>
    /// <exception cref="IOException">The address cannot be had.</exception>
    public HttpServer(Host host, IPEndPoint at, HttpLimits limits, Func<HttpRequest, Task<HttpResponse>> serve)
    {
        (_host, _limits, _serve) = (host, limits, serve);
        _log = host.Log.CreateLogger<HttpServer>();
        _listener = host.Network.Listen(at);
        _lane = host.Lanes.NewLane("http");
        _accepting = _lane.BeginAsync(AcceptAsync);
    }

    /// <summary>Where it listens, the port resolved.</summary>
    public IPEndPoint Local => _listener.Local;

    /// <summary>Lets nobody in any more and cuts who is there.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _accepting;
        await _lane.RunAsync(async () =>
        {
            _stopping = true;
            _empty = new TaskCompletionSource();
            foreach (var connection in _connections)
                connection.Abort();
            if (_connections.Count > 0)
                await _empty.Task;
        });
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } arrived)
        {
            if (_connections.Count >= _limits.MaxConnections || _stopping)
                arrived.Abort();
            else
                _ = Lane.BeginHereAsync(() => ServeAsync(new HttpConnection(_host, arrived, _limits, _serve, _log)));
        }
    }

    // The server owns the connection until it has ended: it stays in the set, and DisposeAsync waits for the set.
    private async Task ServeAsync(HttpConnection connection)
    {
        _connections.Add(connection);
        await connection.RunAsync();
        _connections.Remove(connection);
        if (_connections.Count == 0)
            _empty?.TrySetResult();
    }
}
