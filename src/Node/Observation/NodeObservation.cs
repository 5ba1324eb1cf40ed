using System.Net;
using System.Reflection;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Http;
using Barnabas.Metrics;
using Barnabas.Node.Configuration;
using Barnabas.Server;
using Barnabas.Server.Apis;
using Microsoft.Extensions.Logging;

namespace Barnabas.Node;

/// <summary>What a node lets be seen of itself: what it measures, whether it is alive, whether it serves.</summary>
/// <remarks>It is there before anything else of the node, so that a long recovery can be watched.</remarks>
public sealed partial class NodeObservation : IAsyncDisposable
{
    /// <summary>The name of the source of the requests' spans.</summary>
    public const string SpanSource = SocketServer.SpanSource;

    private readonly Health _health;
    private HttpServer? _pages;

    private NodeObservation(Host host)
    {
        _health = new Health(host);
        var begun = host.Time.GetTimestamp();
        Metrics.Add(
        [
            MetricFamily.Of(
                "kafka.server.kafkaserver.brokerstate", MetricKind.Gauge, "1",
                "How far the node has come: 1 starts, 2 recovers its logs, 3 serves, 7 stops.", () => (int)Stage),
            MetricFamily.Of(
                "barnabas.uptime_seconds", MetricKind.Gauge, "s", "How long the node has been running.",
                () => host.Time.GetElapsedTime(begun).TotalSeconds),
        ]);
    }

    /// <summary>All that is measured. Whoever runs the node may add what it knows of the process.</summary>
    public MetricCatalogue Metrics { get; } = new();

    /// <summary>Where the pages are; null where they are off.</summary>
    public IPEndPoint? EndPoint => _pages?.Local;

    /// <summary>How far the node has come.</summary>
    public BrokerStage Stage
    {
        get => _health.Stage;
        internal set => _health.Stage = value;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_pages is { } pages)
            await pages.DisposeAsync();
    }

    /// <summary>Begins, and serves the pages where the configs want them.</summary>
    /// <exception cref="IOException">The address cannot be had, and it was asked for by name.</exception>
    internal static async Task<NodeObservation> StartAsync(Host host, ServerConfigs server, string listener)
    {
        var observation = new NodeObservation(host);
        if (HttpAddress.Parse(listener) is not { } address)
            return observation;
        var log = host.Log.CreateLogger<NodeObservation>();
        try
        {
            var at = address.TryGetAddress(out var literal)
                ? literal
                : new IPEndPoint(
                    (await host.Network.ResolveAsync(address.Host, CancellationToken.None))[0], address.Port);
            var pages = new Pages(observation.Metrics, observation._health);
            observation._pages = new HttpServer(host, at, new HttpLimits(), pages.ServeAsync);
            SayWhere(log, observation._pages.Local);
        }
        catch (IOException fault) when (!server.Values.ContainsKey(BrokerConfigNames.BarnabasHttpListener))
        {
            SayTaken(log, fault.Message);
        }

        return observation;
    }

    /// <summary>Shows these parts from now on.</summary>
    internal void Watch(ObservedParts parts)
    {
        _health.Watch(parts);
        var broker = parts.Broker;
        Metrics.Add([IdentityOf(broker)]);
        Metrics.Add(parts.Server.Metrics);
        Metrics.Add(TopicFamilies.Of(broker.Replicas.Traffic));
        Metrics.Add(LogFamilies.Of(broker.Replicas));
        Metrics.Add(CompactionFamilies.Of(broker.Replicas));
        Metrics.Add(ReplicaFamilies.Of(broker));
        Metrics.Add(ReplicationFamilies.Of(broker.Replicas));
        Metrics.Add(ClusterFamilies.Of(broker));
    }

    private static MetricFamily IdentityOf(Broker broker)
    {
        var version = typeof(NodeObservation).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return new(
            "barnabas.info", MetricKind.Gauge, "1", "Always 1; its labels say which node and version this is.",
            ["version", "node_id", "cluster_id"], sink => sink.Add(1, version, broker.Id.ToString(), broker.ClusterId));
    }

    [LoggerMessage(LogLevel.Information, "Metrics, health and readiness are at http://{Address}/")]
    private static partial void SayWhere(ILogger log, IPEndPoint address);

    [LoggerMessage(
        LogLevel.Warning,
        "No pages for metrics and health: {Reason}. Set barnabas.http.listener to another address, or to nothing")]
    private static partial void SayTaken(ILogger log, string reason);
}
