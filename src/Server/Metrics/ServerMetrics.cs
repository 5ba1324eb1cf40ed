using Barnabas.Base;
using Barnabas.Metrics;

namespace Barnabas.Server;

/// <summary>What the server measures of requests and connections. Safe from any lane.</summary>
/// <param name="time">What request times are measured by.</param>
/// <param name="memoryUsed">The memory that requests take now, in bytes.</param>
/// <param name="memoryLimit">The most they may take.</param>
internal sealed class ServerMetrics(TimeProvider time, Func<long> memoryUsed, long memoryLimit)
{
    // Room for every key there is: they are small numbers, and only those served come here.
    private readonly ApiMetrics?[] _apis = new ApiMetrics?[256];
    private readonly RequestHistograms _histograms = new(time);
    private PersistentMap<string, ListenerMetrics> _listeners =
        PersistentMap<string, ListenerMetrics>.Empty(StringComparer.Ordinal);

    /// <summary>Who is connected.</summary>
    internal ClientSoftware Software { get; } = new();

    /// <summary>All that is measured.</summary>
    internal IEnumerable<MetricFamily> Families =>
        [.. _histograms.All, .. OfRequests(), .. OfConnections(), .. OfMemory()];

    /// <summary>What is measured of an API; from its first request on.</summary>
    internal ApiMetrics Of(ApiEntry api) =>
        Volatile.Read(ref _apis[(int)api.Key]) ?? Begin(api);

    /// <summary>What is measured of a listener.</summary>
    internal ListenerMetrics Of(string listener)
    {
        while (true)
        {
            var before = Volatile.Read(ref _listeners);
            if (before.TryGetValue(listener, out var known))
                return known;
            Interlocked.CompareExchange(ref _listeners, before.With(listener, new ListenerMetrics()), before);
        }
    }

    // A race makes a second one of an API, which nobody gets to see but the histograms; so its series are made only
    // by the first.
    private ApiMetrics Begin(ApiEntry api)
    {
        var mine = new ApiMetrics(api, _histograms);
        var first = Interlocked.CompareExchange(ref _apis[(int)api.Key], mine, null) ?? mine;
        if (ReferenceEquals(first, mine))
            mine.Show();
        return first;
    }

    private IEnumerable<MetricFamily> OfRequests()
    {
        yield return new(
            "kafka.network.requestmetrics.requests", MetricKind.Counter, "{request}", "Requests received.",
            ["request", "version"], sink => EachApi(api => api.CollectRequests(sink)));
        yield return new(
            "kafka.network.requestmetrics.errors", MetricKind.Counter, "{error}",
            "Error codes in answers, NONE among them: one for each topic or partition an answer speaks of.",
            ["request", "error"], sink => EachApi(api => api.CollectErrors(sink)));
        yield return new(
            "barnabas.network.responsebytes", MetricKind.Counter, "By", "Bytes of answers.", ["request"],
            sink => EachApi(api => sink.Add(api.ResponseBytes, api.Name)));
    }

    private IEnumerable<MetricFamily> OfConnections()
    {
        yield return OfListeners(
            "kafka.server.socketservermetrics.connection_count", MetricKind.Gauge, "Open connections.",
            l => l.Opened.Value - l.Closed.Value);
        yield return OfListeners(
            "kafka.server.socketservermetrics.connection_creation", MetricKind.Counter, "Connections let in.",
            l => l.Opened.Value);
        yield return OfListeners(
            "kafka.server.socketservermetrics.connection_close", MetricKind.Counter, "Connections that have ended.",
            l => l.Closed.Value);
        yield return OfListeners(
            "kafka.network.socketserver.expiredconnectionskilled", MetricKind.Counter,
            "Connections cut because the client kept the node waiting.", l => l.Expired.Value);
        yield return OfListeners(
            "barnabas.network.connections_refused", MetricKind.Counter,
            "Connections turned away at a limit, or closed for bytes that are no request.", l => l.Refused.Value);
        yield return new(
            "kafka.server.socketservermetrics.connections", MetricKind.Gauge, "{connection}",
            "Open connections by what the client says it is (KIP-511); rare ones together as other.",
            ["listener", "client_software_name", "client_software_version"], Software.Collect);
    }

    private IEnumerable<MetricFamily> OfMemory()
    {
        yield return MetricFamily.Of(
            "kafka.network.socketserver.memorypoolused", MetricKind.Gauge, "By",
            "Memory of requests that are being received or served.", () => memoryUsed());
        yield return MetricFamily.Of(
            "kafka.network.socketserver.memorypoolavailable", MetricKind.Gauge, "By",
            "Memory left for requests (queued.max.request.bytes).", () => Math.Max(0, memoryLimit - memoryUsed()));
    }

    private MetricFamily OfListeners(string name, MetricKind kind, string meaning, Func<ListenerMetrics, long> value) =>
        new(name, kind, "{connection}", meaning, ["listener"], sink =>
        {
            foreach (var (listener, measured) in Volatile.Read(ref _listeners))
                sink.Add(value(measured), listener);
        });

    private void EachApi(Action<ApiMetrics> use)
    {
        for (var i = 0; i < _apis.Length; i++)
        {
            if (Volatile.Read(ref _apis[i]) is { } api)
                use(api);
        }
    }
}
