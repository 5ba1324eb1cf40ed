using System.Diagnostics.Metrics;

namespace Barnabas.Server;

/// <summary>What the server counts. Costs next to nothing while nobody listens.</summary>
internal sealed class ServerMetrics : IDisposable
{
    private readonly Meter _meter = new(typeof(ServerMetrics).Namespace ?? "");
    private readonly Counter<long> _requests;
    private readonly Counter<long> _bytesIn;
    private readonly Counter<long> _bytesOut;
    private readonly Histogram<double> _time;
    private readonly UpDownCounter<int> _connections;
    private readonly Counter<long> _refused;

    internal ServerMetrics()
    {
        _requests = _meter.CreateCounter<long>("requests", "{request}", "Requests received, by API.");
        _bytesIn = _meter.CreateCounter<long>("bytes.in", "By", "Bytes of requests, by API.");
        _bytesOut = _meter.CreateCounter<long>("bytes.out", "By", "Bytes of answers, by API.");
        _time = _meter.CreateHistogram<double>(
            "request.time", "s", "From a request's last byte to its answer being ready, by API.");
        _connections =
            _meter.CreateUpDownCounter<int>("connections", "{connection}", "Open connections, by listener.");
        _refused = _meter.CreateCounter<long>(
            "connections.refused", "{connection}", "Connections cut, by listener.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void Received(ApiEntry api, int bytes)
    {
        if (_requests.Enabled)
            _requests.Add(1, Api(api.Name));
        if (_bytesIn.Enabled)
            _bytesIn.Add(bytes, Api(api.Name));
    }

    internal void Answered(RequestContext request, long bytes, TimeProvider time)
    {
        if (_bytesOut.Enabled)
            _bytesOut.Add(bytes, Api(request.ApiKey.ToString()));
        if (_time.Enabled)
        {
            _time.Record(
                time.GetElapsedTime(request.ReceivedAt).TotalSeconds, Api(request.ApiKey.ToString()));
        }
    }

    internal void Opened(string listener) => _connections.Add(1, Listener(listener));

    internal void Closed(string listener) => _connections.Add(-1, Listener(listener));

    internal void Refused(string listener) => _refused.Add(1, Listener(listener));

    private static KeyValuePair<string, object?> Api(string name) => new("api", name);

    private static KeyValuePair<string, object?> Listener(string name) => new("listener", name);
}
